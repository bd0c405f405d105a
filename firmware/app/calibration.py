# Keeps what makes grams of counts: for each cell its counts at the empty shelf and its counts per kilogram. Pure.
#
# A file in flash and not NVS: NVS keeps 32-bit numbers and blobs, each committed by itself, so a power cut could leave the zero
# of one calibration with the scale of another, and a technician could not read it with mpremote. `Flash` replaces a file as
# a whole.
#
# {"version": 1, "cells": [[zero_counts, counts_per_kg], ...], "drift": grams}
FILE = "calibration.json"
VERSION = 1
# What 24 bits can say.
COUNTS_MAX = (1 << 23) - 1
# Gain 128 at 5 V: a 200 kg bridge of 1 mV/V gives 11 counts a gram, a 500 g cell of 2 mV/V 8,600. Negative when the cell
# is wired the other way round.
COUNTS_PER_KG_MIN = 1000
COUNTS_PER_KG_MAX = 20000000
# What auto-zero took away since the last tare; more than this is another shelf, and no drift.
DRIFT_GRAMS_MAX = 100000
CELLS_MAX = 8


class Calibration:
    """Counts are kept whole: a float of the board has 24 bits, just as many as a conversion. `known` is False while the
    numbers are those of the program and not of this case."""

    def __init__(self, flash, count, zero, counts_per_kg):
        if not 1 <= count <= CELLS_MAX or not is_cell([zero, counts_per_kg]):
            raise ValueError("calibration")
        self.flash = flash
        kept = parsed(flash.read(FILE, None, True), count)
        self.known = kept is not None
        cells, self.drift = kept or ([[zero, counts_per_kg]] * count, 0.0)
        self.zeros = [cell[0] for cell in cells]
        self.counts_per_kg = [cell[1] for cell in cells]

    def cell_grams(self, cell, counts):
        # Subtracted first: the difference of two whole numbers is exact, that of two floats is not.
        return self.shift_grams(cell, counts - self.zeros[cell])

    def shift_grams(self, cell, counts):
        """What a difference in counts weighs."""
        return counts / self.counts_per_kg[cell] * 1000

    def grams(self, counts):
        """Of one conversion of each cell."""
        total = 0.0
        for cell in range(len(counts)):
            total += self.cell_grams(cell, counts[cell])
        return total

    def tare(self, counts):
        """These counts are the empty shelf."""
        self.replace(counts, self.counts_per_kg)

    def replace(self, zeros, counts_per_kg):
        """Raises ValueError for what no cell can say, OSError when it cannot be kept."""
        cells = [list(cell) for cell in zip(zeros, counts_per_kg)]
        if len(cells) != len(self.zeros) or not all(is_cell(cell) for cell in cells):
            raise ValueError("calibration")
        self.zeros, self.counts_per_kg = list(zeros), list(counts_per_kg)
        self.known, self.drift = True, 0.0
        self.save()

    def shift(self, counts):
        """Moves the zeros by what each cell drifted; grams that went. Kept when `save` is called."""
        grams = 0.0
        for cell in range(len(counts)):
            grams += self.shift_grams(cell, counts[cell])
            self.zeros[cell] += counts[cell]
        self.drift += grams
        return grams

    def save(self):
        cells = [list(cell) for cell in zip(self.zeros, self.counts_per_kg)]
        self.flash.write(FILE, {"version": VERSION, "cells": cells, "drift": round(self.drift, 2)})


def parsed(kept, count):
    """(cells, drift), or None for whatever is no calibration of so many cells."""
    if not isinstance(kept, dict) or kept.get("version") != VERSION or type(kept.get("version")) is not int:
        return None
    cells, drift = kept.get("cells"), kept.get("drift")
    if not isinstance(cells, list) or len(cells) != count or not all(is_cell(cell) for cell in cells):
        return None
    # Written so that it is False for what is no number at all, in JSON or in arithmetic.
    if type(drift) not in (int, float) or not -DRIFT_GRAMS_MAX <= drift <= DRIFT_GRAMS_MAX:
        return None
    return cells, float(drift)


def is_cell(cell):
    if not isinstance(cell, list) or len(cell) != 2 or not all(type(number) is int for number in cell):
        return False
    return abs(cell[0]) <= COUNTS_MAX and COUNTS_PER_KG_MIN <= abs(cell[1]) <= COUNTS_PER_KG_MAX


def counts_per_kg(rises, grams):
    """Of each cell, from a known weight that stood over one cell after the other. `rises` has a row for each place: by how
    many counts each cell rose. A shelf of one plate shares its load, so each row is an equation: the grams of all cells
    together are the weight. Raises ValueError when the rows do not tell the cells apart."""
    size = len(rises)
    rows = [list(row) + [grams] for row in rises]
    for at in range(size):
        best = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        pivot = rows[at][at]
        # A cell that hardly feels a weight that stands on it is not there.
        if abs(pivot) * 1000 < COUNTS_PER_KG_MIN * grams / size:
            raise ValueError("cell %d does not feel the weight" % at)
        for row in range(size):
            if row != at:
                share = rows[row][at] / pivot
                rows[row] = [one - share * other for one, other in zip(rows[row], rows[at])]
    found = [round(1000 * rows[at][at] / rows[at][size]) if rows[at][size] else 0 for at in range(size)]
    if not all(COUNTS_PER_KG_MIN <= abs(one) <= COUNTS_PER_KG_MAX for one in found):
        raise ValueError("no cell is like that: %s" % found)
    return found
