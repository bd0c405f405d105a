# Does what the lock's machine says: pins, words, weighing, reports. No `machine` here.
import asyncio
import time

import config
from lock_table import RESTING
from ticks import not_too_old

# What the case says for an action; the others go without a word.
MOMENTS = {"unlocked": "unlocked", "opened": "open", "open_too_long": "too_long", "remind": "too_long",
           "restock": "restock", "forced": "forced"}


class LockActs:
    """`do(actions)` of LockFsm, in their order. `broken` is what went wrong in a weighing, for the main task to raise: a
    visit that cannot be weighed must end in a reset, which takes it up again, and not in silence."""

    def __init__(self, controller):
        self.controller = controller
        self.weighings = 0
        self.broken = None
        # Since when the last `forced` stands, and for how long none follows it.
        self.forced_at = None
        self.forced_apart = 0

    def do(self, actions):
        for action in actions:
            if action in MOMENTS:
                self.controller.feedback.say(MOMENTS[action])
            self._do(action)

    def _do(self, action):
        controller, devices = self.controller, self.controller.devices
        if action == "lock":
            devices.lock.lock()
        elif action == "release":
            devices.lock.release()
        elif action == "line_up":
            devices.line.value(1)
        elif action == "line_down":
            devices.line.value(0)
        elif action == "weigh":
            self._start_weighing()
        elif action == "bolt_fault":
            self._tell_bolt_fault()
        elif action == "bolt_well":
            self._set_fault(False)
        elif action == "ready":
            controller.weigher.forget()
            controller.say_rest()
        elif action == "say":
            controller.say_rest()
        elif action == "unlocked":
            self._report(action, mass=round(controller.baseline[0], 1))
        elif action in ("opened", "open_too_long"):
            self._report(action)
        elif action == "forced":
            self._tell_forced()

    def _tell_forced(self):
        """A contact that bounces all day must not wear out the flash: twice as long between two that follow each other."""
        now = time.ticks_ms()
        if self.forced_at is not None:
            self.forced_at = not_too_old(now, self.forced_at)
            passed = time.ticks_diff(now, self.forced_at)
            if passed < self.forced_apart:
                return
            if passed >= config.FORCED_QUIET_MS:
                self.forced_apart = 0
        self.forced_apart = min(2 * self.forced_apart or config.FORCED_APART_MS, config.FORCED_APART_MS_MAX)
        self.forced_at = now
        self.controller.reports.put("forced", None, mass=self.controller.weigher.grams())

    def _report(self, kind, **facts):
        self.controller.reports.put(kind, self.controller.fsm.visit, **facts)

    def _set_fault(self, on):
        if self.controller.faults:
            self.controller.faults.set("door.bolt", on)

    def _tell_bolt_fault(self):
        self._set_fault(True)
        controller, fsm = self.controller, self.controller.fsm
        # Of a visit only while there is one; staff's work is none.
        visit = fsm.visit if fsm.state not in RESTING and not fsm.restocking else None
        controller.reports.put("fault", visit, code="door.bolt")

    def _start_weighing(self):
        fsm = self.controller.fsm
        if fsm.opened and not fsm.restocking:
            self.controller.feedback.say("weighing")
        self.weighings += 1
        asyncio.create_task(self._weigh(self.weighings))

    async def _weigh(self, weighing):
        controller = self.controller
        try:
            grams, sigma = await controller.weigher.rest(controller.baseline[0])
            # The door may have opened and shut again meanwhile: only the last weighing counts.
            if weighing == self.weighings:
                for action in controller.fsm.weighed(time.ticks_ms()):
                    if action == "weigh":
                        # Somebody may be at the door: what was weighed is weighed once more, at the pace of the door's looks.
                        await asyncio.sleep_ms(config.TICK_MS)
                        self._start_weighing()
                    else:
                        self._end(action, grams, sigma)
        except Exception as error:
            self.broken = error

    def _end(self, kind, grams, sigma):
        controller = self.controller
        before, before_sigma = controller.baseline
        if kind == "timeout":
            self._report(kind, mass=round(grams, 1))
            controller.feedback.say(kind)
        else:
            # A difference has the noise of both weighings.
            both = (sigma ** 2 + before_sigma ** 2) ** 0.5
            self._report(kind, mass=round(grams, 1), dmass=round(before - grams, 1),
                         sigma=round(min(max(both, config.SIGMA_GRAMS_MIN), config.SIGMA_GRAMS_BLIND), 2))
            if kind == "closed":
                controller.outcome_by = time.ticks_add(time.ticks_ms(), config.SHOW_WAIT_MS)
            else:
                controller.say_rest()
        controller.keep_visit(True)
