# The modem's AT line: one command at a time, its answer told apart from what comes unasked, every wait bounded.
#
# Line discipline of SIMCom's AT manual V1.05, chapter 1.4: a command ends in CR, an answer is CR LF text CR LF and ends
# in OK or an error. Other lines may stand anywhere, also between a command and its OK.
import asyncio
import time

COMMAND_MS = 5000
SYNC_MS = 1000
# After a silence the late answer of a lost command must not be taken for the next one's.
QUIET_MS = 300
POLL_MS = 5
# The prompt can be lost like any line. A modem that waits for data then eats commands, so it gets its data.
PROMPT_MS = 2000
STEP_TRIES = 3
# The UART's send buffer is 256 bytes; more than it holds would stop the whole loop until the wire has taken it.
SLICE = 128
# 128 bytes at 115200 baud, 8N1.
SLICE_MS = 11

# Manual 1.4.4: what the modem's command buffer takes.
COMMAND_LENGTH_MAX = 559
# A frame of 1,024 bytes is 2,048 hex digits, with its topic before it.
LINE_MAX = 2400
# Of one answer; CNACT? has four lines, none over 80.
LINES_MAX = 16
ANSWER_MAX = 160

# After one of these nothing answers what was asked before.
RESTARTED = (b"RDY", b"NORMAL POWER DOWN", b"UNDER-VOLTAGE POWER DOWN", b"OVER-VOLTAGE POWER DOWN")


