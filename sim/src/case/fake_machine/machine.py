# What the firmware's drivers find instead of an ESP32-S3: pins, UART, I2C, ADC and watchdog that lead to the simulation.
# `bridge` is the simulation's side (sim/src/case/board.ts); bytes cross as hex, for only text and numbers do.
import binascii

import bridge


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
            return HX711_CHIP.data() if self.number == bridge.dtPin else bridge.readPin(self.number)
        if self.mode != self.OUT:
            raise ValueError("an input was written to")
        if self.number == bridge.sckPin:
            HX711_CHIP.clock(level)
        else:
            bridge.writePin(self.number, level)


class Hx711Chip:
    """The other end of the two wires: shifts a conversion out, a bit for each rising edge of the clock."""

    PULSES = 25

    def __init__(self):
        self.level = 0
        self.pulse = 0
        self.word = 0

    def data(self):
        if self.pulse == 0:
            # DOUT is low when a conversion is ready, 80 times a second.
            return 0 if bridge.conversionReady() else 1
        return 1 if self.pulse > 24 else (self.word >> (24 - self.pulse)) & 1

    def clock(self, level):
        if level and not self.level:
            if self.pulse == 0:
                self.word = bridge.conversion() & 0xFFFFFF
            self.pulse += 1
        elif self.level and not level and self.pulse == self.PULSES:
            self.pulse = 0
        self.level = level


HX711_CHIP = Hx711Chip()


class UART:
    def __init__(self, number, baudrate, tx=None, rx=None, rxbuf=256):
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


class WDT:
    def __init__(self, timeout):
        bridge.watchdog(timeout)

    def feed(self):
        bridge.feed()


def reset():
    bridge.reset()


def disable_irq():
    return 0


def enable_irq(state):
    pass
