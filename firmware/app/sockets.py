# Sockets that never hold up the loop, with TLS that knows its CA. NOT RUN: the test VM has no sockets.
#
# load_verify_locations and a check of a certificate's dates came with MicroPython 1.22; what is older than that is not started
# (config.py). The clock must be right first. Looking up a name and the arithmetic of a handshake still hold the loop, for about
# a second: below the watchdog.
import asyncio
import binascii
import socket
import time

STEP_MS = 10


def der(pem):
    """The first certificate of a PEM text, as bytes."""
    body = pem.split("-----BEGIN CERTIFICATE-----")[1].split("-----END CERTIFICATE-----")[0]
    return binascii.a2b_base64("".join(body.split()).encode())


def secured(plain, host, ca):
    """TLS around a connected socket that does not block. Without a CA there is none: ValueError."""
    import ssl

    if not ca:
        raise ValueError("no CA")
    if hasattr(ssl, "SSLContext") and hasattr(ssl.SSLContext, "load_verify_locations"):
        import ntptime

        ntptime.settime()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(der(ca))
        return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    return ssl.wrap_socket(plain, server_hostname=host, cert_reqs=ssl.CERT_REQUIRED, cadata=der(ca), do_handshake=False)


async def opened(host, port, ca, insecure, timeout_ms):
    """A stream of bytes to the host. Raises OSError."""
    plain = socket.socket()
    try:
        address = socket.getaddrinfo(host, port)[0][-1]
        plain.setblocking(False)
        try:
            plain.connect(address)
        except OSError as error:
            # EINPROGRESS, as lwIP and as others number it: what else should a socket say that does not block.
            if error.errno not in (115, 119):
                raise
        await asyncio.wait_for_ms(writable(plain), timeout_ms)
        return plain if insecure else secured(plain, host, ca)
    except (OSError, ValueError, asyncio.TimeoutError) as error:
        plain.close()
        raise OSError("wifi: %s: %s" % (host, error))


async def writable(plain):
    import select

    poller = select.poll()
    poller.register(plain, select.POLLOUT)
    while not poller.poll(0):
        await asyncio.sleep_ms(STEP_MS)


async def send(stream, data, timeout_ms):
    """All of it, or OSError."""
    started = time.ticks_ms()
    view = memoryview(data)
    while len(view):
        view = view[stream.write(view) or 0 :]
        if time.ticks_diff(time.ticks_ms(), started) > timeout_ms:
            raise OSError("wifi: it takes nothing")
        if len(view):
            await asyncio.sleep_ms(STEP_MS)


def received(stream, count):
    """What is there: b"" for nothing yet. Raises OSError when the other side has ended it."""
    data = stream.read(count)
    if data is None:
        return b""
    if not data:
        raise OSError("wifi: the other side closed")
    return data
