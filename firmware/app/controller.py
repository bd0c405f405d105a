# The controller of a case: its parts, and what commands, door and faults may ask of it. Devices come as arguments: no
# `machine` here. How commands are judged is orders.py's, what the lock does lock_fsm.py's and lock_acts.py's.
import time

import board
import config
from clock import Clock
from commands import is_visit
from envelope import FrameError
from lock_acts import LockActs
from lock_fsm import LockFsm
from lock_table import CLOSED, LOCKED, LOCKED_OUT, RELOCKING, RESTING, RESTOCK, STAFF, WEIGHING
from orders import Orders
from reports import Reports
from watch import LinkHealth

NO_VISIT = {"id": None, "mass": 0.0, "sigma": 0.0, "over": True, "restock": False}
# Far beyond any cell; no number and infinity are neither above nor below it.
GRAMS_KEPT_MAX = 1e9


def limits(secrets):
    """Milliseconds for the lock: the firmware's own, or this case's where its provisioning has others."""
    return {"open_within": secrets.get("open_within_ms", config.OPEN_WITHIN_MS),
            "open_too_long": secrets.get("open_too_long_ms", config.OPEN_TOO_LONG_MS),
            "debounce": config.DEBOUNCE_MS, "waver": config.WAVER_MS, "relock": config.RELOCK_MS,
            "bolt": config.BOLT_MS, "restock": config.RESTOCK_MS,
            "coil": config.COIL_MS_MAX if board.LOCK_TYPE == "power_to_unlock" else None}


def is_kept_visit(value):
    return (isinstance(value, dict) and (value.get("id") is None or is_visit(value["id"])) and is_grams(value.get("mass"))
            and is_grams(value.get("sigma")) and isinstance(value.get("over"), bool)
            and isinstance(value.get("restock", False), bool))


