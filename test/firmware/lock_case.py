# A lock, a door and a bolt around the lock's machine, for its tests in the MicroPython VM.
import json
from lock_fsm import LockFsm
from lock_table import *

# Milliseconds; the contact needs 220 to be believed.
LIMITS = {"open_within": 10000, "open_too_long": 10000, "debounce": 220, "waver": 5000, "relock": 100, "bolt": 2000,
          "restock": 60000, "coil": 20000}
# Of ticks, as on the chip.
WRAP = 1 << 30


def diff(a, b):
    return ((a - b + WRAP // 2) & (WRAP - 1)) - WRAP // 2


class Case:
    """A lock, a door and a bolt around the machine, and what became of them."""

    def __init__(self, bolt=None, now=0, coil=LIMITS["coil"]):
        limits = dict(LIMITS)
        limits["coil"] = coil
        self.fsm = LockFsm(diff, limits)
        self.now = now
        self.door = False
        self.bolt = bolt
        self.released = False
        self.line = 0
        self.weighing = False
        self.done = []
        # Since when the door stands open, and whether it ever stood so long that it counts.
        self.open_at = None
        self.was_open = False

    def do(self, actions):
        for action in actions or ():
            self.done.append(action)
            if action == "release":
                self.released = True
            elif action == "lock":
                self.released = False
            elif action == "weigh":
                self.weighing = True
            elif action in ("line_up", "line_down"):
                self.line = 1 if action == "line_up" else 0

    def wait(self, ms, step=20):
        for _ in range(0, ms, step):
            self.now = (self.now + step) & (WRAP - 1)
            self.open_at = None if not self.door else self.now if self.open_at is None else self.open_at
            self.was_open = self.was_open or self.door and diff(self.now, self.open_at) >= LIMITS["debounce"]
            self.do(self.fsm.tick(self.now, self.door, self.bolt))
        return self

    def serve(self, event=UNLOCK, visit="visit01"):
        actions = self.fsm.serve(event, visit, self.now)
        self.do(actions)
        return actions

    def move(self, door, ms=260):
        self.door = door
        return self.wait(ms)

    def spike(self, ms):
        """The contact says otherwise for so long."""
        return self.move(not self.door, ms).move(not self.door, 0)

    def weighed(self):
        self.weighing = False
        self.do(self.fsm.weighed(self.now))
        return self

    def said(self):
        told, self.done = self.done, []
        print(json.dumps([self.fsm.state] + told))
