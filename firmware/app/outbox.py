# Keeps reports in flash until the cloud's signed ack names their number, and numbers that never repeat.
#
# The log: each report is appended as a record, and so is each ack. When a segment is full, what still waits is copied
# to the other one, which becomes valid with its last record, the seal; until then the old one counts. A cut at any byte
# loses at most the record that was being written.
#
# Wear, for a year at 200 visits a day: a visit appends three reports and three acks, writes visit.json and seq-cmd.json
# twice each, and its share of the numbers' two files; numbers of status, every 30 s, add 180 small files a day. That is
# 2,300 writes a day. LittleFS never writes in place: an append copies the last block to a fresh one, so each write
# costs one erase of 4,096 bytes and a part of one for the folder, two at the most: 4,600 a day, 1.7 million a year.
# Full segments add seven a day. Spread over 256 free blocks (1 MB) of 100,000 erases each, 25.6 million, that is 15
# years.
import json
import os

from flash import LINE_BYTES_MAX, crc32

# The last word of a visit.
ENDS = ("closed", "timeout", "restocked")
# What the cloud can do without, least needed first; none that ends a visit that had the door is among them: one that was refused
# ends by its deadline, too.
DISPENSABLE = ("refused", "open_too_long", "opened", "forced", "unlocked", "fault")
# The cloud tells this many numbers apart (WINDOW_SIZE in domain/src/protocol/sequence.ts); what is older it acks
# unread.
WINDOW = 256
SEGMENTS = ("outbox-0.log", "outbox-1.log")
# What may be appended to a segment before it is copied: about a hundred records; four blocks of flash.
SLACK_BYTES = 16384
# Far above what any case has counted, in which both copies of a number were damaged: ten years of status make 11
# million.
LOST_JUMP = 1 << 24
# The cloud takes no number above this (domain/src/protocol/sequence.ts).
NUMBER_MAX = 1 << 40


class Sequence:
    """Rising numbers for one topic; reserved in flash in blocks, so a reset skips at most two and repeats none.

    One block is always held in reserve: on it lives a visit during which the flash fails. Two files hold the same
    number, and the higher counts; with both damaged it goes on far above."""

    def __init__(self, flash, name, block):
        self.flash = flash
        self.names = ("seq-%s.json" % name, "seq-%s-2.json" % name)
        self.block = block
        self.next = self.limit = self._stored()

    def take(self):
        if self.next + self.block >= self.limit:
            limit = self.next + 2 * self.block
            # Both are written before a number is used; one of them is enough to go on.
            if any([self.flash.write(name, limit) for name in self.names]):
                self.limit = limit
        self.next += 1
        return self.next - 1

    def above(self, number):
        """Another witness: this number was used."""
        self.next = max(self.next, number + 1)

    def _stored(self):
        found, damaged = 0, False
        for name in self.names:
            try:
                found = max(found, whole(self.flash.load(name)))
            except OSError:
                pass
            except ValueError:
                damaged = True
        if damaged and not found:
            return LOST_JUMP + int.from_bytes(os.urandom(3), "big")
        return found or 1


def whole(value):
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= NUMBER_MAX:
        raise ValueError("no number")
    return value


