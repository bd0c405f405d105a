# Drivers of what power hangs on: the line that tells whether mains is there, the load switch, the chip's sleep.
#
# signal      | pin | direction | level
# power-fail  | POWER_FAIL_PIN | in | 1 while mains is there (supply's power-good, or 12 V over a divider); 0: gone
# load switch | LOAD_SWITCH_PIN | out | 1: cells, display, light, voice have current; pull-down: off in deep sleep
# door        | DOOR_PIN | in | wakes when it goes high (open); needs an external pull-up to wake from deep sleep
#
# In deep sleep the chip's outputs float: the lock's gate and the load switch are held low by their resistors.
import esp32
import machine
from machine import Pin


class PowerPins:
    """`power_fail_pin` is None where nothing tells about mains."""

    def __init__(self, power_fail_pin, load_pin, door_pin):
        self.fail = None if power_fail_pin is None else Pin(power_fail_pin, Pin.IN)
        self.load_pin = Pin(load_pin, Pin.OUT, value=1)
        self.wakes = {"door": Pin(door_pin, Pin.IN, Pin.PULL_UP), "mains": self.fail}

    def mains(self):
        """True, False, or None where nothing tells."""
        return None if self.fail is None else self.fail.value() == 1

    def load(self, on):
        self.load_pin.value(1 if on else 0)

    def light(self, wake, ms):
        """Returns after `ms` or when one of `wake` goes high; everything else stands still meanwhile."""
        self._wake_on(wake)
        machine.lightsleep(ms)

    def deep(self, wake, ms):
        """Does not return: waking is a reset."""
        self._wake_on(wake)
        machine.deepsleep(ms)

    def _wake_on(self, names):
        pins = tuple(self.wakes[name] for name in names)
        esp32.wake_on_ext1(pins=pins, level=esp32.WAKEUP_ANY_HIGH)


def woken_by_timer():
    """True when nobody woke the chip out of deep sleep."""
    return machine.reset_cause() == machine.DEEPSLEEP_RESET and machine.wake_reason() == machine.TIMER_WAKE
