# Reads parts of files from the update server through the modem's own HTTPS (AT manual V1.05, chapter 16).
#
# Between any two commands others may speak: a report does not wait for a download. Beside the MQTT connection it needs
# a TLS context of its own.
from at import number, quoted
from trust import set_context

CONTEXT = 1
CONNECT_MS = 60000
# SHCONF "TIMEOUT", seconds; what it has not brought by then it never will.
ANSWER_S = 60
# The modem keeps at most 307,200 bytes of a body; a quarter of a megabyte is a round number below.
RANGE_MAX = 256 * 1024
# One SHREAD answers in pieces of at most this, and 4 KB is what our UART buffers.
PIECE = 2048
PIECE_MS = 5000
PATH_MAX = 256
PARTIAL = 206


class Https:
    def __init__(self, at, host, secure):
        """`host` may end in a port. Not secure is for the simulated world only."""
        self.at = at
        self.host = host
        self.secure = secure
        # A fetch has begun and not ended: its answer may still come, and must not pass for the next one's.
        self.torn = False
        # The SHCONF limit on a text is 64 bytes.
        self.url = quoted(("https://" if secure else "http://") + host, 64)

    async def fetch(self, path, start, length, ca):
        """1 to `length` bytes from `start` on; fewer only where the file ends or the line broke. Raises OSError."""
        if not 0 < length <= RANGE_MAX or start < 0 or not path.startswith("/"):
            raise ValueError("range")
        request = "AT+SHREQ=%s,1" % quoted(path, PATH_MAX)
        if self.torn:
            await self.at.may_fail("AT+SHDISC")
        # Also when this is cancelled: the next attempt starts from nothing.
        self.torn = True
        await self._connect(ca)
        await self.at.command("AT+SHCHEAD")
        await self.at.command('AT+SHAHEAD="Range","bytes=%d-%d"' % (start, start + length - 1))
        data = await self._read(await self._request(request, length))
        self.torn = False
        return data

    async def _connect(self, ca):
        command = self.at.command
        if "+SHSTATE: 1" in await command("AT+SHSTATE?", answer="+SHSTATE:"):
            return
        if self.secure:
            await set_context(self.at, CONTEXT, self.host.split(":")[0])
            await command('AT+SHSSL=%d,"%s"' % (CONTEXT, ca))
        settings = (("URL", self.url), ("BODYLEN", 1024), ("HEADERLEN", 350), ("TIMEOUT", ANSWER_S))
        for name, value in settings:
            await command('AT+SHCONF="%s",%s' % (name, value))
        await command("AT+SHCONN", CONNECT_MS)

    async def _request(self, request, length):
        """How many bytes have come."""
        self.at.expect("+SHREQ:")
        try:
            await self.at.command(request)
        except OSError:
            self.at.forget("+SHREQ:")
            raise
        line = await self.at.heard("+SHREQ:", (ANSWER_S + 5) * 1000)
        status, count = number(line, "+SHREQ:", 1), number(line, "+SHREQ:", 2)
        # A server that knows no ranges sends the whole file from its start: not what was asked.
        if status != PARTIAL or count is None or not 0 < count <= length:
            raise OSError("modem: https %s, %s bytes" % (status, count))
        return count

    async def _read(self, count):
        whole = bytearray(count)
        view = memoryview(whole)
        for at in range(0, count, PIECE):
            piece = bytearray(min(PIECE, count - at))
            await self.at.command("AT+SHREAD=%d,%d" % (at, len(piece)), PIECE_MS, body=piece)
            view[at : at + len(piece)] = piece
        return whole
