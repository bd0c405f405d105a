# Random events for one lock; after each, what must hold at any time is looked at.
from lock_case import *

EVENTS_EACH = 3000
WAITS = (20, 20, 20, 20, 60, 60, 60, 140, 140, 140, 200, 200, 200, 2200, 10100, 30000)


class Dice:
    """The same everywhere: a 31-bit generator (Park and Miller)."""

    def __init__(self, seed):
        self.value = seed * 7919 + 1

    def roll(self, sides):
        self.value = self.value * 48271 % 2147483647
        return self.value % sides


def storm(seed, coil, has_bolt):
    dice, wrong = Dice(seed), []
    case = Case(bolt=has_bolt, now=dice.roll(WRAP), coil=coil)
    fsm, counts, states = case.fsm, {"visits": 0, "closed": 0, "timeout": 0, "restocked": 0}, set()
    # What is under way: its id, and "visit" or "staff".
    served, number, released_at, stuck = None, 0, None, False

    def check(holds, what):
        if not holds and len(wrong) < 5:
            wrong.append([what, fsm.state, seed])

    for _ in range(EVENTS_EACH):
        kind = dice.roll(14)
        barred = fsm.locked_out or fsm.power_lost or fsm.faulty or fsm.bolt_faulty
        case.done = []
        allowed = None
        if kind < 2:
            number += 1
            event = STAFF if dice.roll(4) == 0 else UNLOCK
            visit = "visit%d" % (number if dice.roll(5) else dice.roll(number + 1))
            if case.serve(event, visit):
                allowed = event
                check(served is None, "let in beside another")
                check(event == STAFF or not barred, "let in while barred")
                check(not case.door, "let in through an open door")
                served, case.was_open = [visit, event], False
                counts["visits"] += event == UNLOCK
        elif kind == 2:
            case.do(fsm.lock_out(dice.roll(3) == 0, case.now))
        elif kind == 3:
            case.do(fsm.lose_power(dice.roll(4) == 0, case.now))
        elif kind == 4:
            case.do(fsm.fail(dice.roll(4) == 0, case.now))
        elif kind == 5:
            stuck = dice.roll(4) == 0
        elif kind == 6:
            case.weighing = False
            case.do(fsm.weighed(case.now))
        elif kind in (7, 8) and not case.door:
            # A shut door opens where nothing holds it, or not yet; now and then somebody forces it.
            case.door = case.released or fsm.state == RELOCKING or dice.roll(25) == 0
        elif kind < 11 and case.door:
            case.door = dice.roll(8) == 0
        elif kind == 11 and case.weighing:
            case.weighing = False
            case.do(fsm.weighed(case.now))
        if has_bolt:
            case.bolt = not case.released and not (stuck and case.door)
            if stuck:
                case.bolt = False
        ms = WAITS[dice.roll(len(WAITS))]
        case.wait(ms, 100 if ms > 1000 else 20)
        states.add(fsm.state)
        # The level of the lock, from what was done alone.
        for action in case.done:
            if action == "release":
                check(allowed, "released without a command")
            if action in ("closed", "timeout", "restocked"):
                counts[action] += 1
                check(served is not None, "an end without a beginning")
                check(not fsm.door_open or "forced" in case.done, "ended with the door open")
                staff = served is not None and served[1] == STAFF
                check(staff == (action == "restocked"), "the wrong end")
                check(staff or case.was_open == (action == "closed"), "opened and not weighed")
                served = None
        if case.released and released_at is None:
            released_at = case.now
        if not case.released:
            released_at = None
        if coil and released_at is not None:
            check(diff(case.now, released_at) <= coil + 100, "a coil that burns")
        check(case.released == (fsm.released is not None), "two opinions of the coil")
        check(not case.released or fsm.state in (UNLOCKED, OPEN, TOO_LONG, RESTOCK), "released in a locked state")
        check((served is not None) == (fsm.state in SERVING), "somebody is forgotten")
        check(not case.weighing or served is not None, "weighs for nobody")
        now_barred = fsm.locked_out or fsm.power_lost or fsm.faulty or fsm.bolt_faulty
        check(fsm.state != LOCKED or not now_barred, "locked though barred")
        check(fsm.state != LOCKED_OUT or fsm.locked_out, "locked out by nobody")
        expected = fsm.state in (UNLOCKED, OPEN, TOO_LONG, RELOCKING) and not fsm.restocking
        check(case.line == (1 if expected else 0), "the line to the cameras")
    # However it began: with a shut door, a good bolt and nothing in the way it ends.
    case.done = []
    case.door, case.bolt = False, has_bolt
    case.wait(30000)
    if case.weighing:
        case.weighed()
    check(fsm.state in RESTING, "never ends")
    check(served is None or len([a for a in case.done if a in ("closed", "timeout", "restocked")]) == 1, "no end")
    check(not case.released, "left open")
    counts.update({"wrong": wrong, "states": len(states)})
    return counts
