# Drivers of the two switches that tell how the case stands: door contact and bolt's feedback.
#
# signal | pin | direction | level
# hall   | DOOR_PIN | in, pull-up | 0 shut, 1 open (a cut wire reads open: reported, never trusted as shut)
# switch | BOLT_PIN | in, pull-up | 0 home, 1 away (a cut wire reads away: told as a fault, never trusted as locked)
from machine import Pin


class Door:
    """A hall sensor that pulls low while the magnet of a shut door is near."""

    def __init__(self, pin):
        self.pin = Pin(pin, Pin.IN, Pin.PULL_UP)

    def open(self):
        return self.pin.value() == 1


class Bolt:
    """Where the lock has one: a switch that the bolt closes when it is home."""

    def __init__(self, pin):
        self.pin = Pin(pin, Pin.IN, Pin.PULL_UP)

    def home(self):
        return self.pin.value() == 0
