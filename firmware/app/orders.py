# Obeys the cloud's commands: signature, then a rising number, then the clock, then whether the case may; the time by its
# nonce alone. No `machine` here.
import asyncio
import time

import config
from commands import check_rising, is_number, is_visit, parse_command
from envelope import FrameError, open_frame
from lock_table import STAFF, UNLOCK
from ticks import not_too_old

# Refused for what their number is; anything else is of a command that the cloud has just given, once.
BY_NUMBER = ("seq.replayed", "seq.leap")


class Orders:
    """`controller` does what is ordered. A refusal has a code, is counted, and changes nothing but the last number."""

    def __init__(self, controller, flash):
        self.controller = controller
        self.flash = flash
        last = flash.read("seq-cmd.json", 0)
        # One above all that can come, as firmware without a bound believed it, would keep the case deaf for ever.
        self.last_seq = last if is_number(last) else 0
        # When the last command that cannot be read was told.
        self.told_at = None
        # The last visit that was told to be turned away: nothing opens for it any more. When one was for its number.
        self.turned_away = None
        self.number_told_at = None

    async def hear(self, topic, frame):
        """Total: whatever bytes come, they are obeyed or counted."""
        reports, value = self.controller.reports, None
        try:
            value = open_frame(topic, frame, reports.key)
            self.controller.health.heard()
            try:
                command = parse_command(value)
            except FrameError:
                self._tell_unread()
                raise
            await self.obey(command)
        except FrameError as error:
            reports.count_refused(error.code)
            print("refused:", error.code)
            self._turn_away(value, error.code)

    def _tell_unread(self):
        """The cloud signed it, so it is no noise: somebody must learn that it was not done. Its number stays free, so a
        better one may bear it. A cloud that says it all day is told now and then."""
        if self._apart("told_at", config.UNREAD_APART_MS):
            self.controller.reports.put("fault", None, code="command.unread")

    def _turn_away(self, value, code):
        """Somebody waits before the door for this: the cloud ends their visit where it hears that nothing opens for it, and
        lets their money go. Only where that is sure: a visit that has or had the door is told of by its own reports."""
        if not isinstance(value, dict) or value.get("type") != "unlock" or not is_visit(value.get("id")):
            return
        controller, visit = self.controller, value["id"]
        if visit in (controller.fsm.visit, self.turned_away) or controller.outbox.speaks_of(visit):
            return
        # Whoever recorded commands could have each of them told once more: flash is not worn out for that.
        if code in BY_NUMBER and not self._apart("number_told_at", config.TURNED_AWAY_APART_MS):
            return
        self.turned_away = visit
        controller.reports.put("refused", visit, code=code)

    def _apart(self, name, apart_ms):
        """True, and noted under the name, where the last time is so long ago."""
        now, last = time.ticks_ms(), getattr(self, name)
        if last is not None:
            last = not_too_old(now, last)
            setattr(self, name, last)
            if time.ticks_diff(now, last) < apart_ms:
                return False
        setattr(self, name, now)
        return True

    async def obey(self, command):
        controller, kind, seq = self.controller, command["type"], command["seq"]
        if kind == "time":
            return self._believe(command)
        self._rises(seq)
        self.last_seq = seq
        # An ack does no harm twice, so only the others cost a write to flash.
        if kind == "ack":
            # Late or not, it says that the report is safe; and often it is the only word of a cloud with a new clock.
            if controller.clock.refuse(command["at"]):
                controller.clock.doubt()
            return controller.outbox.acked(command["of"])
        if kind == "lockout":
            # It harms nobody twice, so it is in flash before its number: a cut between the two must not lose it.
            try:
                self._fresh(command)
                return controller.lock_out(command["on"], command["reason"])
            finally:
                self.flash.write("seq-cmd.json", seq)
        # What opens is the other way round: its number is in flash first, so that nothing opens a second time.
        self.flash.write("seq-cmd.json", seq)
        self._fresh(command)
        if kind == "unlock":
            await self.serve(UNLOCK, command)
        elif kind == "restock":
            await self.serve(STAFF, command)
        elif kind == "show":
            controller.show(command)
        elif kind == "say":
            controller.tell(command["text"])
        elif kind == "tare":
            self.tare()
        elif kind == "ota":
            controller.look_for_update()
        elif kind == "ping":
            controller.status_wanted = True

    def _believe(self, command):
        """The answer to our own nonce is no record of another day. So its time counts whatever its number; and where another
        ledger gives it, or ours that was put back, numbers go on from there, below the last one too."""
        self.controller.set_time(command)
        ledger, seq = command.get("epoch"), command["seq"]
        epochs = self.controller.reports.epochs
        goes_on = ledger is None or ledger == epochs.ledger
        if goes_on:
            check_rising(self.last_seq, seq)
        self.last_seq = seq
        self.flash.write("seq-cmd.json", seq)
        if not goes_on:
            epochs.obey(ledger)

    def _rises(self, seq):
        try:
            check_rising(self.last_seq, seq)
        except FrameError:
            # A frame that comes twice is everyday; any other number may be one of a ledger that counts anew. It is asked, and
            # what it says to our nonce is believed.
            if seq != self.last_seq:
                self.controller.clock.doubt()
            raise

    async def serve(self, event, command):
        controller, fsm, visit = self.controller, self.controller.fsm, command["id"]
        if visit == fsm.visit:
            # The door is, or was, this visit's. What it reported waits for its ack by itself; a status says the rest.
            controller.status_wanted = True
            return
        # The cloud has heard that nothing opens for it, and has let its money go.
        if visit == self.turned_away:
            raise FrameError("visit.over")
        await self._door_stands()
        # Looked at first: the shelf of an open case must not become anybody's baseline.
        self._may(event)
        # At rest the scale is read all the time, so usually there is nothing to wait for. A door that was open a moment
        # ago is waited for: what was read meanwhile may be of another shelf.
        weigher = controller.weigher
        baseline = (not fsm.door_open and weigher.settled()) or await weigher.rest(controller.baseline[0])
        # And again: while the scale was waited for the plug may have been pulled, or the customer given up.
        self._may(event)
        self._fresh(command)
        controller.serve(event, visit, baseline)

    async def _door_stands(self):
        """A spike of the contact just now is no open door: what it is shows in a moment."""
        started = time.ticks_ms()
        while self.controller.fsm.wavers() and time.ticks_diff(time.ticks_ms(), started) < 2 * config.DEBOUNCE_MS:
            await asyncio.sleep_ms(config.TICK_MS)

    def _fresh(self, command):
        stale = self.controller.clock.refuse(command["at"], command.get("exp"))
        if stale:
            self.controller.clock.doubt()
            raise FrameError(stale)

    def _may(self, event):
        code = self.controller.fsm.refusal(event)
        if code is None and self.controller.outbox.room() < config.OUTBOX_ROOM:
            code = "outbox.full"
        if code:
            raise FrameError(code)

    def tare(self):
        # Only an untouched shelf is a shelf; staff see to it that it is an empty one.
        if not self.controller.at_rest():
            raise FrameError("visit.busy")
        if self.controller.weigher.tare() is False:
            raise FrameError("scale.moving")
