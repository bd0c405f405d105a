# Driver of HX711 load cell amplifiers (Avia datasheet) on one clock: channel A, gain 128, RATE high, 80 conversions a second.
#
# signal | pin | direction | level
# PD_SCK | SCK_PIN | out | idles low; high for over 60 us powers every chip down
# DOUT   | DT_PINS, one a chip | in | low when a conversion is ready
#
# 24 bits, most significant first, then one pulse that chooses gain 128 for the next conversion and lets DOUT go high. The
# chips convert on clocks of their own; a shared read waits for the slowest, which is one conversion late at most.
import time

import machine
from conversions import SATURATED, SILENT
from machine import Pin

BITS = 24
SIGN = 1 << (BITS - 1)
# Both ends of the range mean that the bridge is out of it (datasheet p. 4).
OUT_OF_RANGE = (0x7FFFFF, 0x800000)
# Far over the 60 us that it takes, and a time that the clock of the board can tell.
POWER_DOWN_MS = 2
# Output settling after power-up at 80 conversions a second (datasheet p. 3: 50 ms), and one conversion, for what waits in the
# chip then may be one of before.
SETTLING_MS = 65



class HX711:
    """One or several chips. A reset of the board may have cut a read short, so each life begins with a power-up."""

    def __init__(self, sck, dts):
        if not 1 <= len(dts) <= 8:
            raise ValueError("dts")
        self.sck = Pin(sck, Pin.OUT, value=0)
        self.dts = [Pin(dt, Pin.IN) for dt in dts]
        self.raws = [0] * len(dts)
        self.off_at = None
        self.on_at = None
        self.restart()

    def restart(self):
        """Powers all chips down; `ready` powers them up in its own time and lets them settle. Never waits."""
        self.sck.value(1)
        self.off_at = time.ticks_ms()

    def ready(self):
        """True when every chip has a conversion that can be used."""
        if self.off_at is not None or self.on_at is not None:
            return self._settled()
        return self.waiting() is None

    def waiting(self):
        """The first chip that has no conversion, or None."""
        for chip, dt in enumerate(self.dts):
            if dt.value():
                return chip
        return None

    def read(self):
        """Signed counts, one a chip. Raises OSError(code, chip) when one is out of range or is not there."""
        late = self.waiting()
        if late is not None:
            raise OSError(SILENT, late)
        self._shift()
        for chip, raw in enumerate(self.raws):
            # First: no line that hangs reads so, and a torn wire must not look like silence now and then.
            if raw in OUT_OF_RANGE:
                raise OSError(SATURATED, chip)
            # The last pulse makes a chip let go of its line. A line that stays low has no chip, or the next conversion
            # came while this one was read, and may have torn it.
            if not self.dts[chip].value():
                raise OSError(SILENT, chip)
        return tuple([raw - 2 * SIGN if raw & SIGN else raw for raw in self.raws])

    def _shift(self):
        # Small integers only: nothing is allocated here, so no collection of garbage falls between two pulses.
        sck, dts, raws, chips = self.sck, self.dts, self.raws, range(len(self.dts))
        disable, enable = machine.disable_irq, machine.enable_irq
        for chip in chips:
            raws[chip] = 0
        for _ in range(BITS):
            # PD_SCK high for over 60 us powers the chips down, so nothing may stretch this pulse: two writes, a few us, and
            # with interrupts off no other task and no flash write of the other core can come between. Off no longer than
            # that, or the radio's bytes get lost.
            state = disable()
            sck.value(1)
            sck.value(0)
            enable(state)
            for chip in chips:
                raws[chip] = raws[chip] << 1 | dts[chip].value()
        state = disable()
        sck.value(1)
        sck.value(0)
        enable(state)

    def _settled(self):
        now = time.ticks_ms()
        if self.off_at is not None:
            if time.ticks_diff(now, self.off_at) >= POWER_DOWN_MS:
                self.sck.value(0)
                self.off_at, self.on_at = None, now
            return False
        if time.ticks_diff(now, self.on_at) < SETTLING_MS:
            return False
        self.on_at = None
        return self.waiting() is None
