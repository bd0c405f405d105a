# Decides which of the two application slots starts. Written by USB, never over the air: whatever an update brings, this
# stays. No `machine` here.
#
# slots.json: `active` is the slot that is known to be good. `trial` is one that an update filled: it starts at most
# TRIES_MAX times without a word that it works (confirm), then `active` has it again. `floor` is the highest number that
# was ever confirmed or has failed: an update must be above it. `failed` is the number that was given up last, or 0.
# `crashes` counts starts in a row at which the active slot could not even be imported.
import hashlib
import json
import os

SLOTS = ("/a", "/b")
STATE = "slots.json"
# In each slot: what is in it, as it was signed.
MANIFEST = "manifest.json"
# A mast that is down or a brown-out costs one start; three are no accident.
TRIES_MAX = 3
READ_BYTES = 1024


class Files:
    """Small JSON files; a power cut leaves the old one or the new one. The slots' own: app/flash.py may change."""

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


class Slots:
    """What slots.json says; where it says nothing that can be believed, the slot that is whole, else /a."""

    def __init__(self, flash):
        self.flash = flash
        state = flash.read(STATE, None)
        self.damaged = not is_state(state)
        if self.damaged:
            state = {"active": best(SLOTS), "trial": None, "attempts": 0, "floor": 0, "failed": 0, "crashes": 0}
        self._take(state)

    def _take(self, state):
        self.state = state
        self.active, self.trial, self.attempts = state["active"], state["trial"], state["attempts"]
        self.failed = state["failed"]
        # The slot that this start took, and the other one, which an update may fill.
        self.running = self.trial if self.trial and self.attempts else self.active
        self.other = SLOTS[1 - SLOTS.index(self.running)]

    def floor(self):
        """An update's number must be above this."""
        return max(self.state["floor"], number_of(self.active))

    def keep(self, **changes):
        """In memory first: what flash does not take any more still holds for this start."""
        self.state.update(changes)
        self._take(self.state)
        self.flash.write(STATE, self.state)

    def try_next(self, folder):
        """The next start takes `folder`, which is whole."""
        self.keep(trial=folder, attempts=0)

    def can_fall_back(self):
        """Where the slot in use is of no use. What has failed once is no help, except where there is nothing else."""
        if not is_whole(self.other):
            return has_app(self.other) and not has_app(self.active)
        return not self.failed or number_of(self.other) != self.failed or not has_app(self.active)

    def give_up(self):
        number = number_of(self.trial)
        self.keep(trial=None, attempts=0, failed=number, floor=max(self.floor(), number))


def choose(flash, counted=True):
    """The folder to start from. `counted` is False after a deep sleep: the good slot is not doubted then. A trial that
    sleeps deeply has not got through to the cloud, so each start of it counts."""
    slots = Slots(flash)
    try:
        if slots.damaged:
            slots.keep()
        if slots.trial:
            if slots.attempts >= TRIES_MAX or not is_whole(slots.trial):
                slots.give_up()
            else:
                slots.keep(attempts=slots.attempts + 1)
        if not slots.trial and counted and not is_whole(slots.active) and slots.can_fall_back():
            print("slots: %s is damaged" % slots.active)
            slots.keep(active=slots.other)
    except OSError as error:
        print("slots:", error)
        # What cannot be counted cannot be tried.
        return slots.active
    return slots.trial or slots.active


def confirm(flash):
    """The slot that runs is good: it has spoken with the broker and knows the time. Writes only what is news."""
    slots = Slots(flash)
    # A trial that has not started yet is not what runs.
    if slots.trial and slots.attempts:
        number = number_of(slots.trial)
        slots.keep(active=slots.trial, trial=None, attempts=0, crashes=0, failed=0, floor=max(slots.floor(), number))
    elif slots.state["crashes"]:
        slots.keep(crashes=0)


def could_not_start(flash):
    """The application raised before it ran. Of a trial the next starts take care; a good slot can go bad too."""
    slots = Slots(flash)
    crashes = slots.state["crashes"] + 1
    try:
        if slots.trial or crashes > TRIES_MAX:
            return
        if crashes == TRIES_MAX and slots.can_fall_back():
            slots.keep(active=slots.other, crashes=0, failed=number_of(slots.active))
        else:
            slots.keep(crashes=crashes)
    except OSError as error:
        print("slots:", error)


def best(folders):
    for fits in (is_whole, has_app):
        for folder in folders:
            if fits(folder):
                return folder
    return folders[0]


def is_whole(folder):
    """Every file that the manifest names is there with its hash, and nothing that could be imported in its place."""
    try:
        with open(folder + "/" + MANIFEST) as file:
            files = json.load(file)["files"]
        names = [one["path"] for one in files]
        # MicroPython takes no tuple of endings.
        strays = [name for name in os.listdir(folder) if name not in names and name.split(".")[-1] in ("py", "mpy")]
        return not strays and has_app(folder) and all(
            digest(folder + "/" + one["path"]) == one["sha256"] for one in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def has_app(folder):
    """A slot that was copied by hand has no manifest; it may still be the only one that starts."""
    return any(exists(folder + "/app" + ending) for ending in (".mpy", ".py"))


def number_of(folder):
    """0 for a slot that was copied by hand."""
    try:
        with open(folder + "/" + MANIFEST) as file:
            number = json.load(file)["number"]
        return number if isinstance(number, int) else 0
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def digest(path):
    """SHA-256 in hex, a little at a time."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            data = file.read(READ_BYTES)
            if not data:
                return "".join(["%02x" % byte for byte in found.digest()])
            found.update(data)


def exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def is_state(state):
    if not isinstance(state, dict) or state.get("active") not in SLOTS:
        return False
    trial = state.get("trial")
    counts = [state.get(name) for name in ("attempts", "floor", "failed", "crashes")]
    return ((trial is None or trial in SLOTS and trial != state["active"])
            and all(isinstance(count, int) and count >= 0 for count in counts))
