# Says how warm the case is, and whether its sensors can be believed. Asks a driver (ds18b20.py), knows no pins.
import asyncio
import time

import config

# What a DS18B20 holds before its first conversion: it lost its current in between, so this is no temperature.
POWER_ON_C = 85.0


class Temperature:
    """`bus` has scan, convert and read. The warmest sensor counts: the goods are as safe as the worst of them."""

    def __init__(self, bus, faults):
        self.bus = bus
        self.faults = faults
        self.known = []
        self.last_c = None
        self.last_at = 0
        self.failed_rounds = 0
        self.odd_rounds = 0

    def celsius(self):
        """One decimal; None before the first good reading and once the last one is old."""
        if self.last_c is None:
            return None
        if self.age_ms() > config.TEMP_OLD_MS:
            # Forgotten for good: after six days of silence its age would look young again.
            self.last_c = None
            return None
        return round(self.last_c, 1)

    def age_ms(self):
        """Of the last good reading."""
        return time.ticks_diff(time.ticks_ms(), self.last_at)

    async def run(self, here, quiet=lambda: True):
        """`quiet()` is False while a visit needs every reading of the scale."""
        while True:
            here()
            if quiet():
                good = await self.look(here, quiet)
                # Again soon while it may be a passing thing; a broken wire is not asked all day.
                again = not good and max(self.failed_rounds, self.odd_rounds) < config.TEMP_ROUNDS
                await self._pause(here, config.TEMP_AGAIN_MS if again else config.TEMP_EVERY_MS)
            else:
                await asyncio.sleep_ms(config.TEMP_CONVERT_MS)

    async def look(self, here, quiet=lambda: True):
        """One round over all sensors. True when each gave a temperature that can be."""
        try:
            if not self.known:
                self.known = self.bus.scan()[:config.TEMP_SENSORS_MAX]
            if not self.known:
                return self._round([], True, False)
            self.bus.convert()
        except OSError:
            return self._round([], True, False)
        await asyncio.sleep_ms(config.TEMP_CONVERT_MS)
        good, silent, odd = [], False, False
        for address in self.known:
            here()
            if not quiet():
                # Half a round tells nothing; the visit goes first.
                return True
            try:
                celsius = self.bus.read(address)
            except OSError:
                silent = True
                continue
            low, high = config.TEMP_PLAUSIBLE_C
            if celsius == POWER_ON_C or not low <= celsius <= high:
                odd = True
            else:
                good.append(celsius)
            # Between two readings the other tasks come round.
            await asyncio.sleep_ms(0)
        return self._round(good, silent, odd)

    def _round(self, good, silent, odd):
        if good:
            self.last_c = max(good)
            self.last_at = time.ticks_ms()
        self.celsius()
        self.failed_rounds = self.failed_rounds + 1 if silent else 0
        self.odd_rounds = self.odd_rounds + 1 if odd else 0
        # One failure is the noise of a compressor; a few in a row are a broken wire.
        self.faults.set("temp.silent", self.failed_rounds >= config.TEMP_ROUNDS)
        self.faults.set("temp.range", self.odd_rounds >= config.TEMP_ROUNDS)
        if not good and self.failed_rounds >= config.TEMP_ROUNDS:
            # Whoever mends it may have put in another one.
            self.known = []
        return not silent and not odd

    async def _pause(self, here, pause_ms):
        """In slices, so that the watchdog hears of this task."""
        started = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), started) < pause_ms:
            here()
            await asyncio.sleep_ms(config.TEMP_CONVERT_MS)
