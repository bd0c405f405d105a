# Calibrates the scale by hand. With the application stopped (Ctrl-C), the fridge cold and everything in its place:
#
# >>> from calibrate import calibrate, tare
# >>> tare()                  # the shelf is empty
# >>> calibrate(2000)         # 2 kg stand over cell 0; then over cell 1, and so on: it says what comes next
# >>> calibrate.grams()       # what stands there now
import time

import board
import config
from calibration import Calibration, counts_per_kg
from flash import Flash
from hx711 import HX711

# Two seconds: the noise of the mean is a tenth of a reading's.
READINGS = 160
WAIT_MS_MAX = 5000
# A weight below this is not felt well enough to calibrate by.
GRAMS_MIN = 100


class Bench:
    def __init__(self, driver, calibration):
        self.driver = driver
        self.calibration = calibration
        self.empty = None
        self.rises = []

    def counts(self):
        """Mean counts of each cell. Raises OSError when a cell gives too few."""
        started, sums, readings = time.ticks_ms(), [0] * len(self.driver.dts), 0
        while readings < READINGS:
            if time.ticks_diff(time.ticks_ms(), started) > WAIT_MS_MAX:
                raise OSError("scale.silent", self.driver.waiting())
            if self.driver.ready():
                sums = [total + one for total, one in zip(sums, self.driver.read())]
                readings += 1
            time.sleep_ms(2)
        return [round(total / READINGS) for total in sums]

    def tare(self):
        self.empty, self.rises = self.counts(), []
        self.calibration.tare(self.empty)
        print("empty at", self.empty)

    def __call__(self, grams):
        if self.empty is None or grams < GRAMS_MIN:
            raise ValueError("tare() first, then calibrate(grams) with %d g or more" % GRAMS_MIN)
        self.rises.append([now - empty for now, empty in zip(self.counts(), self.empty)])
        if len(self.rises) < len(self.empty):
            print("now over cell", len(self.rises))
            return
        rises, self.rises = self.rises, []
        self.calibration.replace(self.empty, counts_per_kg(rises, grams))
        print("counts per kg", self.calibration.counts_per_kg)

    def grams(self):
        return [round(self.calibration.cell_grams(cell, one), 1) for cell, one in enumerate(self.counts())]


calibrate = Bench(HX711(board.SCK_PIN, board.DT_PINS),
                  Calibration(Flash(config.FLASH), len(board.DT_PINS), config.COUNTS_ZERO, config.COUNTS_PER_KG))
tare = calibrate.tare
