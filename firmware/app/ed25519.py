# Verifies Ed25519 signatures (RFC 8032): only what the holder of the update key has signed becomes firmware. Pure.
#
# Plain big integers. Each field operation takes a fraction of a millisecond on the chip and there are some thousands,
# so every await gives the other tasks a turn. Nothing here is secret: no step needs constant time.
import asyncio

from sha512 import sha512

P = (1 << 255) - 19
# Order of the base point.
L = (1 << 252) + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960

# Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
NEUTRAL = (0, 1, 1, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)
# Squarings between two turns of the other tasks.
SLICE_BITS = 16


async def verify(public_key, message, signature):
    """True if `signature` (64 bytes) of `message` was made with the secret half of `public_key` (32 bytes)."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    # Of the same signature with L added there must be no second form.
    if s >= L:
        return False
    key = await unpacked(public_key)
    # A key of small order would make one signature good for any message.
    if key is None or is_small(key):
        return False
    k = int.from_bytes(await sha512(signature[:32] + public_key + message), "little") % L
    x, y, z, t = key
    found = await sum_of(s, BASE, k, (P - x, y, z, P - t))
    return not is_small(found) and await packed(found) == signature[:32]


async def sum_of(m, first, n, second):
    """m * first + n * second, bit by bit together."""
    both, total = add(first, second), NEUTRAL
    for bit in range(252, -1, -1):
        total = doubled(total)
        pick = (m >> bit & 1) + 2 * (n >> bit & 1)
        if pick:
            total = add(total, (first, second, both)[pick - 1])
        await asyncio.sleep_ms(0)
    return total


def add(one, other):
    """RFC 8032, 5.1.4; complete: right for every two points."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * t1 * D * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def doubled(point):
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h = a + b
    e = h - (x + y) * (x + y) % P
    g = a - b
    f = 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def is_small(point):
    """Of order 1, 2, 4 or 8."""
    for _ in range(3):
        point = doubled(point)
    return point[0] == 0 and point[1] == point[2]


async def unpacked(data):
    """The point, or None where there is none. RFC 8032, 5.1.3."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * await power(u * pow(v, 7, P) % P, (P - 5) // 8) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u or x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


async def packed(point):
    inverse = await power(point[2], P - 2)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


async def power(base, exponent):
    """What pow() does, in slices."""
    result = 1
    for bit in range(254, -1, -1):
        result = result * result % P
        if exponent >> bit & 1:
            result = result * base % P
        if bit % SLICE_BITS == 0:
            await asyncio.sleep_ms(0)
    return result
