# Seals and opens the signed frame `<payload>|<64 hex>`; the same rules as the cloud's, checked by shared vectors.
import binascii
import hashlib
import json

FRAME_MAX = 1024
MAC_LEN = 64
BLOCK = 64


class FrameError(ValueError):
    """A frame that is refused; `code` is the protocol's fault code."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def hmac_sha256(key, message):
    """HMAC-SHA256 (RFC 2104): stock firmware has hashlib but no hmac."""
    if len(key) > BLOCK:
        key = hashlib.sha256(key).digest()
    key = key + b"\0" * (BLOCK - len(key))
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key) + message).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner).digest()


def same(a, b):
    """Compares in constant time."""
    difference = len(a) ^ len(b)
    for x, y in zip(a, b):
        difference |= x ^ y
    return difference == 0


def seal(topic, payload, key):
    body = payload if isinstance(payload, bytes) else dumps(payload).encode()
    frame = body + b"|" + binascii.hexlify(mac(topic, body, key))
    if len(frame) > FRAME_MAX:
        raise FrameError("frame.too-long")
    return frame


def open_frame(topic, frame, key):
    """The payload's value. Raises FrameError; the MAC is checked before a byte of the payload is parsed."""
    if len(frame) > FRAME_MAX:
        raise FrameError("frame.too-long")
    at = len(frame) - MAC_LEN - 1
    if at < 0 or frame[at] != 0x7C:
        raise FrameError("frame.malformed")
    digits = frame[at + 1 :]
    for digit in digits:
        if not (0x30 <= digit <= 0x39 or 0x61 <= digit <= 0x66):
            raise FrameError("frame.malformed")
    if not same(mac(topic, frame[:at], key), binascii.unhexlify(digits)):
        raise FrameError("frame.bad-mac")
    try:
        text = frame[:at].decode()
    except (UnicodeError, ValueError):
        raise FrameError("frame.not-utf8")
    try:
        return json.loads(text)
    except ValueError:
        raise FrameError("frame.not-json")


def mac(topic, body, key):
    return hmac_sha256(key, topic.encode() + b"\n" + body)


def dumps(payload):
    """Compact JSON; not every port of MicroPython has a separators argument."""
    try:
        return json.dumps(payload, separators=(",", ":"))
    except TypeError:
        return json.dumps(payload)
