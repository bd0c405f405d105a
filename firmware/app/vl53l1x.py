# Driver of a VL53L1X distance sensor over I2C (ST datasheet DS12385; registers as in ST's STSW-IMG009).
#
# signal | pin | direction | level
# SDA, SCL | TOF_SDA_PIN, TOF_SCL_PIN | open drain | 3.3 V
# XSHUT, GPIO1 | not connected (pulled up on the breakout) | |
#
# start() waits at most 150 ms, in slices; every access is bounded by the bus's own timeout. Whatever is not as it
# should be raises OSError.
import asyncio
import binascii
import errno
import time

ADDRESS = 0x29
MODEL_ID = 0xEACC
SOFT_RESET = 0x0000
OFFSET = 0x001E
OUTER_OFFSET = 0x0022
CONFIG_FIRST = 0x002D
DATA_READY = 0x0031
INTERRUPT_CLEAR = 0x0086
RESULT = 0x0089
BOOTED = 0x00E5
IDENTIFICATION = 0x010F

# Registers 0x2D to 0x87 as ST sets them for ranging up to 4 m about ten times a second. 0x30: the ready bit is active
# high. The last two clear the interrupt and start ranging.
CONFIG = binascii.unhexlify(
    "0000000102000208000810010100000000ff000f0000000000200b0000020a21"
    "00000500000000c8000038ff010008000001cc0f01f10d0168008008b8000000"
    "000f8900000000000000010f0d0e0e000002c7ff9b000000010140")
BOOT_MS = 100
# Ten a second; one that gives none for this long hangs.
SILENT_MS = 1000
# Range status in the low five bits of the result block: a good range. All others mean: nothing that reflects.
GOOD = 9


class VL53L1X:
    def __init__(self, i2c, address=ADDRESS):
        self.i2c = i2c
        self.address = address
        self.fresh_at = 0

    async def start(self):
        """Resets the sensor and lets it range."""
        if self._word(IDENTIFICATION) != MODEL_ID:
            raise OSError(errno.ENODEV)
        self._write(SOFT_RESET, b"\x00")
        await asyncio.sleep_ms(1)
        self._write(SOFT_RESET, b"\x01")
        began = time.ticks_ms()
        # The chip does not acknowledge its address for the first 1.2 ms.
        await asyncio.sleep_ms(2)
        while not self._read(BOOTED, 1)[0] & 1:
            if time.ticks_diff(time.ticks_ms(), began) > BOOT_MS:
                raise OSError(errno.ETIMEDOUT)
            await asyncio.sleep_ms(5)
        # Four times the module's own offset, as the registers count in quarters.
        offset = (self._word(OUTER_OFFSET) * 4) & 0xFFFF
        self._write(CONFIG_FIRST, CONFIG)
        self._write(OFFSET, bytes((offset >> 8, offset & 0xFF)))
        self.fresh_at = time.ticks_ms()

    def read(self):
        """(True, millimetres), (True, None) where nothing is in sight, or (False, None) while there is nothing new."""
        now = time.ticks_ms()
        if not self._read(DATA_READY, 1)[0] & 1:
            if time.ticks_diff(now, self.fresh_at) > SILENT_MS:
                raise OSError(errno.ETIMEDOUT)
            return False, None
        result = self._read(RESULT, 17)
        self._write(INTERRUPT_CLEAR, b"\x01")
        self.fresh_at = now
        return True, (result[13] << 8 | result[14]) if result[0] & 0x1F == GOOD else None

    def _word(self, register):
        high, low = self._read(register, 2)
        return high << 8 | low

    def _read(self, register, count):
        return self.i2c.readfrom_mem(self.address, register, count, addrsize=16)

    def _write(self, register, data):
        self.i2c.writeto_mem(self.address, register, data, addrsize=16)
