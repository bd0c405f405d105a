# What the firmware finds instead of the chip's own module: which pins wake it out of a sleep.
import bridge

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True
# Only these can wake an ESP32-S3.
RTC_PINS = range(22)


def wake_on_ext1(pins, level):
    for pin in pins:
        if pin.number not in RTC_PINS:
            raise ValueError("invalid pin")
    bridge.wakeOn(",".join(str(pin.number) for pin in pins), level)


def gpio_deep_sleep_hold(enable):
    pass
