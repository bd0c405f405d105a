# Reads the load cells and says what stands on the shelf, how sure that is, and when it has come to rest.
import asyncio
import time

import config


class Weigher:
    """`cells` is the driver, `scale` turns conversions into grams."""

    def __init__(self, cells, scale):
        self.cells = cells
        self.scale = scale

    def sample(self):
        """One conversion, if there is one; a broken cell is told, and the window simply stays as it is."""
        try:
            if self.cells.ready():
                self.scale.add(self.cells.read())
        except OSError as error:
            print("scale:", error)

    def settled(self):
        """(grams, sigma), or None while something moves."""
        return self.scale.settled()

    def grams(self):
        """What is felt now, moving or not; 0 before the first reading."""
        mean = self.scale.mean()
        return round(mean[0], 1) if mean else 0.0

    def forget(self):
        """What was read so far is of another shelf."""
        self.scale.clear()

    async def rest(self, otherwise):
        """(grams, sigma) once the shelf has come to rest, or as it is when it will not; `otherwise` (grams) without any reading."""
        self.scale.clear()
        started = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), started) < config.SETTLE_MS_MAX:
            self.sample()
            settled = self.scale.settled()
            if settled:
                return settled
            await asyncio.sleep_ms(config.SCALE_PERIOD_MS)
        moving = self.scale.mean()
        # Dead cells must not look like a full basket, nor like an empty one.
        return (moving[0], config.SETTLE_SPREAD_GRAMS) if moving else (otherwise, config.SIGMA_GRAMS_BLIND)

    async def watch(self, here):
        """Keeps the last readings at hand, so that an unlock need not wait for a baseline."""
        while True:
            here()
            self.sample()
            await asyncio.sleep_ms(config.SCALE_REST_MS)
