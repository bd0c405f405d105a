# Decides whether a signed manifest is an update for this case: any bytes give a manifest or an UpdateError. Pure.
import json

import config

FORMAT = 1
PRODUCT = "tapcase-controller"
NAME_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789_"
NAME_LENGTH_MAX = 32


class UpdateError(Exception):
    """`code` says why, as in the status."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def parse_offer(data):
    """(number, bytes of the manifest, signature in hex). Nobody has signed this: it only says what to ask for next."""
    value = parsed(data, "update.bad-offer")
    number, size, signature = value.get("number"), value.get("size"), value.get("signature")
    if not whole(number, 0):
        raise UpdateError("update.bad-offer")
    if number == 0:
        # Nothing for this case now.
        return 0, 0, ""
    if not whole(size, 2) or size > config.UPDATE_MANIFEST_BYTES_MAX or not is_hex(signature, 128):
        raise UpdateError("update.bad-offer")
    return number, size, signature


def parse_manifest(data, floor, running, mpy_version):
    """The manifest, whose signature is right: above `floor`, fit to follow `running`, and this chip can run it."""
    value = parsed(data, "update.bad-manifest")
    files = value.get("files")
    if (value.get("format") != FORMAT or value.get("product") != PRODUCT or not whole(value.get("number"), 1)
            or not is_version(value.get("version")) or not whole(value.get("min_number", 0), 0)
            or not isinstance(files, list) or not 0 < len(files) <= config.UPDATE_FILES_MAX
            or not all(is_file(one) for one in files)):
        raise UpdateError("update.bad-manifest")
    stems = [one["path"].split(".")[0] for one in files]
    # Of app.py and app.mpy only one would be imported.
    if len(set(stems)) != len(stems) or "app" not in stems:
        raise UpdateError("update.bad-manifest")
    if value["number"] <= floor:
        raise UpdateError("update.old")
    if value.get("min_number", 0) > running:
        raise UpdateError("update.too-far")
    if any(one["path"].endswith(".mpy") for one in files) and value.get("micropython") != mpy_version:
        raise UpdateError("update.other-chip")
    if sum([one["size"] for one in files]) > config.UPDATE_BYTES_MAX:
        raise UpdateError("update.too-large")
    return value


def parsed(data, code):
    try:
        value = json.loads(data)
    except (ValueError, UnicodeError, RuntimeError):
        # RuntimeError: nested deeper than the stack.
        raise UpdateError(code)
    if not isinstance(value, dict):
        raise UpdateError(code)
    return value


def whole(value, least):
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_version(value):
    return isinstance(value, str) and 0 < len(value) <= 20


def is_file(one):
    return (isinstance(one, dict) and is_name(one.get("path")) and whole(one.get("size"), 0)
            and one["size"] <= config.UPDATE_FILE_BYTES_MAX and is_hex(one.get("sha256"), 64))


def is_name(value):
    """A module of the application and nothing else: no folder, no dot more."""
    if not isinstance(value, str):
        return False
    stem, dot, ending = value.partition(".")
    return (0 < len(stem) <= NAME_LENGTH_MAX and all(c in NAME_CHARS for c in stem)
            and ending in ("py", "mpy"))


def is_hex(value, length):
    return isinstance(value, str) and len(value) == length and all(c in "0123456789abcdef" for c in value)
