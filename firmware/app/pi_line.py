# The controller's half of the serial line to the Pi (docs/wire.md): publishes its frames, brings it what the cloud
# says.
#
# signal | pin | direction | level
# TX | PI_TX_PIN | out | UART 2, 115200 baud, 8N1, no flow control, 3.3 V
# RX | PI_RX_PIN | in | the same; the Pi's TX
#
# The frames are signed with the Pi's own key and stay as they are. A stolen Pi gets nothing published but what a Pi may
# say: case/{id}/vision. Whatever is no line of the Pi (boot messages, a torn line, our own echo) is ignored and
# counted.
import asyncio
import binascii
import time

import config
from envelope import FRAME_MAX

# `case/<32 characters>/vision/cmd`
TOPIC_MAX = 48
HEAD = len("~p 00000000 ")
RECEIPT = len("~p+ 00000000")
LINE_MAX = HEAD + TOPIC_MAX + 1 + FRAME_MAX
# Besides the time that the bytes take: the Pi answers from its event loop.
RECEIPT_MS = 2000
# The second try is for a line that a spark has hit.
TRIES_MAX = 2
# Start bit, eight bits, stop bit.
BITS_PER_BYTE = 10
POLL_MS = 10
# Between looks for a modem that is away.
AGAIN_MS = 200
HEX = b"0123456789abcdef"


class PiLine:
    """`uart` is open, `case` is "case/{id}", `link` has `connected` and `publish(topic, frame)`.
    `hear(topic, frame)` takes what the link heard for the Pi. `run(here)` never ends."""

    def __init__(self, uart, case, link, faults=None):
        self.uart = uart
        self.link = link
        self.faults = faults
        self.topic_out = case + "/vision"
        self.topic_in = case + "/vision/cmd"
        # What the Pi has a receipt for; the first is on its way to the broker.
        self.up = []
        # (sum, line) for the Pi; the first was sent and waits for its receipt, when `tries` is above 0.
        self.down = []
        self.tries = 0
        self.sent_at = 0
        self.rest = b""
        self.given_up = False
        self.published = self.delivered = self.dropped = self.ignored = 0

    async def run(self, here):
        """Reads and publishes beside each other: a busy modem must not keep the Pi waiting for its receipt."""
        await asyncio.gather(self._talk(here), self._publish())

    def hear(self, topic, frame):
        """True when this was for the Pi. Without room it is dropped: the cloud says it again, or does without."""
        if topic != self.topic_in:
            return False
        body = topic.encode() + b" " + frame
        entry = (checksum(body), body)
        if is_frame(frame) and len(self.down) < config.PI_WAITING_MAX and entry not in self.down:
            self.down.append(entry)
        return True

    async def _talk(self, here):
        while True:
            here()
            if self.uart.any():
                self.read(self.uart.read() or b"")
            self._send_down()
            await asyncio.sleep_ms(POLL_MS)

    async def _publish(self):
        """One frame at a time, in order; it stays until the link has taken it."""
        while True:
            if self.up and self.link.connected:
                try:
                    await self.link.publish(self.topic_out, self.up[0])
                    self.up.pop(0)
                    self.published += 1
                    continue
                except OSError as error:
                    # A radio that is asleep says so at once.
                    print("pi:", error)
                    await asyncio.sleep_ms(AGAIN_MS)
            await asyncio.sleep_ms(POLL_MS if self.link.connected else AGAIN_MS)

    def _send_down(self):
        if not self.down:
            return
        crc, body = self.down[0]
        if self.tries:
            wait_ms = RECEIPT_MS + (HEAD + len(body)) * BITS_PER_BYTE * 1000 // config.PI_BAUD
            if time.ticks_diff(time.ticks_ms(), self.sent_at) < wait_ms:
                return
            if self.tries >= TRIES_MAX:
                self.dropped += 1
                self._tell(True)
                return self._next_down()
        self.tries += 1
        self.sent_at = time.ticks_ms()
        self.uart.write(b"\n~c " + crc + b" " + body + b"\n")

    def _next_down(self):
        self.down.pop(0)
        self.tries = 0

    # Lines

    def read(self, data):
        """Cuts bytes into lines; one that grows beyond the longest frame is given up to its end."""
        at = 0
        while at < len(data):
            end = data.find(b"\n", at)
            part = data[at:] if end < 0 else data[at:end]
            # A carriage return may follow before the end.
            if not self.given_up and len(self.rest) + len(part) > LINE_MAX + 1:
                self.given_up = True
                self.rest = b""
                self.ignored += 1
            if not self.given_up:
                self.rest += part
            if end < 0:
                return
            line, given_up = self.rest, self.given_up
            self.rest, self.given_up = b"", False
            at = end + 1
            if line[-1:] == b"\r":
                line = line[:-1]
            if line and not given_up:
                self._line(line)

    def _line(self, line):
        crc = line[4:RECEIPT] if line[:4] == b"~p+ " else line[3:11]
        if line[:4] == b"~p+ " and len(line) == RECEIPT and not crc.strip(HEX):
            self._tell(False)
            if self.tries and self.down[0][0] == crc:
                self.delivered += 1
                self._next_down()
        elif line[:3] == b"~p " and line[11:HEAD] == b" " and checksum(line[HEAD:]) == crc:
            self._frame(crc, line[HEAD:])
        else:
            self.ignored += 1

    def _frame(self, crc, body):
        topic, _, frame = body.partition(b" ")
        # Only here a Pi could try to speak as somebody else.
        if topic != self.topic_out.encode() or not is_frame(frame):
            self.ignored += 1
            return
        self._tell(False)
        if frame not in self.up:
            # No room, no receipt: the Pi sends it again.
            if len(self.up) >= config.PI_WAITING_MAX:
                return
            self.up.append(frame)
        self.uart.write(b"\n~c+ " + crc + b"\n")

    def _tell(self, silent):
        if self.faults:
            self.faults.set("pi.silent", silent)


def is_frame(frame):
    return 0 < len(frame) <= FRAME_MAX and b"\n" not in frame and b"\r" not in frame


def checksum(body):
    return b"%08x" % (binascii.crc32(body) & 0xFFFFFFFF)
