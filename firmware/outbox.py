# Keeps reports in flash until the cloud's signed ack names their number, and numbers that never repeat.
import json
import os


class Flash:
    """Small JSON files, written beside the old one and renamed into place: a power cut leaves one or the other."""

    def __init__(self, folder):
        self.folder = folder

    def read(self, name, otherwise):
        try:
            with open(self.folder + "/" + name) as file:
                return json.load(file)
        except (OSError, ValueError):
            return otherwise

    def write(self, name, value):
        path = self.folder + "/" + name
        with open(path + ".new", "w") as file:
            json.dump(value, file)
        os.rename(path + ".new", path)


class Sequence:
    """Rising numbers for one topic; taken from flash in blocks, so a reset skips some and repeats none."""

    def __init__(self, flash, name, block):
        self.flash = flash
        self.name = "seq-" + name
        self.block = block
        self.next = self.limit = flash.read(self.name, 1)

    def take(self):
        if self.next >= self.limit:
            self.limit = self.next + self.block
            self.flash.write(self.name, self.limit)
        self.next += 1
        return self.next - 1


class Outbox:
    """Reports by number, oldest first. At most `most`: the oldest repeated word of an open door goes first."""

    def __init__(self, flash, sequence, most):
        self.flash = flash
        self.sequence = sequence
        self.most = most
        self.waiting = flash.read("outbox.json", [])

    def put(self, payload):
        payload["seq"] = self.sequence.take()
        if len(self.waiting) >= self.most:
            self.waiting.pop(self._least())
        self.waiting.append(payload)
        self.flash.write("outbox.json", self.waiting)
        return payload

    def acked(self, seq):
        left = [payload for payload in self.waiting if payload["seq"] != seq]
        if len(left) != len(self.waiting):
            self.waiting = left
            self.flash.write("outbox.json", left)

    def _least(self):
        for i, payload in enumerate(self.waiting):
            if payload["type"] == "open_too_long":
                return i
        return 0
