# Decides what lock and door do. Pure: ticks in, actions out; it never touches a pin. All that can happen is lock_table.py's.
from lock_table import (AWAY, BACK, COIL, FAULT, FAULT_OFF, FAULT_ON, HOME, JAMMED, LATE, LATE_OFTEN, LATE_RARE, LOCKED,
                        LOCKED_OUT, LOCKOUT_OFF, LOCKOUT_ON, NOBODY, OF_VISITS, OPEN, OPENED, POWER_BACK, POWER_LOST,
                        RELOCKING, REST, RESTING, RESTOCK, SAME, SECURED, SHUT, STAFF, STUCK, TOO_LONG, UNLOCK,
                        UNLOCKED, WEIGHED, WEIGHING, row_of)


class LockFsm:
    """Every call returns a list of actions, all of the table but these: "conclude" comes as "closed", "timeout" or "restocked",
    and "rest_coil" as "lock", where it applies.
    `diff(a, b)` is time.ticks_diff: ticks wrap after 12 days. `limits` are in milliseconds: open_within, open_too_long,
    debounce, waver, relock, bolt, restock, coil (None where the coil holds the door shut)."""

    def __init__(self, diff, limits):
        self.diff = diff
        self.limits = limits
        self.state = LOCKED
        self.since = 0
        # What is being served, or was last: its command must not open a second time.
        self.visit = None
        self.restocking = False
        self.opened = False
        self.lates = 0
        # Why nobody is let in. The bolt's own fault and one told by others are two: either alone keeps the case shut.
        self.locked_out = self.power_lost = self.faulty = self.bolt_faulty = False
        self.door_open = self.door_raw = False
        self.door_since = 0
        # True while the bolt is home, None without feedback.
        self.bolt_home = self.bolt_raw = None
        self.bolt_since = 0
        # Whether the bolt was seen away since it was last released: a switch that is stuck at home knows nothing.
        self.bolt_moved = True
        # Ticks since when the coil has held the door open, None while it does not.
        self.released = None

    # Commands, and what others know

    def refusal(self, event):
        """The code with which UNLOCK or STAFF is refused now; None when a shut door would open."""
        if self.power_lost:
            return "case.power-lost"
        if event == UNLOCK and self.locked_out:
            return "case.locked-out"
        if event == UNLOCK and (self.faulty or self.bolt_faulty):
            return "case.fault"
        return None if self.state in RESTING else "visit.busy"

    def wavers(self):
        """The contact says something new that has not stood long enough to be believed."""
        return self.door_raw != self.door_open

    def can_serve(self, event):
        # The door as it is felt and as it is believed: neither may be open.
        return self.refusal(event) is None and not (self.door_open or self.door_raw)

    def serve(self, event, visit, now):
        """UNLOCK or STAFF. Nothing for the visit that has, or had, the door; None when it is refused."""
        if visit == self.visit:
            return []
        if not self.can_serve(event):
            return None
        self.visit = visit
        self.restocking = event == STAFF
        self.opened = False
        return self._happen(event, now)

    def resume(self, visit, restocking, now):
        """After a reset that cut a visit short: whatever was taken is found by weighing once the door is shut."""
        self.visit = visit
        self.restocking = restocking
        self.opened = self.door_open = self.door_raw = True
        self.state = RESTOCK if restocking else OPEN
        self.since = now

    def lock_out(self, on, now):
        changed, self.locked_out = on != self.locked_out, on
        return self._happen(LOCKOUT_ON if on else LOCKOUT_OFF, now) if changed else []

    def lose_power(self, lost, now):
        changed, self.power_lost = lost != self.power_lost, lost
        return self._happen(POWER_LOST if lost else POWER_BACK, now) if changed else []

    def fail(self, on, now):
        """A fault of another part, with which nobody may be let in."""
        changed, self.faulty = on != self.faulty, on
        return self._happen(FAULT_ON if on else FAULT_OFF, now) if changed else []

    def weighed(self, now):
        """After the scale has settled on a shut door. While its contact wavers nobody knows what was weighed: "weigh" again; a
        contact that wavers for ever must not keep the visit open."""
        if self.state == WEIGHING and self.door_raw and self.diff(now, self.since) < self.limits["waver"]:
            return ["weigh"]
        return self._happen(WEIGHED, now)

    # Time, door and bolt

    def tick(self, now, door_open, bolt=None):
        """`bolt` is True while the bolt is home, None where the lock cannot tell."""
        actions = []
        if door_open != self.door_raw:
            self.door_raw, self.door_since = door_open, now
        if door_open != self.door_open and self.diff(now, self.door_since) >= self.limits["debounce"]:
            self.door_open = door_open
            actions += self._happen(OPENED if door_open else SHUT, now)
        if bolt != self.bolt_raw:
            self.bolt_raw, self.bolt_since = bolt, now
        self.bolt_moved = self.bolt_moved or bolt is False
        if bolt != self.bolt_home and self.diff(now, self.bolt_since) >= self.limits["debounce"]:
            self.bolt_home = bolt
            actions += self._happen(AWAY if bolt is False else HOME, now)
        if self.released is not None and self.limits["coil"] is not None:
            if self.diff(now, self.released) >= self.limits["coil"]:
                actions += self._happen(COIL, now)
        if self._is_stuck(now):
            actions += self._happen(STUCK, now)
        due = self._due(self.diff(now, self.since))
        return actions + self._happen(due, now) if due else actions

    def _due(self, passed):
        """The time event of this state, once it has come."""
        limits, state = self.limits, self.state
        if state == UNLOCKED or (state == RESTOCK and not self.opened):
            # Whoever pulls at the last moment is in time; a contact that only bounces holds this up but for a while.
            in_time = self.door_raw and passed < limits["open_within"] + limits["waver"]
            return NOBODY if passed >= limits["open_within"] and not in_time else None
        if state in (OPEN, TOO_LONG, RESTOCK):
            late_ms = limits["restock"] if state == RESTOCK else limits["open_too_long"]
            return LATE if passed >= late_ms * (1 if self.lates < LATE_OFTEN else LATE_RARE) else None
        if state != RELOCKING:
            return None
        if self.bolt_home is None:
            return SECURED if passed >= limits["relock"] else None
        if self.bolt_home:
            return SECURED
        return JAMMED if passed >= limits["bolt"] else None

    def _is_stuck(self, now):
        """Released, and the bolt says home all the time: once it had its time to move, or the door is open by now."""
        if self.bolt_home is not True or self.bolt_moved or self.bolt_faulty:
            return False
        return self.door_open or self.released is not None and self.diff(now, self.released) >= self.limits["bolt"]

    # The table

    def _happen(self, event, now):
        row = row_of(self.state, event)
        if row is None:
            return []
        state_after, names = row
        if event == OPENED:
            self.opened, self.lates = True, 0
        elif event == LATE:
            self.lates += 1
        actions = []
        for name in names:
            action = self._action(name, now)
            if action:
                actions.append(action)
        before, self.state = self.state, self._meant(state_after)
        if self.state != before or event in (OPENED, LATE):
            self.since = now
        return actions

    def _meant(self, state):
        if state == REST:
            if self.locked_out:
                return LOCKED_OUT
            return FAULT if self.power_lost or self.faulty or self.bolt_faulty else LOCKED
        if state == BACK:
            return RESTOCK if self.restocking else OPEN
        return self.state if state == SAME else state

    def _action(self, name, now):
        """The action's name for whoever acts; None where it does not apply."""
        if name == "conclude":
            return "restocked" if self.restocking else "closed" if self.opened else "timeout"
        if name in OF_VISITS and self.restocking:
            return None
        if name in ("bolt_fault", "bolt_well"):
            fault = name == "bolt_fault"
            # Home is good news only of a bolt that moves.
            if fault == self.bolt_faulty or not fault and not self.bolt_moved:
                return None
            self.bolt_faulty = fault
        elif name == "release":
            self.released, self.bolt_moved = now, False
        elif name == "rest_coil":
            # A magnet is the lock itself: without its current it would not hold the door that is shut next.
            if self.limits["coil"] is None or self.released is None:
                return None
            self.released = None
            return "lock"
        elif name == "lock":
            self.released = None
        return name
