# Decides the colour of the light at each instant of each moment. Pure.

# Bright enough beside a lit fridge, dim enough for a face at night.
COLOURS = {"off": (0, 0, 0), "green": (0, 90, 20), "blue": (0, 40, 160), "red": (170, 0, 0), "white": (90, 90, 90),
           "violet": (90, 0, 130)}

# Each moment's colour and pattern.
LIGHTS = {"boot": ("off", "steady"), "idle": ("green", "steady"), "unlocked": ("blue", "flash"),
          "open": ("blue", "steady"), "too_long": ("red", "steady"), "weighing": ("blue", "pulse"),
          "timeout": ("red", "steady"), "forced": ("red", "steady"), "locked_out": ("red", "blink"),
          "restock": ("white", "steady"), "fault": ("red", "blink"), "updating": ("violet", "breathe"),
          # What is left of the power is for the lock and the radio.
          "power_lost": ("off", "steady"), "safe_mode": ("red", "blink"), "battery_low": ("red", "blink"),
          "bare": ("off", "steady"), "paid": ("blue", "once"), "free": ("blue", "once"),
          "unpaid": ("red", "steady")}

FLASH_MS = 400
PULSE_MS = 1000
BREATH_MS = 4000
# Slow: half a second of light in three.
BLINK_MS = 3000
BLINK_LIT_MS = 500
# The documents' "blue (0.5 s), then off".
ONCE_MS = 500
# Of 256. The darkest of a pulse is not off: off says that nothing happens.
FULL = 256
PULSE_LEAST = 48
# While nobody is near, where a sensor knows.
DIM = 48


def level(pattern, ms):
    """How bright the pattern is `ms` after it began, 0 to 256."""
    if pattern == "flash":
        return FULL if ms % (2 * FLASH_MS) < FLASH_MS else 0
    if pattern == "blink":
        return FULL if ms % BLINK_MS < BLINK_LIT_MS else 0
    if pattern == "once":
        return FULL if ms < ONCE_MS else 0
    if pattern == "pulse":
        return _wave(ms, PULSE_MS)
    if pattern == "breathe":
        return _wave(ms, BREATH_MS)
    return FULL


def moves(moment):
    """Whether the light of this moment changes by itself."""
    return LIGHTS.get(moment, LIGHTS["fault"])[1] != "steady"


def colour(moment, ms, near=None):
    """(red, green, blue), each 0 to 255. `near` False, and the case at rest: dimmed."""
    name, pattern = LIGHTS.get(moment, LIGHTS["fault"])
    lit = level(pattern, ms)
    if moment == "idle" and near is False:
        lit = lit * DIM // FULL
    return tuple(part * lit // FULL for part in COLOURS[name])


def _wave(ms, period_ms):
    """Up and down; squared, because eyes see ratios."""
    half = period_ms // 2
    up = abs(half - ms % period_ms)
    return PULSE_LEAST + (FULL - PULSE_LEAST) * up * up // (half * half)