class At:
    """`unasked(line)` sees each line (bytes) first; True keeps it from the answers. Commands raise OSError. `silent()`: after a
    command without an answer the modem does not even say that it is there."""

    def __init__(self, uart, unasked, silent):
        self.uart = uart
        self.unasked = unasked
        self.silent = silent
        self.busy = asyncio.Lock()
        # False from the first byte of a command to its end: one that was given up or cancelled leaves it so.
        self.in_step = True
        self.restarts = 0
        self.rest = b""
        self.skipping = False
        self.expected = {}
        self._begin(None, None, None)

    def _begin(self, prompt, answer, body):
        self.prompt = prompt
        self.prompted = False
        self.answer = answer
        self.final = None
        self.lines = []
        self.body = body
        self.filled = 0
        self.raw_left = 0

    # Commands

    async def command(self, text, timeout_ms=COMMAND_MS, data=None, prompt=">", answer=None, body=None):
        """The lines of the answer. `data` follows the prompt. `answer`: how one line must begin, so that an OK that
        is not ours is none. `body`: a bytearray that `+SHREAD` must fill to its end."""
        if len(text) > COMMAND_LENGTH_MAX or "\r" in text or "\n" in text:
            raise ValueError("command")
        async with self.busy:
            if not self.in_step:
                await self._fall_in()
            return await self._exchange(text, timeout_ms, data, prompt, answer, body)

    async def may_fail(self, text, timeout_ms=COMMAND_MS):
        """True when it was OK."""
        try:
            await self.command(text, timeout_ms)
            return True
        except OSError:
            return False

    async def seems_there(self):
        """After a use that failed: a modem that gave no answer is asked at once whether it is there. `silent()` if not."""
        async with self.busy:
            if not self.in_step:
                try:
                    await self._fall_in()
                except OSError:
                    pass

    async def sync(self):
        """Raises OSError when nobody answers. With automatic baud rate the first calls only tell the modem the rate."""
        async with self.busy:
            await self._ask_step()

    def expect(self, prefix):
        """From now on the last line that begins so is kept for `heard`."""
        self.expected[prefix] = None

    async def heard(self, prefix, timeout_ms):
        """Waits for a line that comes after its command's OK; other commands may go in between."""
        started, restarts = time.ticks_ms(), self.restarts
        try:
            while self.expected[prefix] is None:
                self.poll()
                if time.ticks_diff(time.ticks_ms(), started) > timeout_ms or self.restarts != restarts:
                    raise OSError("modem: no " + prefix)
                await asyncio.sleep_ms(POLL_MS)
            return self.expected[prefix]
        finally:
            self.forget(prefix)

    def forget(self, prefix):
        self.expected.pop(prefix, None)

    async def _exchange(self, text, timeout_ms, data=None, prompt=">", answer=None, body=None):
        self.poll()
        self._begin(None if data is None else prompt, answer, body)
        self.in_step = False
        started, restarts = time.ticks_ms(), self.restarts
        name = text.split("=")[0]
        try:
            await self._write((text + "\r").encode())
            while True:
                self.poll()
                waited_ms = time.ticks_diff(time.ticks_ms(), started)
                if self.final not in (None, "OK"):
                    self.in_step = True
                    raise OSError("modem: %s: %s" % (name, self.final))
                if data is not None:
                    # An OK before the data is an old one: it must not pass for this command's.
                    self.final = None
                    if self.prompted or waited_ms > PROMPT_MS:
                        await self._write(data)
                        data = None
                        continue
                elif self.final and (body is None or self.filled == len(body)):
                    self.in_step = True
                    return self.lines
                if self.restarts != restarts:
                    raise OSError("modem: restarted at " + name)
                if waited_ms > timeout_ms:
                    raise OSError("modem: no answer to " + name)
                await asyncio.sleep_ms(POLL_MS)
        finally:
            self.prompt = self.body = None
            self.raw_left = 0

    async def _write(self, data):
        for at in range(0, len(data), SLICE):
            if at:
                await asyncio.sleep_ms(SLICE_MS)
            self.uart.write(data[at : at + SLICE])

    async def _fall_in(self):
        for _ in range(STEP_TRIES - 1):
            try:
                return await self._ask_step()
            except OSError:
                pass
        try:
            await self._ask_step()
        except OSError:
            self.silent()
            raise

    async def _ask_step(self):
        # Its answer has a line of its own, so a late OK of another command does not pass for it.
        await self._wait_for_quiet()
        await self._exchange("AT+CMEE?", SYNC_MS, answer="+CMEE:")

    async def _wait_for_quiet(self):
        heard = time.ticks_ms()
        started = heard
        while time.ticks_diff(time.ticks_ms(), heard) < QUIET_MS and time.ticks_diff(heard, started) < COMMAND_MS:
            if self.uart.any():
                heard = time.ticks_ms()
            self.poll()
            await asyncio.sleep_ms(POLL_MS)

    # Lines

    def poll(self):
        """Reads what has come; called by whoever waits, and by the listening task."""
        if not self.uart.any():
            return
        self.rest += self.uart.read() or b""
        while self.rest and self._step():
            pass
        # A modem gone mad must not fill the memory; the end of such a line is none of its own.
        if len(self.rest) > LINE_MAX:
            self.rest = b""
            self.skipping = True

    def _step(self):
        """Takes one thing off what has come; False when it is not whole yet."""
        if self.raw_left:
            return self._take_raw()
        if self.prompt == ">" and self.rest[0] == 0x3E:
            self.prompted, self.prompt = True, None
            self.rest = self.rest[1:].lstrip(b" ")
            return True
        end = self.rest.find(b"\n")
        if end < 0:
            return False
        line, self.rest = self.rest[:end].strip(), self.rest[end + 1 :]
        if line and len(line) <= LINE_MAX and not self.skipping:
            self._line(line)
        self.skipping = False
        return True

    def _take_raw(self):
        taken = self.rest[: self.raw_left]
        self.body[self.filled : self.filled + len(taken)] = taken
        self.filled += len(taken)
        self.raw_left -= len(taken)
        self.rest = self.rest[len(taken) :]
        return True

    def _line(self, line):
        if line in RESTARTED:
            self.restarts += 1
        # What begins like a command is the modem's echo of ours.
        if self.unasked(line) or line.startswith(b"AT"):
            return
        try:
            text = line[:ANSWER_MAX].decode()
        except (UnicodeError, ValueError):
            return
        if text in ("OK", "ERROR") or text.startswith("+CME ERROR") or text.startswith("+CMS ERROR"):
            self._end(text)
            return
        if text == self.prompt:
            self.prompted, self.prompt = True, None
        if self.answer is not None and text.startswith(self.answer):
            self.answer = None
        if self.body is not None and text.startswith("+SHREAD:"):
            self._begin_raw(number(text, "+SHREAD:"))
        for prefix in self.expected:
            if text.startswith(prefix):
                self.expected[prefix] = text
        if len(self.lines) < LINES_MAX:
            self.lines.append(text)

    def _end(self, text):
        if self.final is None and not (text == "OK" and self.answer is not None):
            self.final = text

    def _begin_raw(self, length):
        # A length that does not fit is a garbled one: the command ends by its timeout.
        if length is not None and 0 < length <= len(self.body) - self.filled:
            self.raw_left = length


def quoted(text, length_max=256):
    """For a command's argument. There is no escape in the modem's grammar, so what would need one is refused."""
    if len(text) > length_max or any(not " " <= c <= "~" or c == '"' for c in text):
        raise ValueError("a setting with a quote, or too long")
    return '"%s"' % text


def number(line, prefix, place=0):
    """The number at this place after the prefix, or None."""
    parts = line[len(prefix) :].split(",") if line.startswith(prefix) else ()
    try:
        return int(parts[place].strip()) if len(parts) > place else None
    except ValueError:
        return None