class Outbox:
    """Reports by number, oldest first, at most `most`. `room()` says how many more it takes without a loss."""

    def __init__(self, flash, sequence, most):
        self.flash = flash
        self.sequence = sequence
        self.most = most
        # Ticks at which each number was last sent; not in flash: after a reset all go out again.
        self.sent = {}
        segments = [Segment(flash, name) for name in SEGMENTS]
        self.current = 0 if segments[0].generation > segments[1].generation else 1
        used, other = segments[self.current], segments[1 - self.current]
        self.generation = used.generation
        # False: a segment is torn or damaged. Then both are read, and the next record starts one anew.
        self.whole = used.sound() and (other.sound() or other.size == 0)
        self.waiting = used.waiting if self.whole else merged(used, other)
        self.size, self.limit = used.size, used.sealed_at + SLACK_BYTES
        sequence.above(max(used.highest, other.highest))
        while len(self.waiting) > most:
            self.waiting.pop(self._least() or 0)

    def room(self):
        """0 while the flash fails: what is told now may not outlive a reset, so nobody new is let in."""
        if self.flash.failing() and not self.whole:
            self._start_segment()
        return 0 if self.flash.failing() else self.most - len(self.waiting)

    def ends(self, visit):
        """Whether the last word of this visit waits here."""
        return any(payload["type"] in ENDS and payload.get("id") == visit for payload in self.waiting)

    def speaks_of(self, visit):
        """Whether anything about this visit waits here."""
        return any(payload.get("id") == visit for payload in self.waiting)

    def put(self, payload):
        payload["seq"] = self.sequence.take()
        records = record(payload)
        if len(self.waiting) >= self.most:
            least = self._least()
            if least is None and payload["type"] in DISPENSABLE:
                return payload
            # Without room no visit starts, so that it never comes to the oldest of what must not go.
            dropped = self.waiting.pop(least or 0)["seq"]
            self.sent.pop(dropped, None)
            records += record(dropped)
        self.waiting.append(payload)
        self._keep(records)
        return payload

    def due(self, now, diff, resend_ms):
        """What to send now, in order: never sent, or sent too long ago without an ack. What must not get lost never
        falls out of the cloud's window: nothing so far above it is sent before it was acked."""
        end = None
        for payload in self.waiting:
            if payload["type"] not in DISPENSABLE:
                end = payload["seq"] + WINDOW
                break
        return [payload for payload in self.waiting
                if (end is None or payload["seq"] < end)
                and (payload["seq"] not in self.sent or diff(now, self.sent[payload["seq"]]) >= resend_ms)]

    def waits(self, payload):
        return any([one is payload for one in self.waiting])

    def mark_sent(self, payload, now):
        # Its ack may have come while the radio still had it.
        if self.waits(payload):
            self.sent[payload["seq"]] = now

    def link_lost(self):
        """What was on its way is gone with the link."""
        self.sent = {}

    def acked(self, seq):
        self.sent.pop(seq, None)
        left = [payload for payload in self.waiting if payload["seq"] != seq]
        if len(left) != len(self.waiting):
            self.waiting = left
            self._keep(record(seq))

    def _keep(self, records):
        if self.whole and self.size + len(records) <= self.limit:
            try:
                self.flash.append(SEGMENTS[self.current], records)
                self.size += len(records)
                return
            except OSError as error:
                print("flash: outbox", error)
        self._start_segment()

    def _start_segment(self):
        """All that waits, in the other segment. Where that fails as well it is only in memory, and told."""
        other = 1 - self.current
        try:
            self.size = self.flash.rewrite(SEGMENTS[other], self._records(self.generation + 1))
        except OSError as error:
            print("flash: outbox", error)
            self.whole = False
        else:
            self.current, self.generation = other, self.generation + 1
            self.limit = self.size + SLACK_BYTES
            self.whole = True
        self.flash.note("outbox", self.whole)

    def _records(self, generation):
        for payload in self.waiting:
            yield record(payload)
        yield record([generation, self.sequence.next - 1])

    def _least(self):
        for kind in DISPENSABLE:
            for i, payload in enumerate(self.waiting):
                if payload["type"] == kind:
                    return i
        return None


class Segment:
    """What a segment says, whatever bytes are in it. A record is a report, the number of one that is no more needed, or
    the seal: [generation, highest number ever used]."""

    def __init__(self, flash, name):
        self.waiting = []
        self.gone = set()
        # 0: never sealed.
        self.generation = 0
        self.highest = 0
        self.size = 0
        self.sealed_at = 0
        self.damaged = False
        try:
            for line in flash.lines(name):
                self.size += len(line)
                if line != b"\n":
                    self._read(line)
        except OSError:
            # There is none, or the chip cannot read on.
            self.damaged = self.size > 0

    def sound(self):
        return self.generation > 0 and not self.damaged

    def _read(self, line):
        try:
            value = value_in(line)
            if not is_record(value):
                raise ValueError("no record")
        except ValueError:
            self.damaged = True
            return
        if isinstance(value, dict):
            self.waiting.append(value)
            self.highest = max(self.highest, value["seq"])
        elif isinstance(value, list):
            self.generation = value[0]
            self.highest = max(self.highest, value[1])
            self.sealed_at = self.size
        else:
            self.gone.add(value)
            self.waiting = [payload for payload in self.waiting if payload["seq"] != value]


def is_record(value):
    if isinstance(value, dict):
        return isinstance(value.get("type"), str) and is_whole(value.get("seq"))
    if isinstance(value, list):
        return len(value) == 2 and all(is_whole(number) for number in value)
    return is_whole(value)


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def record(value):
    """A line between two line ends: whatever stood half-written before it ends there. JSON has no line end in it."""
    body = json.dumps(value).encode()
    return b"\n%08x %s\n" % (crc32(body), body)


def value_in(line):
    """Raises ValueError unless the line is whole."""
    body = line[9:-1]
    if line[-1:] != b"\n" or line[:9] != b"%08x " % crc32(body):
        raise ValueError("damaged")
    return json.loads(body)


def merged(some, others):
    """What either segment has and neither knows to be gone: one too many is acked again, one too few is lost."""
    gone = some.gone | others.gone
    by_number = {payload["seq"]: payload for payload in some.waiting + others.waiting}
    return [by_number[seq] for seq in sorted(by_number) if seq not in gone]
