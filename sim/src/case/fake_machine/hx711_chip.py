# The other end of the scale's wires: HX711s that share a clock, and what that clock is used for. What they measure is asked
# of the simulation (sim/src/case/load-cells.ts).
import bridge

PULSES = 25
BITS = 24
# PD_SCK high for longer powers the chips down (datasheet p. 5).
POWER_DOWN_US = 60


class Hx711Chip:
    """Shifts a conversion out, a bit for each rising edge of the clock."""

    def __init__(self, cell):
        self.cell = cell
        self.pulse = 0
        self.word = 0

    def data(self):
        if bridge.cellShorted(self.cell):
            return 0
        if self.pulse == 0:
            # DOUT is low when a conversion is ready.
            return 0 if CLOCK.level == 0 and bridge.conversionReady(self.cell) else 1
        return 1 if self.pulse > BITS else (self.word >> (BITS - self.pulse)) & 1

    def rise(self):
        if self.pulse == 0:
            # Without a conversion there is nothing to shift.
            if not bridge.conversionReady(self.cell):
                return
            self.word = bridge.conversion(self.cell) & 0xFFFFFF
        self.pulse += 1

    def fall(self):
        if self.pulse == PULSES:
            self.pulse = 0


class Clock:
    """PD_SCK. While interrupts are off nothing comes between two writes of the firmware, so such a pulse takes what the
    simulation says; any other takes as long as the board's clock tells."""

    def __init__(self):
        self.level = 0
        self.guarded = False
        self.risen_ms = None
        # For tests: pulses so far, those that a task or an interrupt might have stretched, and power-downs.
        self.pulses = self.unguarded = self.downs = 0

    def guard(self, on):
        self.guarded = on
        if self.level and self.risen_ms is None:
            self.risen_ms = bridge.nowMs()

    def write(self, level):
        if level == self.level:
            return
        self.level = level
        if level:
            self.pulses += 1
            self.risen_ms = None if self.guarded else bridge.nowMs()
            for chip in CHIPS.values():
                chip.rise()
            return
        if self.risen_ms is None:
            width_us = bridge.pulseUs()
        else:
            width_us = (bridge.nowMs() - self.risen_ms) * 1000
            self.unguarded += 1
        for chip in CHIPS.values():
            chip.fall()
        if width_us > POWER_DOWN_US:
            self.downs += 1
            for chip in CHIPS.values():
                chip.pulse = 0
            bridge.chipsStarted()


CLOCK = Clock()
CHIPS = {int(pin): Hx711Chip(cell) for cell, pin in enumerate(bridge.dtPins.split(","))}
