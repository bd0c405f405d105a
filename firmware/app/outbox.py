# Keeps reports in flash until the cloud's signed ack names their number, and numbers that never repeat.
#
# Wear: a visit costs about ten small files written. LittleFS spreads them; at 200 visits a day and 1 MB of flash
# rated for 100,000 erasures a block that is over thirty years.
# What the cloud can do without, least needed first; a weighed close or a time-out is never among them.
DISPENSABLE = ("open_too_long", "opened", "forced", "unlocked")


class Sequence:
    """Rising numbers for one topic; taken from flash in blocks, so a reset skips some and repeats none."""

    def __init__(self, flash, name, block):
        self.flash = flash
        self.name = "seq-" + name + ".json"
        self.block = block
        self.next = self.limit = flash.read(self.name, 1)

    def take(self):
        if self.next >= self.limit:
            self.flash.write(self.name, self.next + self.block)
            self.limit = self.next + self.block
        self.next += 1
        return self.next - 1


class Outbox:
    """Reports by number, oldest first, at most `most`. `room()` says how many more it takes without a loss."""

    def __init__(self, flash, sequence, most):
        self.flash = flash
        self.sequence = sequence
        self.most = most
        self.waiting = flash.read("outbox.json", [])
        # Ticks at which each number was last sent; not in flash: after a reset all go out again.
        self.sent = {}

    def room(self):
        return self.most - len(self.waiting)

    def put(self, payload):
        payload["seq"] = self.sequence.take()
        if len(self.waiting) >= self.most:
            self.waiting.pop(self._least())
        self.waiting.append(payload)
        self.flash.write("outbox.json", self.waiting)
        return payload

    def due(self, now, diff, resend_ms):
        """What to send now, in order: never sent, or sent too long ago without an ack."""
        return [payload for payload in self.waiting
                if payload["seq"] not in self.sent or diff(now, self.sent[payload["seq"]]) >= resend_ms]

    def mark_sent(self, payload, now):
        self.sent[payload["seq"]] = now

    def link_lost(self):
        """What was on its way is gone with the link."""
        self.sent = {}

    def acked(self, seq):
        self.sent.pop(seq, None)
        left = [payload for payload in self.waiting if payload["seq"] != seq]
        if len(left) != len(self.waiting):
            self.waiting = left
            self.flash.write("outbox.json", left)

    def _least(self):
        for kind in DISPENSABLE:
            for i, payload in enumerate(self.waiting):
                if payload["type"] == kind:
                    return i
        return 0
