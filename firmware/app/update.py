# Brings a newer application into the slot that is not in use: only what the update key has signed, whole, and on trial.
#
# Power may go at any byte. The slot in use is never written to; the other one is not whole until its manifest.json is
# in place, and does not start until slots.json says so. What has come and hashes right is kept for the next attempt.
import asyncio
import binascii
import gc
import hashlib
import os
import sys
import time

import config
from manifest import UpdateError, parse_manifest, parse_offer
from slots import MANIFEST, READ_BYTES, Slots, confirm, exists, number_of

# The manifest of what is being fetched; it gets its real name when all its files are there.
DRAFT = "manifest.new"
PART = ".part"
STEP_MS = 500


class Updater:
    """`flash` is slots.Files. `public_key`: 64 hex digits; None: no update is taken. `restart` resets the chip."""

    def __init__(self, link, flash, case, public_key, restart):
        self.link = link
        self.flash = flash
        self.path = "/firmware/" + case + "/"
        self.public_key = binascii.unhexlify(public_key) if public_key else None
        self.restart = restart
        self.asked = False
        # The slot that runs is no trial, or not any more.
        self.good = self.proven = False
        # Fetching: the radio should stay awake.
        self.busy = False
        # Code of the last look that found something wrong.
        self.problem = None

    def look_now(self):
        """The `ota` command."""
        self.asked = True

    def well(self):
        """The broker is there and the time is known: what runs is good."""
        if self.proven:
            return
        try:
            confirm(self.flash)
        except OSError as error:
            # Flash that takes nothing is no crash; the next status tries again.
            print("update:", error)
            return
        self.proven = self.good = True

    def failed(self):
        """For the status: an update was given up, or what was offered is not to be trusted."""
        return self.problem is not None or Slots(self.flash).failed > 0

    def slot(self):
        """a or b, for the status."""
        return Slots(self.flash).running[1:]

    async def run(self, here, allowed):
        """`allowed()` is True while nobody is at the case: a visit always comes first."""
        left_ms, told = 1000 * spread(config.UPDATE_FIRST_S), time.ticks_ms()
        trial_ms = 1000 * config.UPDATE_TRIAL_S
        while True:
            here()
            await asyncio.sleep_ms(STEP_MS)
            now = time.ticks_ms()
            passed, told = time.ticks_diff(now, told), now
            left_ms -= passed
            if self._on_trial():
                trial_ms -= passed
                if trial_ms <= 0 and allowed():
                    self.restart()
            elif self.public_key and (self.asked or left_ms <= 0) and self.link.connected and allowed():
                self.asked = False
                left_ms = 1000 * spread(await self._look(here, allowed))
                told = time.ticks_ms()

    async def _look(self, here, allowed):
        """Seconds until the next look."""
        self.busy = True
        try:
            ready = await self.check(here, allowed)
            self.problem = None
        except UpdateError as error:
            print("update:", error.code)
            self.problem = error.code
            return config.UPDATE_EVERY_S
        except OSError as error:
            print("update:", error)
            return config.UPDATE_AGAIN_S
        finally:
            self.busy = False
        if ready:
            await waited(here, allowed)
            self.restart()
        return config.UPDATE_EVERY_S

    def _on_trial(self):
        # Once confirmed it stays so: no need to read flash twice a second for ever.
        if not self.good:
            slots = Slots(self.flash)
            self.good = not (slots.trial and slots.attempts)
        return not self.good

    async def check(self, here, allowed=lambda: True):
        """True when the next start takes a newer application. Raises UpdateError, or OSError for the radio."""
        if not self.public_key:
            return False
        slots = Slots(self.flash)
        if slots.trial:
            return not slots.attempts
        floor = slots.floor()
        offer = await self._range("manifest.sig", 0, config.UPDATE_OFFER_BYTES_MAX, here, allowed)
        number, size, signature = parse_offer(offer)
        if number <= floor:
            return False
        raw = b""
        while len(raw) < size:
            length = min(config.UPDATE_CHUNK_BYTES, size - len(raw))
            raw += await self._range("manifest", len(raw), length, here, allowed)
        if not await is_signed(self.public_key, raw, binascii.unhexlify(signature)):
            raise UpdateError("update.bad-signature")
        here()
        manifest = parse_manifest(raw, floor, number_of(slots.running), getattr(sys.implementation, "_mpy", 0) & 0xFF)
        await self._fill(slots, manifest, raw, here, allowed)
        slots.try_next(slots.other)
        return True

    async def _fill(self, slots, manifest, raw, here, allowed):
        folder, files = slots.other, manifest["files"]
        prepare(folder, [one["path"] for one in files], raw)
        missing = []
        for one in files:
            here()
            if not await copied(slots.running, folder, one):
                missing.append(one)
        room_for(folder, missing)
        for one in missing:
            await self._download(folder, one, "%d/%s" % (manifest["number"], one["path"]), here, allowed)
        # Read back from flash once more, all of it: the last word before it may start.
        for one in files:
            here()
            if await digest(folder + "/" + one["path"]) != one["sha256"]:
                raise UpdateError("update.bad-file")
        os.rename(folder + "/" + DRAFT, folder + "/" + MANIFEST)

    async def _download(self, folder, one, path, here, allowed):
        part = folder + "/" + one["path"] + PART
        for _ in range(config.UPDATE_FILE_TRIES):
            have = os.stat(part)[6] if exists(part) else 0
            while have < one["size"]:
                length = min(config.UPDATE_CHUNK_BYTES, one["size"] - have)
                data = await self._range(path, have, length, here, allowed)
                append(part, data)
                have += len(data)
            if not exists(part):
                append(part, b"")
            if have == one["size"] and await digest(part) == one["sha256"]:
                os.rename(part, folder + "/" + one["path"])
                return
            os.remove(part)
        raise UpdateError("update.bad-file")

    async def _range(self, path, start, length, here, allowed):
        """At least one byte, at most `length`. Waits while somebody is at the case."""
        for again in range(config.UPDATE_CHUNK_TRIES):
            await waited(here, allowed)
            try:
                data = await asyncio.wait_for_ms(self.link.fetch(self.path + path, start, length), config.UPDATE_FETCH_MS)
                if 0 < len(data) <= length:
                    return bytes(data)
                print("update: a range of", len(data))
            except (OSError, asyncio.TimeoutError) as error:
                print("update: %r" % error)
            here()
            await asyncio.sleep_ms(config.UPDATE_CHUNK_PAUSE_MS << again)
        raise OSError("no answer for " + path)


