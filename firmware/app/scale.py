# Turns conversions into grams, says how sure they are, and decides when the shelf has come to rest. Pure.

# A reading is alone (a knock, a spark of the fridge's motor) while no more than one in this many is.
ALONE_ONE_IN = 8
# What is felt while something moves: the median of this many readings, so that one bad one shows nowhere.
FELT_READINGS = 5
# Half a window against the other half: above this many standard errors it is no chance (1 in 370), and the shelf still moves.
TREND_ERRORS = 3
# Readings of a noisier case lie this many of its sigmas about their median: 1 in 16,000 of them does not.
SPREAD_SIGMAS = 4
# A case's noise is learned from this many windows.
NOISE_WINDOWS = 16


class Scale:
    """Keeps the last conversions of all cells as they came; grams are reckoned when they are asked for, for zeros move.
    A window of 16 at 80 Hz is ten whole periods of 50 Hz mains and twelve of 60 Hz: the plain mean has none of their hum.
    """

    def __init__(self, calibration, readings, spread_grams, spread_grams_max, trend_grams):
        if readings < 2 * ALONE_ONE_IN or not 0 < spread_grams <= spread_grams_max or trend_grams <= 0:
            raise ValueError("scale")
        self.calibration = calibration
        self.readings = readings
        self.spread_grams = spread_grams
        self.spread_grams_max = spread_grams_max
        self.trend_grams = trend_grams
        # Of one reading, in grams; 0 until something was learned.
        self.noise = 0.0
        self.window = [None] * readings
        self.clear()

    def add(self, counts):
        """One conversion of each cell."""
        self.window[self.next] = counts
        self.next = (self.next + 1) % self.readings
        self.count = min(self.count + 1, self.readings)

    def clear(self):
        self.next = self.count = 0

    def settled(self):
        """(grams, sigma of their mean) or None while something moves."""
        if self.count < self.readings:
            return None
        grams = self._grams(self.count)
        middle = median(grams)
        reach = self.reach()
        kept = [one for one in grams if abs(one - middle) <= reach]
        if (len(grams) - len(kept)) * ALONE_ONE_IN > len(grams):
            return None
        mean, sigma = stated(kept)
        trend = trend_of(kept)
        # The difference of two halves has twice the error of their mean.
        if abs(trend) > TREND_ERRORS * 2 * sigma:
            if abs(trend) > self.trend_grams:
                return None
            sigma = (sigma * sigma + trend * trend) ** 0.5
        return (mean, sigma)

    def reach(self):
        """How far, in grams, a reading at rest may be from the others. A case whose fan shakes it is given more, for it would
        never come to rest else; bounded, so that no case learns to weigh hands."""
        return min(max(self.spread_grams / 2, SPREAD_SIGMAS * self.noise), self.spread_grams_max / 2)

    def learn(self):
        """Call now and then while nobody is at the shelf: what this case's noise is."""
        if self.settled() is None:
            return
        _, sigma = stated(self._grams(self.count))
        now = sigma * self.count ** 0.5
        # The first is believed as it is.
        self.noise += (now - self.noise) / (NOISE_WINDOWS if self.noise else 1)

    def felt(self):
        """Grams now, moving or not; None before the first reading."""
        return median(self._grams(min(self.count, FELT_READINGS))) if self.count else None

    def mean(self):
        """(grams, sigma) of what is there, moving or not; None before the first reading."""
        return stated(self._grams(self.count)) if self.count else None

    def cells(self):
        """Grams of each cell, the mean of the window."""
        count = self.count
        if count == 0:
            return [0.0] * len(self.calibration.zeros)
        return [self.calibration.cell_grams(cell, counts) for cell, counts in enumerate(self.counts())]

    def counts(self):
        """Mean counts of each cell, whole; None before the first reading."""
        if self.count == 0:
            return None
        newest = self.window[(self.next - 1) % self.readings]
        # About the newest, so that the sum stays a small integer.
        return [first + round(sum([self._at(age)[cell] - first for age in range(self.count)]) / self.count)
                for cell, first in enumerate(newest)]

    def _at(self, age):
        return self.window[(self.next - 1 - age) % self.readings]

    def _grams(self, count):
        """The newest `count` readings, oldest first."""
        return [self.calibration.grams(self._at(age)) for age in range(count - 1, -1, -1)]


def stated(grams):
    """(mean, its sigma) of readings. About the first: floats of the board have 24 bits, and squares of kilograms need more."""
    first, count = grams[0], len(grams)
    above = sum([one - first for one in grams]) / count
    if count == 1:
        return (first + above, 0.0)
    variance = sum([(one - first - above) ** 2 for one in grams]) / (count - 1)
    return (first + above, (variance / count) ** 0.5)


def trend_of(grams):
    """The newer half's mean less the older's."""
    half = len(grams) // 2
    return stated(grams[-half:])[0] - stated(grams[:half])[0]


def median(grams):
    return sorted(grams)[len(grams) // 2]
