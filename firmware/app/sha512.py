# SHA-512, which MicroPython does not have: only the signature of a firmware image needs it. Pure.
#
# Its words of 64 bits are big integers here, so a block of 128 bytes takes milliseconds. sha512() gives the other tasks
# a turn after each.
import asyncio
import binascii

BLOCK_BYTES = 128
MASK = 0xFFFFFFFFFFFFFFFF

# FIPS 180-4, 5.3.5: of the square roots of the first 8 primes, the first 64 bits of what follows the point.
START = binascii.unhexlify(
    b"6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1510e527fade682d19b05688c2b3e6c1f"
    b"1f83d9abfb41bd6b5be0cd19137e2179")
# FIPS 180-4, 4.2.3: the same of the cube roots of the first 80 primes.
ROUNDS = binascii.unhexlify(
    b"428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b53859f111f1b605d019"
    b"923f82a4af194f9bab1c5ed5da6d8118d807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e2"
    b"72be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694e49b69c19ef14ad2efbe4786384f25e3"
    b"0fc19dc68b8cd5b5240ca1cc77ac9c652de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5"
    b"983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4c6e00bf33da88fc2d5a79147930aa725"
    b"06ca6351e003826f142929670a0e6e7027b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df"
    b"650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353ba2bfe8a14cf10364a81a664bbc423001"
    b"c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b8"
    b"19a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8391c0cb3c5c95a634ed8aa4ae3418acb"
    b"5b9cca4f7763e373682e6ff3d6b2b8a3748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec"
    b"90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532bca273eceea26619cd186b8c721c0c207"
    b"eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35131c471b"
    b"28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c4cc5d4becb3e42b6597f299cfc657e2a"
    b"5fcb6fab3ad6faec6c44198c4a475817")


async def sha512(data):
    """64 bytes."""
    # A one, zeros, and the length in bits as 128 bits.
    padded = data + b"\x80" + bytes(-(len(data) + 17) % BLOCK_BYTES) + (8 * len(data)).to_bytes(16, "big")
    state = [word(START, i) for i in range(8)]
    for at in range(0, len(padded), BLOCK_BYTES):
        mix(state, [word(padded, at // 8 + i) for i in range(16)])
        await asyncio.sleep_ms(0)
    return b"".join([value.to_bytes(8, "big") for value in state])


def word(data, number):
    return int.from_bytes(data[8 * number:8 * number + 8], "big")


def mix(state, words):
    """FIPS 180-4, 6.4.2. `words` is a window: the 16 last ones of the schedule."""
    a, b, c, d, e, f, g, h = state
    for i in range(80):
        if i >= 16:
            low, high = words[(i - 15) & 15], words[(i - 2) & 15]
            words[i & 15] = (words[i & 15] + words[(i - 7) & 15]
                             + (turned(low, 1) ^ turned(low, 8) ^ (low >> 7))
                             + (turned(high, 19) ^ turned(high, 61) ^ (high >> 6))) & MASK
        first = (h + (turned(e, 14) ^ turned(e, 18) ^ turned(e, 41)) + ((e & f) ^ (~e & g))
                 + word(ROUNDS, i) + words[i & 15])
        second = (turned(a, 28) ^ turned(a, 34) ^ turned(a, 39)) + ((a & b) ^ (a & c) ^ (b & c))
        a, b, c, d, e, f, g, h = (first + second) & MASK, a, b, c, (d + first) & MASK, e, f, g
    for i, value in enumerate((a, b, c, d, e, f, g, h)):
        state[i] = (state[i] + value) & MASK


def turned(value, bits):
    return ((value >> bits) | (value << (64 - bits))) & MASK
