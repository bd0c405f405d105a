# Decides what lock and door do. Pure: ticks in, actions out; it never touches a pin.
#
# LOCKED --unlock--> UNLOCKED --door opens--> OPEN --door shuts--> WEIGHING --weighed--> LOCKED
#                    UNLOCKED --10 s--> LOCKED + timeout      OPEN --10 s--> open_too_long, again and again
# A door that opens while LOCKED is forced.

LOCKED = "locked"
UNLOCKED = "unlocked"
OPEN = "open"
WEIGHING = "weighing"


class LockFsm:
    """`tick(now, door_open)` and `unlock(id, now)` return a list of actions: ("lock",), ("release",),
    ("report", type), ("weigh",), ("line", 0 or 1). `diff(a, b)` is time.ticks_diff: ticks wrap after 12 days."""

    def __init__(self, diff, open_within_ms, open_too_long_ms, debounce_ms):
        self.diff = diff
        self.open_within_ms = open_within_ms
        self.open_too_long_ms = open_too_long_ms
        self.debounce_ms = debounce_ms
        self.state = LOCKED
        self.visit = None
        self.since = 0
        self.door_open = False
        self.door_raw = False
        self.door_since = 0
        self.forced = False

    def unlock(self, visit, now):
        """The actions, or None when the visit cannot be let in now (somebody is being served)."""
        if visit == self.visit and self.state != LOCKED:
            return []
        if self.state != LOCKED or self.door_open:
            return None
        self._enter(UNLOCKED, now)
        self.visit = visit
        return [("line", 1), ("release",), ("report", "unlocked")]

    def tick(self, now, door_open):
        actions = []
        if door_open != self.door_raw:
            self.door_raw = door_open
            self.door_since = now
        # The level must stand for the debounce time; opening counts at once, for it stops the lock's timer.
        settled = door_open or self.diff(now, self.door_since) >= self.debounce_ms
        if settled and door_open != self.door_open:
            self.door_open = door_open
            actions += self._opened(now) if door_open else self._shut(now)
        if self.state == UNLOCKED and self.diff(now, self.since) >= self.open_within_ms:
            self._enter(LOCKED, now)
            actions += [("lock",), ("line", 0), ("report", "timeout")]
        elif self.state == OPEN and self.diff(now, self.since) >= self.open_too_long_ms:
            self.since = now
            actions += [("report", "open_too_long")]
        return actions

    def weighed(self, now):
        """After the scale has settled on a shut door."""
        if self.state != WEIGHING:
            return []
        self._enter(LOCKED, now)
        return [("report", "closed")]

    def _opened(self, now):
        if self.state == UNLOCKED:
            self._enter(OPEN, now)
            return [("report", "opened")]
        if self.state == WEIGHING:
            # Opened again before the bolt was home: the same visit goes on, and is weighed anew.
            self._enter(OPEN, now)
            return [("line", 1)]
        if self.state == LOCKED and not self.forced:
            self.forced = True
            return [("report", "forced")]
        return []

    def _shut(self, now):
        self.forced = False
        if self.state != OPEN:
            return []
        self._enter(WEIGHING, now)
        # Locked first: nothing can change any more while cameras and scale look.
        return [("lock",), ("line", 0), ("weigh",)]

    def _enter(self, state, now):
        self.state = state
        self.since = now
