# Plans how awake a case is: what may sleep, until what, and whether cells, display and light have current. Pure.
#
# profile mains    always awake; only when mains is known to be gone does it live as on battery
# profile battery  awake while somebody is there, then as `rest` says: idle (awake, all else off: reached at any time),
#                  light (naps; what the radio gets meanwhile may be lost) or deep (wakes by the door and by itself)
#
# Nobody sleeps during a visit, an update, with reports unsent while the radio is up, or soon after anything happened.
# Only an empty cell does not wait for answers longer than three minutes.

# Shut down as far as needed, from nothing to all: the steps of a cell that runs empty.
FINE = 0
LOW = 1
SAVING = 2
EMPTY = 3


class Cell:
    """How full the battery is, in four steps. A step down or up is believed after a few readings in a row."""

    def __init__(self, thresholds, recovers, plausible, readings):
        # Volts under which LOW, SAVING and EMPTY begin.
        self.thresholds = thresholds
        self.recovers = recovers
        self.plausible = plausible
        self.readings = readings
        # None: no cell is fitted, or nothing can be read of it.
        self.level = None
        self.differing = 0

    def read(self, volts):
        """The level after this reading."""
        level = self._level(volts)
        self.differing = self.differing + 1 if level != self.level else 0
        if self.differing >= self.readings:
            self.level = level
            self.differing = 0
        return self.level

    def at_least(self, level):
        return self.level is not None and self.level >= level

    def _level(self, volts):
        if not self.plausible[0] <= volts <= self.plausible[1]:
            return None
        level = FINE
        for step, threshold in enumerate(self.thresholds):
            # A step that was taken is only taken back well above where it began.
            if volts < threshold + (self.recovers if self.at_least(step + 1) else 0):
                level = step + 1
        return level


class PowerManager:
    """`plan(...)` is a dict: mode awake|idle|light|deep, tick_ms (between looks), wake (what ends the sleep besides the
    timer), interval_ms (the timer; 0: none), load (cells, display, light), modem awake|sleep|off, why."""

    def __init__(self, profile, cell, times, may_deep=True, rest="idle"):
        if profile not in ("mains", "battery") or rest not in ("idle", "light", "deep"):
            raise ValueError("power profile")
        self.profile = profile
        self.cell = cell
        # tick_ms idle_ms stay_ms stay_timer_ms offline_ms deep_ms empty_ms
        self.times = times
        # A lock that needs current to stay shut must not lose it by sleeping.
        self.may_deep = may_deep
        # A case that lives on mains lets nobody in without it, so it need not hear every command.
        self.rest = "light" if profile == "mains" else rest

    def on_battery(self, mains):
        """`mains` is True, False, or None where nothing tells. Not known is believed to be what the profile says."""
        return mains is False or (mains is None and self.profile == "battery")

    def low(self, mains):
        """No new visit: it might not end well. With mains there a worn battery is no reason."""
        return mains is not True and self.cell.at_least(SAVING)

    def plan(self, mains, visit, updating, waiting, offline_ms, door_open, quiet_ms, by_timer=False):
        """`offline_ms` is how long the radio has had no broker, 0 while it has one."""
        stay_ms = self.times["stay_timer_ms" if by_timer else "stay_ms"]
        if visit:
            return self._awake("visit", True)
        if updating:
            return self._awake("update", not self.on_battery(mains))
        if not self.on_battery(mains):
            return self._awake("mains", True)
        if quiet_ms < stay_ms:
            # After mains is lost nobody is let in, so nothing is lit for anybody.
            return self._awake("activity", self.profile == "battery" and not self.cell.at_least(SAVING))
        # An answer that does not come must not cost the cell: what waits is in flash.
        in_vain = self.cell.at_least(EMPTY) and self.may_deep and quiet_ms >= self.times["offline_ms"]
        if waiting and not offline_ms and not in_vain:
            return self._rest("idle", "reports", "awake", door_open, mains)
        return self._sleep(offline_ms, door_open, mains)

    def _sleep(self, offline_ms, door_open, mains):
        if self.cell.at_least(EMPTY) and self.may_deep:
            return self._rest("deep", "empty", "off", door_open, mains)
        if offline_ms and offline_ms < self.times["offline_ms"]:
            # A radio that is looking for its mast hears nothing in a sleeping chip.
            return self._rest("idle", "radio", "awake", door_open, mains)
        if self.may_deep and (offline_ms or self.rest == "deep"):
            # Nobody can reach it, or nobody needs to: it looks again when it wakes.
            return self._rest("deep", "radio" if offline_ms else "rest", "off", door_open, mains)
        if offline_ms or self.rest == "idle":
            return self._rest("idle", "radio" if offline_ms else "rest", "awake", door_open, mains)
        return self._rest("light", "rest", "sleep", door_open, mains)

    def _awake(self, why, load):
        return {"mode": "awake", "tick_ms": self.times["tick_ms"], "wake": (), "interval_ms": 0, "load": load,
                "modem": "awake", "why": why}

    def _rest(self, mode, why, modem, door_open, mains):
        # Both lines wake by their high level: one that is high already would end the sleep at once.
        wake = () if mode == "idle" else (() if door_open else ("door",)) + (("mains",) if mains is False else ())
        idle_ms = self.times["idle_ms"]
        timer_ms = self.times["empty_ms" if why == "empty" else "deep_ms"]
        return {"mode": mode, "tick_ms": idle_ms, "wake": wake, "load": False, "modem": modem, "why": why,
                "interval_ms": {"idle": 0, "light": idle_ms, "deep": timer_ms}[mode]}
