# Keeps what a device tells about its own resets: why, how many, what it was doing; and decides on safe mode. Pure.
#
# Flash (boot.json) outlives everything and wears, so it is written once a boot, when a visit begins and ends, before a
# reset that we ask for, and before the watchdog bites: four writes of one small file for each visit at most, less than
# the reports of that visit cost. RTC memory wears not at all and has the latest word, but only builds from 1.22 on keep
# it through the watchdog; a power cut always empties it.
import asyncio
import json
import time

import config

# machine.reset_cause() on the ESP32: numbers are the same since 2018. A brown-out reads as power.
CAUSES = {1: "power", 2: "hard", 3: "watchdog", 4: "sleep", 5: "soft"}
# What we say ourselves before machine.reset(), which alone would read as "hard", like a panic of the chip's own code.
MARKS = ("crash", "update", "soft", "radio")
# Resets that show that something is wrong with the firmware, and those that say nothing about it either way.
BAD = ("watchdog", "crash")
NEUTRAL = ("sleep", "hard", "radio")
# Names of states and tasks, as the status has room for them.
NAME_MAX = 16
# A count that a status can carry; it stays there.
COUNT_MAX = 1000000
# States in which nobody is being served. Coming from one to the other is worth a write to flash.
REST = ("boot", "locked", "locked_out", "restock", "fault", "sleep", "power_lost")


class Boots:
    """`cause` is machine.reset_cause(), `rtc` machine.RTC() or None. `safe`: no sales, only radio and updates."""

    def __init__(self, flash, cause, rtc=None, safe_after=config.SAFE_AFTER):
        self.flash = flash
        self.rtc = rtc
        kept = flash.read("boot.json", None)
        kept = kept if isinstance(kept, dict) else {}
        self.cause = self._cause(cause, kept)
        self.count = min(number(kept.get("count")) + 1, COUNT_MAX)
        self.watchdogs = self._row(number(kept.get("row")))
        self.last_state = self._remembered() or name(kept.get("state"))
        # The task that let the watchdog starve last time, if one did.
        self.silent = name(kept.get("silent")) if self.cause == "watchdog" else None
        self.safe = self.watchdogs >= safe_after
        self.failed = False
        # A status is not acked, so the first few after a boot say why it was.
        self.untold = config.BOOT_TOLD
        self.state = None
        self.kept_state = "boot"
        self.mark = None
        self.starved = None
        self.heap_low = None
        self.up_ms = 0
        # Seconds since the start: ticks wrap after 12 days, this does not.
        self.up_s = 0
        self._write()

    def note(self, state):
        """What the device does now. Cheap: as often as one likes."""
        state = name(state)
        if state == self.state:
            return
        self.state = state
        if self.rtc:
            self.rtc.memory(json.dumps([self.count, state]).encode())
        # One word for the whole of a visit: its first state.
        if state in REST or self.kept_state in REST:
            self.kept_state = state
            self._write()

    def starving(self, task):
        """Before the watchdog bites: which task is to blame. None once it is back after all."""
        if task != self.starved:
            self.starved = task
            self._write()

    def leaving(self, mark):
        """Before a reset that the firmware asks for."""
        if mark not in MARKS:
            raise ValueError("mark of a reset")
        self.mark = mark
        self._write()

    def well(self):
        """After a long good life the row of bad resets is over. True when that ends the safe mode."""
        was_safe = self.safe
        if self.watchdogs:
            self.watchdogs = 0
            self.safe = False
            self._write()
        return was_safe

    def heap(self, free):
        """The least that was ever free; None is no news."""
        if free is not None and (self.heap_low is None or free < self.heap_low):
            self.heap_low = free

    async def run(self, here, free, leave):
        """Counts the seconds, looks at the heap (`free()`: bytes, or None when it is a bad moment) and ends the row of
        bad resets after a long good life; `leave()` restarts a device whose safe mode that ends."""
        last = time.ticks_ms()
        looked = None
        while True:
            here()
            now = time.ticks_ms()
            if looked is None or time.ticks_diff(now, looked) >= config.HEAP_LOOK_MS:
                looked = now
                self.heap(free())
            self.up_ms += time.ticks_diff(now, last)
            last = now
            self.up_s += self.up_ms // 1000
            self.up_ms %= 1000
            if self.up_s * 1000 >= config.WELL_MS and self.well():
                self.leaving("soft")
                leave()
            await asyncio.sleep_ms(config.UP_MS)

    def facts(self):
        """What the first statuses after a boot tell."""
        facts = {"cause": self.cause, "count": self.count, "watchdogs": self.watchdogs, "safe": self.safe}
        if self.last_state:
            facts["state"] = self.last_state
        if self.silent:
            facts["silent"] = self.silent
        return facts

    def news(self):
        """The same, until it was told often enough."""
        return self.facts() if self.untold > 0 else None

    def was_told(self):
        """A status got through."""
        self.untold = max(0, self.untold - 1)

    def _cause(self, cause, kept):
        said = CAUSES.get(cause, "hard")
        # A mark that a power cut overtook is not the reason.
        return kept["mark"] if said in ("hard", "soft") and kept.get("mark") in MARKS else said

    def _row(self, row):
        if self.cause in BAD:
            return min(row + 1, COUNT_MAX)
        return row if self.cause in NEUTRAL else 0

    def _remembered(self):
        """The last state, where RTC memory kept it: written by the boot before this one, not by an older."""
        try:
            count, state = json.loads(self.rtc.memory())
            return name(state) if count == self.count - 1 else None
        except (AttributeError, ValueError, TypeError):
            return None

    def _write(self):
        kept = {"count": self.count, "row": self.watchdogs, "state": self.kept_state}
        if self.mark:
            kept["mark"] = self.mark
        if self.starved:
            kept["silent"] = self.starved
        try:
            self.flash.write("boot.json", kept)
            self.failed = False
        except OSError:
            # Whoever asks for it tells: a device that cannot keep its record still works.
            self.failed = True


def number(value):
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= COUNT_MAX else 0


def name(value):
    return value[:NAME_MAX] if isinstance(value, str) and value else None
