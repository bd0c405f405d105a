# What the firmware's drivers find instead of an ESP32-S3: pins, UART, I2C, ADC, RTC memory, sleep and watchdog that lead
# to the simulation.
# `bridge` is the simulation's side (sim/src/case/board.ts); bytes cross as hex, for only text and numbers do.
import asyncio
import binascii

import bridge
from hx711_chip import CHIPS, CLOCK, SCK_PIN


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 2

    def __init__(self, number, mode=IN, pull=None, value=None):
        self.number = number
        self.mode = mode
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return CHIPS[self.number].data() if self.number in CHIPS else bridge.readPin(self.number)
        if self.mode != self.OUT:
            raise ValueError("an input was written to")
        if self.number == SCK_PIN:
            CLOCK.write(level)
        else:
            bridge.writePin(self.number, level)


class UART:
    def __init__(self, number, baudrate, tx=None, rx=None, rxbuf=256, txbuf=256):
        self.number = number

    def any(self):
        return bridge.uartAny(self.number)

    def read(self):
        return binascii.unhexlify(bridge.uartRead(self.number)) or None

    def write(self, data):
        bridge.uartWrite(self.number, binascii.hexlify(data).decode())
        return len(data)


class I2C:
    def __init__(self, number, scl, sda, freq=400000, timeout=50000):
        self.number = number

    def writeto(self, address, data):
        if not bridge.i2cWrite(address, binascii.hexlify(data).decode()):
            raise OSError(19)  # ENODEV: nobody acknowledged the address

    def writevto(self, address, parts):
        self.writeto(address, b"".join(bytes(part) for part in parts))

    def readfrom(self, address, count):
        data = binascii.unhexlify(bridge.i2cRead(address, count))
        if len(data) < count:
            raise OSError(19)
        return data

    def writeto_mem(self, address, register, data, addrsize=8):
        self.writeto(address, register.to_bytes(addrsize // 8, "big") + bytes(data))

    def readfrom_mem(self, address, register, count, addrsize=8):
        self.writeto(address, register.to_bytes(addrsize // 8, "big"))
        return self.readfrom(address, count)


class ADC:
    ATTN_11DB = 3
    FULL_SCALE_VOLTS = 3.3

    def __init__(self, pin):
        self.number = pin.number

    def atten(self, attenuation):
        pass

    def read_u16(self):
        return min(65535, int(bridge.volts(self.number) / self.FULL_SCALE_VOLTS * 65535))

    def read_uv(self):
        return int(min(bridge.volts(self.number), self.FULL_SCALE_VOLTS) * 1000000)


class RTC:
    MEMORY_MAX = 2048

    def memory(self, data=None):
        if data is None:
            return binascii.unhexlify(bridge.rtcRead())
        if len(data) > self.MEMORY_MAX:
            raise ValueError("buffer too long")
        bridge.rtcWrite(binascii.hexlify(data).decode())


class WDT:
    def __init__(self, timeout):
        bridge.watchdog(timeout)

    def feed(self):
        bridge.feed()


PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
EXT1_WAKE = 3
TIMER_WAKE = 4


def reset():
    bridge.reset()


def reset_cause():
    return bridge.resetCause()


def wake_reason():
    return bridge.wakeReason()


def lightsleep(ms):
    # The board would stand still; the simulation goes on, and counts what was slept.
    bridge.lightSleep(ms)


def deepsleep(ms):
    bridge.deepSleep(ms)
    # Waking is a reset, so nothing after this line ever runs; whoever owns the board ends the other tasks.
    raise asyncio.CancelledError()


def disable_irq():
    CLOCK.guard(True)
    return 0


def enable_irq(state):
    CLOCK.guard(False)
