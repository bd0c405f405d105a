# A chip for the tests of flash.py and outbox.py: files in a dict, every step of a write counted, power that can end at
# any.
#
# Two kinds of file system. "littlefs": what was not closed leaves no trace, a rename is one step. "bytes": each byte is
# on the chip as it is written, opening for writing empties the file at once, and a rename onto a file removes that file
# first.
import errno

import flash
import outbox


class PowerCut(BaseException):
    """Not an Exception: nothing in the firmware catches a power cut."""


class Chip:
    def __init__(self, kind, files=None):
        self.kind = kind
        self.files = {} if files is None else files
        # Called after each step.
        self.on_step = None
        self.steps_left = None
        self.fails = None

    def step(self):
        if self.on_step:
            self.on_step()
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left <= 0:
                raise PowerCut()

    def refuse(self):
        if self.fails:
            raise OSError(self.fails)

    def opened(self, path, mode):
        if mode == "rb":
            if path not in self.files:
                raise OSError(errno.ENOENT)
            return Reading(self.files[path])
        self.refuse()
        return Writing(self, path, mode)

    def rename(self, old, new):
        self.refuse()
        if self.kind == "bytes" and new in self.files:
            del self.files[new]
            self.step()
        self.files[new] = self.files.pop(old)
        self.step()

    def listdir(self, folder):
        return [path[len(folder) + 1 :] for path in self.files]

    def mkdir(self, path):
        raise OSError(errno.EEXIST)


class Reading:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def read(self, most):
        self.at, data = self.at + most, self.data[self.at : self.at + most]
        return data

    def readline(self, most):
        end = self.data.find(b"\n", self.at) + 1 or len(self.data)
        return self.read(min(end - self.at, most))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Writing:
    def __init__(self, chip, path, mode):
        self.chip = chip
        self.path = path
        self.data = chip.files.get(path, b"") if mode == "ab" else b""
        if chip.kind == "bytes" and chip.files.get(path) != self.data:
            chip.files[path] = self.data
            chip.step()

    def write(self, data):
        self.chip.refuse()
        if self.chip.kind == "bytes":
            for i in range(len(data)):
                self.chip.files[self.path] += data[i : i + 1]
                self.chip.step()
        self.data += data
        return len(data)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        # Without power nobody closes anything.
        if kind is None and self.chip.kind == "littlefs":
            self.chip.refuse()
            self.chip.files[self.path] = self.data
            self.chip.step()


def use(chip):
    flash.open = chip.opened
    flash.os = chip
    return chip


def quiet(*_):
    pass


flash.print = outbox.print = quiet
outbox.os = type("Os", (), {"urandom": staticmethod(lambda count: b"\x01" * count)})


class Faults:
    def __init__(self):
        self.on = set()

    def set(self, code, on):
        if on:
            self.on.add(code)
        else:
            self.on.discard(code)


def sequence(fl, name="door"):
    return outbox.Sequence(fl, name, 4)


def fresh(chip, most=8, faults=None):
    """A boot: the outbox and its flash on what is on the chip."""
    use(chip)
    fl = flash.Flash("/flash", faults)
    return outbox.Outbox(fl, sequence(fl), most)


def numbers(box):
    return [payload["seq"] for payload in box.waiting]
