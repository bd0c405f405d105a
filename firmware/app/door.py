# Driver of the door contact: a hall sensor that pulls low while the magnet of a shut door is near.
#
# signal | pin | direction | level
# hall   | DOOR_PIN | in, pull-up | 0 shut, 1 open (a cut wire reads open: reported, never trusted as shut)
from machine import Pin


class Door:
    def __init__(self, pin):
        self.pin = Pin(pin, Pin.IN, Pin.PULL_UP)

    def open(self):
        return self.pin.value() == 1
