# What goes on in a case, as far as its power is concerned: the controller seen through the eyes of power.py. Pure.
from lock_table import RESTING


class House:
    """What this case lacks stays as it is here: `updating()` is True while an image is fetched; `say(code)` sends a last
    word."""

    def __init__(self, controller, boots):
        self.controller = controller
        self.boots = boots
        self.updating = lambda: False
        # Whoever has something to send besides the reports in the outbox, by name.
        self.wanted = set()
        self.say = lambda _: None

    def state(self):
        return self.controller.fsm.state

    def visit(self):
        return self.state() not in RESTING

    def want(self, name, on):
        """`name` has something to send, or has not any more: the radio is woken for it."""
        if on:
            self.wanted.add(name)
        else:
            self.wanted.discard(name)

    def waiting(self):
        """Something should still go out."""
        pi = self.controller.devices.pi
        return bool(self.wanted or self.controller.outbox.waiting or pi and pi.up)

    def connected(self):
        return self.controller.devices.modem.connected

    def door_open(self):
        return self.controller.devices.door.open()

    def lock(self):
        self.controller.devices.lock.lock()

    def note(self, state):
        self.boots.note(state)

    async def radio(self, state):
        # A link that knows no sleep stays awake.
        change = getattr(self.controller.devices.modem, "wake" if state == "awake" else "sleep", None)
        if change:
            await change()