async def is_signed(public_key, raw, signature):
    # Used once a week at most: its 20 KB of code do not stay in memory.
    from ed25519 import verify

    try:
        return await verify(public_key, raw, signature)
    finally:
        for name in ("ed25519", "sha512"):
            sys.modules.pop(name, None)
        gc.collect()


def prepare(folder, names, raw):
    """From here on the slot is not whole. What belongs to another update goes."""
    if not exists(folder):
        os.mkdir(folder)
    if exists(folder + "/" + MANIFEST):
        os.remove(folder + "/" + MANIFEST)
    draft = folder + "/" + DRAFT
    same = exists(draft) and os.stat(draft)[6] == len(raw) and read(draft) == raw
    for name in os.listdir(folder):
        if name not in names and name != DRAFT and not (same and name.endswith(PART)):
            os.remove(folder + "/" + name)
    if not same:
        with open(draft, "wb") as file:
            file.write(raw)


async def copied(running, folder, one):
    """True when the file is there: from an earlier attempt, or the same as in the slot in use: not worth the radio."""
    path, source = folder + "/" + one["path"], running + "/" + one["path"]
    if exists(path):
        if os.stat(path)[6] == one["size"] and await digest(path) == one["sha256"]:
            return True
        os.remove(path)
    if not exists(source) or os.stat(source)[6] != one["size"] or await digest(source) != one["sha256"]:
        return False
    fresh = path + ".copy"
    with open(source, "rb") as old:
        with open(fresh, "wb") as new:
            while True:
                data = old.read(READ_BYTES)
                if not data:
                    break
                new.write(data)
                await asyncio.sleep_ms(0)
    os.rename(fresh, path)
    return True


def room_for(folder, files):
    block = os.statvfs(folder)[0]
    needed = sum([(one["size"] // block + 1) * block for one in files])
    if free_bytes(folder) < needed + config.UPDATE_SPARE_BYTES:
        raise UpdateError("update.no-room")


def free_bytes(folder):
    facts = os.statvfs(folder)
    return facts[0] * facts[3]


def append(path, data):
    try:
        with open(path, "ab") as file:
            file.write(data)
    except OSError as error:
        print("update:", error)
        # Full after all: reports need the room more.
        if exists(path):
            os.remove(path)
        raise UpdateError("update.no-room")


def read(path):
    with open(path, "rb") as file:
        return file.read()


async def digest(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            data = file.read(READ_BYTES)
            if not data:
                return binascii.hexlify(found.digest()).decode()
            found.update(data)
            await asyncio.sleep_ms(0)


async def waited(here, allowed):
    here()
    while not allowed():
        await asyncio.sleep_ms(STEP_MS)
        here()


def spread(seconds):
    """With a share of its own: a fleet must not ask all at once."""
    return seconds + int.from_bytes(os.urandom(2), "big") * config.UPDATE_JITTER_S // 65536
