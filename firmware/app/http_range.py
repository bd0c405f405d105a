# One GET of a part of a file over a stream that does not block: for links that have sockets.
import asyncio
import time

from sockets import STEP_MS, received, send

HEAD_MAX = 2048
PIECE = 1024
ANSWER_MS = 60000
PARTIAL = 206


def request(host, path, start, length):
    """Refuses what could end the line early."""
    if not path.startswith("/") or any(not "!" <= c <= "~" for c in path):
        raise ValueError("path")
    lines = ("GET %s HTTP/1.1" % path, "Host: %s" % host, "Range: bytes=%d-%d" % (start, start + length - 1),
             "Connection: close", "", "")
    return "\r\n".join(lines).encode()


def parse_head(head):
    """(status, length of the body) of an answer's first lines. Raises OSError."""
    lines = head.split(b"\r\n")
    length = None
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = value.strip()
    try:
        status = int(lines[0].split(b" ")[1])
        return status, int(length)
    except (ValueError, IndexError, TypeError):
        raise OSError("https: no answer of a server")


async def read_range(stream, host, path, start, length):
    """1 to `length` bytes; fewer only where the file ends. Raises OSError."""
    await send(stream, request(host, path, start, length), ANSWER_MS)
    started, rest = time.ticks_ms(), b""
    body, filled = None, 0
    while body is None or filled < len(body):
        data = received(stream, PIECE)
        if body is None:
            rest += data
            head, end, data = rest.partition(b"\r\n\r\n")
            if end:
                status, count = parse_head(head)
                if status != PARTIAL or not 0 < count <= length:
                    raise OSError("https: %d, %d bytes" % (status, count))
                body = bytearray(count)
            elif len(rest) > HEAD_MAX:
                raise OSError("https: no end of its head")
        if body is not None:
            data = data[: len(body) - filled]
            body[filled : filled + len(data)] = data
            filled += len(data)
        if time.ticks_diff(time.ticks_ms(), started) > ANSWER_MS:
            raise OSError("https: too slow")
        if not data:
            await asyncio.sleep_ms(STEP_MS)
    return body
