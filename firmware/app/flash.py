# Keeps small files so that a power cut at any byte leaves the old one or the new one; knows a damaged one from none.
#
# LittleFS, with which MicroPython formats an ESP32-S3: what was closed is on the chip, what was not closed leaves no
# trace, and a rename replaces its target in one step. It has no check sum over a file's data, so a file brings its own.
# FAT would be worse: a rename onto a file removes that file first, and a cut between the two leaves only NAME.new; so
# that is read where NAME is gone or damaged. A file half-written there fails its sum.
import binascii
import json
import os

HEAD = '{"crc":"'
CRC_END = len(HEAD) + 8
MIDDLE = '","value":'
BODY_AT = CRC_END + len(MIDDLE)
# The largest is secrets.json with a certificate of a few KB; more is garbage, and must not fill the memory.
FILE_BYTES_MAX = 16384
# The longest signed frame is 1,024 bytes; longer lines of a log are garbage, and come in pieces.
LINE_BYTES_MAX = 1100


class Flash:
    """Small JSON files and append-only logs in one folder. `write` never raises: what the chip does not take is kept
    in memory, told as `flash.failed`, and tried again at each write that works and at each `failing()`."""

    def __init__(self, folder, faults=None):
        self.folder = folder
        self.faults = faults
        # What is not on the chip, by name: a file's text, or None for a log. Names are constants of the program.
        self.unkept = {}
        try:
            os.mkdir(folder)
        except OSError:
            # It is there; or nothing can be made, and then the first write tells.
            pass

    def read(self, name, otherwise, by_hand=False):
        try:
            return self.load(name, by_hand)
        except (OSError, ValueError):
            return otherwise

    def load(self, name, by_hand=False):
        """The value. Raises OSError where there is no such file, ValueError where it is damaged. `by_hand`: it may be without a sum;
        what the firmware alone writes has one, or somebody else has been there."""
        if self.unkept.get(name) is not None:
            return value_of(self.unkept[name], True)
        try:
            return value_of(self._text(name), not by_hand)
        except (OSError, ValueError) as error:
            try:
                return value_of(self._text(name + ".new"), True)
            except (OSError, ValueError):
                raise error

    def write(self, name, value):
        """True when it is on the chip."""
        self.unkept[name] = sealed(json.dumps(value))
        if self._keep(name):
            self._keep_all()
        self._tell()
        return name not in self.unkept

    def failing(self):
        """True while something is not on the chip, which is tried once more for the answer."""
        self._keep_all()
        self._tell()
        return bool(self.unkept)

    def note(self, log, kept):
        """Says whether all of a log is on the chip; only its owner knows."""
        if kept:
            self.unkept.pop(log, None)
        else:
            self.unkept[log] = None
        self._tell()

    # Logs; these raise OSError

    def append(self, name, data):
        with open(self._path(name), "ab") as file:
            file.write(data)
        sync()

    def rewrite(self, name, parts):
        """A log anew, from parts of bytes; how many there were. The old one is gone with the first of them."""
        size = 0
        with open(self._path(name), "wb") as file:
            for part in parts:
                size += file.write(part)
        sync()
        return size

    def lines(self, name):
        """Each line of a log with its end; one without an end, or in pieces, is damaged."""
        with open(self._path(name), "rb") as file:
            while True:
                line = file.readline(LINE_BYTES_MAX)
                if not line:
                    return
                yield line

    def _path(self, name):
        return self.folder + "/" + name

    def _text(self, name):
        try:
            with open(self._path(name), "rb") as file:
                return file.read(FILE_BYTES_MAX).decode()
        except OSError:
            # Asked for by name: the numbers of errors differ between file systems.
            if name in os.listdir(self.folder):
                raise ValueError("damaged")
            raise

    def _keep_all(self):
        for name in list(self.unkept):
            if self.unkept[name] is not None and not self._keep(name):
                return

    def _keep(self, name):
        path = self._path(name)
        try:
            with open(path + ".new", "wb") as file:
                file.write(self.unkept[name].encode())
            os.rename(path + ".new", path)
            sync()
        except OSError as error:
            print("flash:", name, error)
            return False
        del self.unkept[name]
        return True

    def _tell(self):
        if self.faults:
            self.faults.set("flash.failed", bool(self.unkept))


def value_of(text, sealed_only):
    """The value of a file's text. A file that was made by hand has no sum; one that the firmware writes has."""
    # One flipped bit must not make the one look like the other.
    if text.startswith(HEAD) or text[CRC_END:BODY_AT] == MIDDLE:
        if text != sealed(text[BODY_AT:-1]):
            raise ValueError("damaged")
        return json.loads(text[BODY_AT:-1])
    if sealed_only:
        raise ValueError("damaged")
    return json.loads(text)


def sealed(body):
    return "%s%08x%s%s}" % (HEAD, crc32(body.encode()), MIDDLE, body)


def crc32(data):
    # Some builds give it signed.
    return binascii.crc32(data) & 0xFFFFFFFF


def sync():
    # Only file systems that hold back what was closed have it.
    if hasattr(os, "sync"):
        os.sync()
