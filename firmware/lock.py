# Driver of the lock's MOSFET. Two kinds of lock; the safe level is the one that keeps the door shut or harms nobody.
#
# signal | pin | direction | level
# gate   | LOCK_PIN | out | power_to_unlock: 1 releases; power_to_lock: 0 releases
#
# The gate needs an external pull-down: pins float until boot.py has run.
from board import LOCK_PIN, LOCK_TYPE
from machine import Pin


class Lock:
    def __init__(self, pin, kind):
        if kind not in ("power_to_unlock", "power_to_lock"):
            raise ValueError("lock kind")
        self.released_level = 1 if kind == "power_to_unlock" else 0
        # The level is given with the mode, so that the pin is never an output at the other level.
        self.pin = Pin(pin, Pin.OUT, value=1 - self.released_level)

    def lock(self):
        self.pin.value(1 - self.released_level)

    def release(self):
        self.pin.value(self.released_level)


# Made when this module is first imported, which boot.py does before anything else.
lock = Lock(LOCK_PIN, LOCK_TYPE)
