# Driver of the bolt's feedback, where the lock has one: a switch that the bolt closes when it is home.
#
# signal | pin | direction | level
# switch | BOLT_PIN | in, pull-up | 0 home, 1 away (a cut wire reads away: told as a fault, never trusted as locked)
from machine import Pin


class Bolt:
    def __init__(self, pin):
        self.pin = Pin(pin, Pin.IN, Pin.PULL_UP)

    def home(self):
        return self.pin.value() == 0