def is_grams(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -GRAMS_KEPT_MAX < value < GRAMS_KEPT_MAX


def link_limits(status_ms):
    # Where a case tells seldom how it is, its PUBACKs are as seldom.
    return {"silent": max(config.LINK_SILENT_MS, 3 * status_ms), "unacked": config.LINK_UNACKED_MS, "unanswered": config.LINK_UNANSWERED_MS,
            "unanswered_most": config.LINK_UNANSWERED_MS_MAX}


class Controller:
    """`devices` has lock, door, line, battery, modem and, where fitted, bolt; `secrets` is the provisioning."""

    def __init__(self, devices, weigher, feedback, flash, secrets):
        self.devices = devices
        self.weigher = weigher
        self.feedback = feedback
        self.flash = flash
        # Parts that a case may lack: Faults, Boots, and more for the status as name: a function that says it, or None.
        self.faults = None
        self.boots = None
        self.facts = {}
        self.status_ms = secrets.get("status_ms", config.STATUS_MS)
        self.clock = Clock(time.ticks_ms, time.ticks_diff, config.SKEW_S)
        self.fsm = LockFsm(time.ticks_diff, limits(secrets))
        self.reports = Reports(devices.modem, self.clock, flash, secrets)
        self.case, self.outbox, self.unsent = self.reports.case, self.reports.outbox, self.reports.unsent
        self.send, self.send_waiting = self.reports.send, self.reports.send_waiting
        self.health = self.reports.health = LinkHealth(time.ticks_ms(), time.ticks_diff, link_limits(self.status_ms),
                                                       config.LINK_ATTEMPTS, config.LINK_ATTEMPTS_AGAIN)
        self.orders = Orders(self, flash)
        self.hear = self.orders.hear
        # What an `ota` command asks for, where there is somebody who can.
        self.look_for_update = lambda: None
        self.status_wanted = False
        # What the last status said: whether this case is closed to customers.
        self.told_closed = False
        # Until when the outcome of a visit is waited for, in ticks; None while none is.
        self.outcome_by = None
        self.faults_at = time.ticks_ms()
        self.acts = LockActs(self)
        self.act = self.acts.do
        self.feedback.say("boot")
        self._resume()

    def _resume(self):
        """A lockout outlives every reset. A visit that was cut short goes on: the lock is shut, the goods are weighed."""
        now = time.ticks_ms()
        if self._kept_out():
            self.act(self.fsm.lock_out(True, now))
        visit = self._visit_kept()
        self.baseline = (visit["mass"], visit["sigma"]) if visit else (0.0, 0.0)
        # A cut between its last report and this file must not make it end twice.
        if visit and not (visit["over"] or self.outbox.ends(visit["id"])):
            self.fsm.resume(visit["id"], visit.get("restock", False), now)
            self.feedback.say(self.fsm.state)
        elif visit:
            self.fsm.visit = visit["id"]
            if not visit["over"]:
                self.keep_visit(True)

    def _visit_kept(self):
        """None where none ever was, and where what is there makes no sense: that is told, for a visit may have been under way, and
        its hello says that it is not known any more."""
        try:
            visit = self.flash.load("visit.json")
            # Before the first one a case has written down that there is none.
            if is_kept_visit(visit):
                return visit
        except OSError:
            return None
        except ValueError:
            pass
        self.reports.put("fault", None, code="flash.damaged")
        self.flash.write("visit.json", NO_VISIT)
        return None

    def _kept_out(self):
        try:
            return bool(self.flash.load("lockout.json")["on"])
        except OSError:
            # Nobody was ever kept out.
            return False
        except (ValueError, KeyError, TypeError):
            # Damaged: what it said is lost, and the cloud can say it again.
            return True

    def keep_visit(self, over):
        """True when it is in flash."""
        return self._keep_visit(self.fsm.visit, self.baseline, over, self.fsm.restocking)

    def _keep_visit(self, visit, baseline, over, restocking):
        return self.flash.write("visit.json", {"id": visit, "mass": baseline[0], "sigma": baseline[1], "over": over,
                                               "restock": restocking})

    # What others ask for

    def at_rest(self):
        """True while nobody is served and the door is shut: the scale may zero itself, an update may run."""
        return self.fsm.state in RESTING and not (self.fsm.door_open or self.fsm.door_raw)

    def hello(self, nonce):
        """The question for the time: which board asks, and where the numbers stand that it obeys."""
        return self.reports.hello(nonce, self.orders.last_seq, self.fsm.visit)

    def set_time(self, command):
        first = not self.clock.known()
        # Its nonce ties it to our last question, so no clock is needed to trust it.
        if not self.clock.set(command["nonce"], command["at"]):
            raise FrameError("time.unasked")
        self.unsent.set()
        if first and self.fsm.state in RESTING:
            self.say_rest()

    def serve(self, event, visit, baseline):
        if not self.fsm.can_serve(event):
            raise FrameError("visit.busy")
        # Written before the bolt moves: whoever is let in is weighed, whatever happens to the power.
        if not self._keep_visit(visit, baseline, False, event == STAFF):
            self.keep_visit(True)
            raise FrameError("flash.failed")
        self.baseline = baseline
        self.act(self.fsm.serve(event, visit, time.ticks_ms()))

    def lock_out(self, on, reason):
        # First in flash: a reset must not let in whom the cloud keeps out.
        self.flash.write("lockout.json", {"on": on, "reason": reason})
        self.act(self.fsm.lock_out(on, time.ticks_ms()))

    def show(self, command):
        # Somebody else may be at the shelf by now; their screen stays theirs.
        if self.fsm.state in RESTING + (RELOCKING, WEIGHING):
            self.outcome_by = None
            self.feedback.show(command)

    def tell(self, text):
        """A sentence of the shop's, to whoever is not let in. A visit's display is its customer's until they have read how
        it ended, and a case that sells nothing says so itself."""
        if self.fsm.state == LOCKED and not self.fsm.door_open and self.outcome_by is None:
            self.feedback.tell(text)

    # Words

    def say_idle_again(self):
        """After what a customer was told has stood long enough, or the outcome did not come."""
        if self.fsm.state not in RESTING:
            return
        waited = self.outcome_by is not None and time.ticks_diff(time.ticks_ms(), self.outcome_by) >= 0
        if waited or self.feedback.idle_again():
            self.say_rest()

    def say_rest(self):
        """What a case that serves nobody has to say."""
        self.outcome_by = None
        fsm = self.fsm
        if fsm.door_open:
            self.feedback.say("forced")
        elif fsm.state == LOCKED_OUT:
            self.feedback.say("locked_out")
        elif fsm.state == LOCKED:
            self.feedback.say("idle" if self.clock.known() else "boot")
        else:
            self.feedback.say(self._why_shut())

    def _why_shut(self):
        if self.fsm.power_lost:
            return "power_lost"
        if self.boots and self.boots.safe:
            return "safe_mode"
        return "battery_low" if self.faults and "battery.low" in self.faults.codes() else "fault"

    # Door, lock and scale

    def look_at_door(self):
        if self.acts.broken:
            raise self.acts.broken
        now, bolt = time.ticks_ms(), getattr(self.devices, "bolt", None)
        if time.ticks_diff(now, self.faults_at) >= config.FAULTS_MS:
            self.look_at_faults()
        self.act(self.fsm.tick(now, self.devices.door.open(), bolt.home() if bolt else None))

    def look_at_faults(self):
        """Now and then, and at once for whoever sets a fault that cannot wait: a lost plug shuts an unlocked door."""
        now = self.faults_at = time.ticks_ms()
        codes = self.faults.codes() if self.faults else ()
        self.act(self.fsm.lose_power("power.lost" in codes, now))
        # After a row of crashes there are no sales: the radio and updates come first.
        stops = any(code in config.BLOCKING_FAULTS for code in codes) or bool(self.boots and self.boots.safe)
        self.act(self.fsm.fail(stops, now))

    def has_news(self):
        """True when the cloud asked, and while it would send customers to a closed case or keep them from an open one."""
        state = self.fsm.state
        # A visit under way is told of by its reports.
        turned = state in RESTING + (RESTOCK,) and (state in CLOSED) != self.told_closed
        return self.status_wanted or turned

    def status(self):
        # What flash did not take is tried again, seldom enough not to wear it.
        self.outbox.room()
        codes = self.faults.codes() if self.faults else ["door.bolt"] if self.fsm.bolt_faulty else []
        facts = {"door": "open" if self.devices.door.open() else "closed", "mass": self.weigher.grams(),
                 "vcc": round(self.devices.battery.volts(), 2), "state": self.fsm.state,
                 "faults": codes[: config.STATUS_FAULTS] or None}
        for name, ask in self.facts.items():
            facts[name] = ask()
        self.status_wanted, self.told_closed = False, self.fsm.state in CLOSED
        return self.reports.status(facts)
