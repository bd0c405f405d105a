# Driver of a DFPlayer Mini that speaks files of its card (DFRobot manual 1.0, sections 3.1 to 3.4).
#
# signal | pin | direction | level
# module's RX | PI_TX_PIN through 1 kOhm | output | 3.3 V, 9600 baud 8N1
# module's TX | PI_RX_PIN | input | 3.3 V
#
# It has the Pi's serial line: a case has one or the other. Nothing here waits or raises: a module that does not answer
# is let alone for a while.
import time

BAUD = 9600
FRAME = 10
FIRST, VERSION, LENGTH, LAST = 0x7E, 0xFF, 0x06, 0xEF
VOLUME = 0x06
PLAY_MP3 = 0x12
# From the module: done as told (only when asked for), and: it has started and found its card.
TOOK = 0x41
ONLINE = 0x3F
# 0 to 30; loud enough beside a compressor.
LOUD = 24
# The module takes the next command after this; some clones lose one that comes sooner.
APART_MS = 120
# An answer takes 30 ms as a rule; after this the command is lost.
ANSWER_MS = 600
# Lost commands until the module counts as missing, and how often it is asked then.
LOST_MAX = 3
AGAIN_MS = 60000
# What no frame can be made of is not kept.
BUFFER_MAX = 64


def fits(fitted):
    """Whether this case speaks. The Pi's line wins: without it a case may sell what it cannot see."""
    if "voice" in fitted and "pi" in fitted:
        print("voice: left out, the Pi has its line")
    return "voice" in fitted and "pi" not in fitted


def frame(command, parameter, answer=True):
    """Ten bytes; the checksum makes the sum of version to parameter zero."""
    body = bytes((VERSION, LENGTH, command, 1 if answer else 0, parameter >> 8, parameter & 0xFF))
    check = -sum(body) & 0xFFFF
    return bytes((FIRST,)) + body + bytes((check >> 8, check & 0xFF, LAST))


def parse(received):
    """(frames, rest): frames as (command, parameter); what is damaged is left out."""
    frames, at = [], 0
    while True:
        at = received.find(bytes((FIRST,)), at)
        if at < 0 or len(received) - at < FRAME:
            return frames, received[at:] if at >= 0 else b""
        one = received[at:at + FRAME]
        parameter = (one[5] << 8) | one[6]
        if one == frame(one[3], parameter, one[4] == 1):
            frames.append((one[3], parameter))
            at += FRAME
        else:
            at += 1


class Voice:
    """`speak(number)` plays a file of /mp3, the newest wish only; `step()` is called again and again."""

    def __init__(self, uart):
        self.uart = uart
        self.received = b""
        self.file = None
        self.loud = False
        # False until the module has answered, and after it was silent.
        self.present = False
        self.lost = 0
        self.sent_at = None
        self.waits = False

    def speak(self, number):
        self.file = number

    def busy(self):
        """Whether something is to be said or heard soon."""
        return self.file is not None or bool(self.waits) or not self.loud and self.lost < LOST_MAX

    def step(self):
        try:
            self._step(time.ticks_ms())
        except OSError:
            self.present = False

    def _step(self, now):
        self._hear()
        since_ms = None if self.sent_at is None else time.ticks_diff(now, self.sent_at)
        if self.waits:
            if since_ms < ANSWER_MS:
                return
            self.waits = False
            # Not the volume before everything was heard again: the module may have started anew.
            self.loud = False
            self.lost = min(self.lost + 1, LOST_MAX)
            self.present = self.present and self.lost < LOST_MAX
        if self.lost >= LOST_MAX and since_ms < AGAIN_MS:
            # A greeting that comes minutes late is worse than none.
            self.file = None
            return
        if since_ms is not None and since_ms < APART_MS:
            return
        # Long enough ago; kept, it would look like the future after six quiet days.
        self.sent_at = None
        if not self.loud:
            self._send(VOLUME, LOUD, now)
        elif self.file is not None:
            number, self.file = self.file, None
            self._send(PLAY_MP3, number, now)

    def _send(self, command, parameter, now):
        self.uart.write(frame(command, parameter))
        self.sent_at = now
        self.waits = command

    def _hear(self):
        if self.uart.any():
            self.received = (self.received + (self.uart.read() or b""))[-BUFFER_MAX:]
            frames, self.received = parse(self.received)
            for command, _ in frames:
                if command == ONLINE:
                    self.loud = False
                elif command == TOOK and self.waits:
                    self.loud = self.loud or self.waits == VOLUME
                    self.waits = False
                self.lost = 0
                self.present = True
