# What the case tells the cloud: door reports that wait until they are acked, and how the case is. No `machine` here.
import asyncio
import binascii
import os
import time

import config
from commands import is_epoch
from envelope import seal
from outbox import Outbox, Sequence


class Reports:
    """`link` publishes; `clock` knows the time, or does not; `secrets` is the provisioning."""

    def __init__(self, link, clock, flash, secrets):
        self.link = link
        self.clock = clock
        self.key = binascii.unhexlify(secrets["key"])
        self.case = "case/" + secrets["case"]
        self.resend_ms = secrets.get("resend_ms", config.RESEND_MS)
        self.outbox = Outbox(flash, Sequence(flash, "door", config.SEQ_BLOCK), config.OUTBOX_MAX)
        self.status_seq = Sequence(flash, "status", config.SEQ_BLOCK)
        self.epochs = Epochs(flash)
        self.unsent = asyncio.Event()
        # Of the link, where somebody keeps it.
        self.health = None
        # Of each code that a frame or command was refused with; the codes are ours, so they are few.
        self.refused = {}

    def put(self, kind, visit, **facts):
        """A door report, into flash first. `visit` is None where it belongs to none."""
        payload = {"type": kind, "seq": 0, "at": self.clock.now()}
        if visit is not None:
            payload["id"] = visit
        for name in ("mass", "dmass"):
            if name in facts:
                facts[name] = sayable(facts[name])
        payload.update(facts)
        self.outbox.put(payload)
        self.unsent.set()

    async def send(self, channel, payload):
        topic = self.case + "/" + channel
        await self.link.publish(topic, seal(topic, payload, self.key))
        if self.health:
            self.health.acked(time.ticks_ms())

    async def send_waiting(self, here=lambda: None):
        """What the cloud has not acked, in order. What happened before the time was known gets the first time known."""
        for payload in self.outbox.due(time.ticks_ms(), time.ticks_diff, self.resend_ms):
            # A day's reports over a slow radio take minutes.
            here()
            # Those before it took their time on the radio, and acks came meanwhile.
            if not self.outbox.waits(payload):
                continue
            payload["at"] = payload["at"] or self.clock.now()
            await self.send("door", payload)
            self.outbox.mark_sent(payload, time.ticks_ms())

    def count_refused(self, code):
        self.refused[code] = min(self.refused.get(code, 0) + 1, config.REFUSED_MAX)

    def status(self, facts):
        """`facts` are the case's own; what is None is left out."""
        payload = {"type": "status", "seq": self.status_seq.take(), "at": self.clock.now()}
        facts["mass"] = sayable(facts["mass"])
        if facts.get("cells"):
            facts["cells"] = [sayable(grams) for grams in facts["cells"]]
        facts["fw"] = config.FIRMWARE
        facts["rssi"] = self.link.rssi_dbm
        facts["refused"] = min(sum(self.refused.values()), config.REFUSED_MAX)
        for name, value in facts.items():
            if value is not None:
                payload[name] = value
        return payload

    def hello(self, nonce, last, visit):
        """`last` is the number of the last command that was taken, `visit` the last one that is known. After a boot it is said,
        so that nobody waits for a door whose unlock was lost with the power."""
        self.clock.ask(nonce)
        payload = {"type": "hello", "seq": self.status_seq.take(), "at": 0, "nonce": nonce, "fw": config.FIRMWARE,
                   "epoch": self.epochs.own, "last": last}
        if self.epochs.ledger:
            payload["ledger"] = self.epochs.ledger
        if not self.clock.known():
            payload["knows"] = visit or ""
        return payload


class Epochs:
    """Whose numbers they are: `own` is of this board's state, `ledger` of the ledger whose numbers are obeyed, None before
    the first.

    A number says nothing where whoever counts was replaced, erased or restored from yesterday. So each state that counts
    has an epoch, chance that was made with it. The cloud hears ours in each hello; a new one counts when staff expected a
    new board. The ledger's comes with the signed time, the answer to our own nonce, and is believed nowhere else."""

    # Two, because one that was damaged would make a stranger of this board. Written once in a board's life.
    OWN = ("epoch.json", "epoch-2.json")
    LEDGER = "ledger.json"

    def __init__(self, flash):
        self.flash = flash
        self.ledger = self._kept(self.LEDGER)
        self.own = self._kept(self.OWN[0]) or self._kept(self.OWN[1]) or binascii.hexlify(os.urandom(8)).decode()
        for name in self.OWN:
            if self._kept(name) != self.own:
                flash.write(name, self.own)

    def obey(self, ledger):
        """Where its numbers stand is in flash before: cut between the two, it is only asked once more."""
        self.ledger = ledger
        self.flash.write(self.LEDGER, ledger)

    def _kept(self, name):
        value = self.flash.read(name, None)
        return value if is_epoch(value) else None


def sayable(grams):
    """Within what the cloud believes: a report that it cannot read would never be acked, and its visit never end."""
    return max(-config.GRAMS_MAX, min(grams, config.GRAMS_MAX))
