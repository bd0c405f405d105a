# Decides what lock and door do. Pure: ticks in, actions out; it never touches a pin.
#
# LOCKED --unlock--> UNLOCKED --door opens--> OPEN --door shuts--> WEIGHING --weighed--> LOCKED
#                    UNLOCKED --10 s--> LOCKED + timeout      OPEN --10 s--> open_too_long, again and again
# A door that opens while LOCKED is forced. A reset in the middle of a visit resumes it as OPEN, with the lock shut.

LOCKED = "locked"
UNLOCKED = "unlocked"
OPEN = "open"
WEIGHING = "weighing"


class LockFsm:
    """`tick(now, door_open)` and `unlock(id, now)` return a list of actions: ("lock",), ("release",),
    ("report", type), ("weigh",), ("line", 0 or 1). `diff(a, b)` is time.ticks_diff: ticks wrap after 12 days."""

    def __init__(self, diff, open_within_ms, open_too_long_ms, debounce_ms, dwell_ms=0):
        self.diff = diff
        self.open_within_ms = open_within_ms
        self.open_too_long_ms = open_too_long_ms
        self.debounce_ms = debounce_ms
        self.dwell_ms = dwell_ms
        self.state = LOCKED
        # The visit being served, or the last one: its unlock must not open a second time.
        self.visit = None
        self.since = 0
        self.door_open = False
        self.door_raw = False
        self.door_since = 0

    def unlock(self, visit, now):
        """The actions; [] for the visit that already has the door, None when nobody can be let in now."""
        if visit == self.visit:
            return []
        if self.state != LOCKED or self.door_open or self.door_raw:
            return None
        self._enter(UNLOCKED, now)
        self.visit = visit
        return [("line", 1), ("release",), ("report", "unlocked")]

    def resume(self, visit, now):
        """After a reset that cut a visit short: whatever was taken is found by weighing once the door is shut."""
        self.visit = visit
        self.door_open = self.door_raw = True
        self._enter(OPEN, now)

    def tick(self, now, door_open):
        actions = []
        if door_open != self.door_raw:
            self.door_raw = door_open
            self.door_since = now
        if door_open != self.door_open and self.diff(now, self.door_since) >= self._stands_ms(door_open):
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

    def _stands_ms(self, door_open):
        """How long the contact must have stood still to be believed."""
        if not door_open:
            return self.debounce_ms + self.dwell_ms
        # Opening stops the lock's timer, so it counts at once; only the alarm waits for a spike to pass.
        return self.debounce_ms if self.state == LOCKED else 0

    def _opened(self, now):
        if self.state == UNLOCKED:
            self._enter(OPEN, now)
            return [("report", "opened")]
        if self.state == WEIGHING:
            # Opened again before the bolt was home: the same visit goes on, and is weighed anew.
            self._enter(OPEN, now)
            return [("line", 1), ("report", "opened")]
        return [("report", "forced")] if self.state == LOCKED else []

    def _shut(self, now):
        if self.state != OPEN:
            return [("ready",)] if self.state == LOCKED else []
        self._enter(WEIGHING, now)
        # Locked first: nothing can change any more while cameras and scale look.
        return [("lock",), ("line", 0), ("weigh",)]

    def _enter(self, state, now):
        self.state = state
        self.since = now
