# What the controller of a case does with commands, door and scale. It gets its devices as arguments: no `machine` here.
import asyncio
import binascii
import time

import config
from clock import Clock
from commands import parse_command
from envelope import FrameError, open_frame, seal
from lock_fsm import LOCKED, WEIGHING, LockFsm
from outbox import Outbox, Sequence


class Controller:
    """`devices` has lock, door, line, battery and modem; `secrets` is the provisioning."""

    def __init__(self, devices, weigher, feedback, flash, secrets):
        self.devices = devices
        self.weigher = weigher
        self.feedback = feedback
        self.flash = flash
        self.key = binascii.unhexlify(secrets["key"])
        self.case = "case/" + secrets["case"]
        self.status_ms = secrets.get("status_ms", config.STATUS_MS)
        self.resend_ms = secrets.get("resend_ms", config.RESEND_MS)
        self.clock = Clock(time.ticks_ms, time.ticks_diff, config.SKEW_S)
        self.fsm = LockFsm(time.ticks_diff, secrets.get("open_within_ms", config.OPEN_WITHIN_MS),
                           secrets.get("open_too_long_ms", config.OPEN_TOO_LONG_MS), config.DEBOUNCE_MS,
                           config.DWELL_MS)
        self.outbox = Outbox(flash, Sequence(flash, "door", config.SEQ_BLOCK), config.OUTBOX_MAX)
        self.status_seq = Sequence(flash, "status", config.SEQ_BLOCK)
        self.command_seq = flash.read("seq-cmd.json", 0)
        self.unsent = asyncio.Event()
        self.weighings = 0
        self.refused = {}
        self.feedback.say("boot")
        self._resume()

    def _resume(self):
        """A reset cut a visit short: the lock is shut, the goods are still to be weighed."""
        visit = self.flash.read("visit.json", None)
        self.baseline = (visit["mass"], visit["sigma"]) if visit else (0.0, 0.0)
        if visit and not visit["over"]:
            self.fsm.resume(visit["id"], time.ticks_ms())
        elif visit:
            self.fsm.visit = visit["id"]

    def _keep_visit(self, over):
        grams, sigma = self.baseline
        self.flash.write("visit.json", {"id": self.fsm.visit, "mass": grams, "sigma": sigma, "over": over})

    def say_idle_again(self):
        """After what a customer was told has stood long enough."""
        if self.fsm.state == LOCKED and self.feedback.idle_again():
            self.feedback.say("idle")

    # Reports

    def report(self, kind, **facts):
        payload = {"type": kind, "seq": 0, "at": self.clock.now()}
        if kind != "forced":
            payload["id"] = self.fsm.visit
        payload.update(facts)
        self.outbox.put(payload)
        self.unsent.set()

    async def send(self, channel, payload):
        topic = self.case + "/" + channel
        await self.devices.modem.publish(topic, seal(topic, payload, self.key))

    async def send_waiting(self):
        """What the cloud has not acked, in order. What happened before the time was known gets the first time known."""
        for payload in self.outbox.due(time.ticks_ms(), time.ticks_diff, self.resend_ms):
            payload["at"] = payload["at"] or self.clock.now()
            await self.send("door", payload)
            self.outbox.mark_sent(payload, time.ticks_ms())

    # Commands

    async def hear(self, topic, frame):
        """Total: whatever bytes come, they are obeyed or counted."""
        try:
            await self.obey(parse_command(open_frame(topic, frame, self.key)))
        except FrameError as error:
            self.refused[error.code] = self.refused.get(error.code, 0) + 1
            print("refused:", error.code)

    async def obey(self, command):
        kind, seq = command["type"], command["seq"]
        if seq <= self.command_seq:
            raise FrameError("seq.replayed")
        self.command_seq = seq
        # An ack does no harm twice, so only the others cost a write to flash.
        if kind == "ack":
            return self.outbox.acked(command["of"])
        self.flash.write("seq-cmd.json", seq)
        if kind == "time":
            return self.set_time(command)
        stale = self.clock.refuse(command["at"], command.get("exp"))
        if stale:
            raise FrameError(stale)
        if kind == "unlock":
            return await self.unlock(command["id"])
        self.show(command)

    def set_time(self, command):
        first = not self.clock.known()
        # Its nonce ties it to our last question, so no clock is needed to trust it.
        if not self.clock.set(command["nonce"], command["at"]):
            raise FrameError("time.unasked")
        self.unsent.set()
        if first and self.fsm.state == LOCKED:
            self.feedback.say("idle")

    async def unlock(self, visit):
        # Looked at first: the shelf of an open case must not become anybody's baseline.
        if visit == self.fsm.visit:
            return
        if self.fsm.state != LOCKED:
            raise FrameError("visit.busy")
        if self.outbox.room() < config.OUTBOX_ROOM:
            raise FrameError("outbox.full")
        # At rest the scale is read all the time, so usually there is nothing to wait for. A door that was open a moment
        # ago is waited for: what was read meanwhile may be of another shelf.
        baseline = (not self.fsm.door_open and self.weigher.settled()) or await self.weigher.rest(self.baseline[0])
        actions = self.fsm.unlock(visit, time.ticks_ms())
        if actions is None:
            raise FrameError("visit.busy")
        self.baseline = baseline
        # Written before the bolt moves: whoever is let in is weighed, whatever happens to the power.
        self._keep_visit(False)
        self.act(actions)

    def show(self, command):
        # Somebody else may be at the shelf by now; their screen stays theirs.
        if self.fsm.state in (LOCKED, WEIGHING):
            self.feedback.show(command)

    # Door, lock and scale

    def look_at_door(self):
        self.act(self.fsm.tick(time.ticks_ms(), self.devices.door.open()))

    def act(self, actions):
        for action in actions:
            if action[0] == "lock":
                self.devices.lock.lock()
            elif action[0] == "release":
                self.devices.lock.release()
            elif action[0] == "line":
                self.devices.line.value(action[1])
            elif action[0] == "weigh":
                self.feedback.say("weighing")
                self.weighings += 1
                asyncio.create_task(self.weigh(self.weighings))
            elif action[0] == "ready":
                self.weigher.forget()
                self.feedback.say("idle" if self.clock.known() else "boot")
            else:
                self.tell(action[1])

    def tell(self, kind):
        self.feedback.say({"opened": "open", "open_too_long": "too_long"}.get(kind, kind))
        if kind in ("opened", "open_too_long"):
            self.report(kind)
        elif kind == "unlocked":
            self.report(kind, mass=round(self.baseline[0], 1))
        else:
            self.report(kind, mass=self.weigher.grams())
        if kind == "timeout":
            self._keep_visit(True)

    async def weigh(self, weighing):
        grams, sigma = await self.weigher.rest(self.baseline[0])
        # The door may have opened and shut again meanwhile: only the last weighing counts.
        if weighing != self.weighings:
            return
        # A difference has the noise of both weighings.
        both = (sigma ** 2 + self.baseline[1] ** 2) ** 0.5
        for _ in self.fsm.weighed(time.ticks_ms()):
            self.report("closed", mass=round(grams, 1), dmass=round(self.baseline[0] - grams, 1),
                        sigma=round(min(max(both, config.SIGMA_GRAMS_MIN), config.SIGMA_GRAMS_BLIND), 2))
            self._keep_visit(True)

    def status(self):
        return {"type": "status", "seq": self.status_seq.take(), "at": self.clock.now(),
                "door": "open" if self.devices.door.open() else "closed", "mass": self.weigher.grams(),
                "vcc": round(self.devices.battery.volts(), 2), "rssi": self.devices.modem.rssi_dbm,
                "fw": config.FIRMWARE}

    def hello(self, nonce):
        self.clock.nonce = nonce
        return {"type": "hello", "seq": self.status_seq.take(), "at": 0, "nonce": nonce, "fw": config.FIRMWARE}
