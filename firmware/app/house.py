# What goes on in a case, as far as its power is concerned: the controller seen through the eyes of power.py. Pure.
import config

# Nobody is served in these; in any other state the case stays awake.
NOBODY = ("locked", "locked_out", "fault")


class House:
    """What this case lacks stays as it is here: `due()` is True when a status should go out, `updating()` while an image is
    fetched; `loaded(on)` is told when cells and display got or lost their current, `say(code)` sends a last word."""

    def __init__(self, controller, boots):
        self.controller = controller
        self.boots = boots
        self.due = self.updating = lambda: False
        self.loaded = self.say = lambda _: None

    def visit(self):
        return self.controller.fsm.state not in NOBODY

    def waiting(self):
        """Something should still go out."""
        return self.controller.outbox.room() < config.OUTBOX_MAX or self.due()

    def connected(self):
        return self.controller.devices.modem.connected

    def door_open(self):
        return self.controller.devices.door.open()

    def lock(self):
        self.controller.devices.lock.lock()

    def note(self, state):
        self.boots.note(state)

    async def radio(self, state):
        modem = self.controller.devices.modem
        await (modem.wake() if state == "awake" else modem.sleep())
