# Turns raw conversions into grams and decides when the shelf has come to rest. Pure.


class Scale:
    """Keeps the last readings. `settled()` is (grams, sigma of their mean) or None while something moves."""

    def __init__(self, counts_per_gram, counts_zero, readings, spread_grams):
        if counts_per_gram == 0 or readings < 4:
            raise ValueError("scale")
        self.counts_per_gram = counts_per_gram
        self.counts_zero = counts_zero
        self.readings = readings
        self.spread_grams = spread_grams
        self.window = []

    def add(self, raw):
        self.window.append((raw - self.counts_zero) / self.counts_per_gram)
        if len(self.window) > self.readings:
            self.window.pop(0)

    def clear(self):
        self.window = []

    def mean(self):
        """(grams, sigma), moving or not; None before the first reading."""
        n = len(self.window)
        if n == 0:
            return None
        ordered = sorted(self.window)
        # The outermost quarter on each side is noise of the mains or a knock.
        cut = n // 4
        kept = ordered[cut : n - cut]
        mean = sum(kept) / len(kept)
        variance = sum((x - mean) ** 2 for x in self.window) / n
        return (mean, (variance / n) ** 0.5)

    def settled(self):
        if len(self.window) < self.readings:
            return None
        if max(self.window) - min(self.window) > self.spread_grams:
            return None
        return self.mean()
