# Letters as columns of pixels: the built-in font of 8 pixels made proportional, with the letters that Spanish needs
# besides ASCII, and the same at 16 pixels with smooth edges. Pure.
import binascii

import framebuf

# Pixels between letters, and of a space, at the small size.
GAP = 1
SPACE = 3
SMALL = 8
LARGE = 16
# Letters kept ready; a screen uses some thirty.
KEPT_MAX = 64

# Letters that are another one with a mark. Marks at the small size: (first column from the middle, top row, columns);
# at the large size the same, with bit 0 on top: rows 0 to 2, the gap to the letter is row 3.
ACUTE = (((0, b"\x02\x01\x01"),), ((-1, b"\x04\x06\x07\x03\x01"),))
GRAVE = (((-2, b"\x01\x01\x02"),), ((-4, b"\x01\x03\x07\x06\x04"),))
TILDE = (((-3, b"\x02\x01\x01\x02\x02\x01"),), ((-5, b"\x06\x07\x03\x03\x07\x06\x06\x07\x03\x01"),))
DOTS = (((-3, b"\x01\x01"), (1, b"\x01\x01")), ((-5, b"\x07\x07\x07"), (2, b"\x07\x07\x07")))
ROOF = (((-2, b"\x02\x01\x01\x02"),), ((-4, b"\x04\x06\x07\x03\x03\x07\x06\x04"),))
# Strings side by side, for a dict of pairs takes some kilobytes of the heap: the letter, the one below, and its mark.
MARKED = "áéíóúñüÁÉÍÓÚÑÜàèòùâêîôûäëïöÄÖãõ"
BELOW = "aeiounuAEIOUNUaeouaeiouaeioAOao"
ABOVE = "'''''~:'''''~:````^^^^^::::::~~"
MARKS = {"'": ACUTE, "`": GRAVE, "~": TILDE, ":": DOTS, "^": ROOF}
# The same sign upside down.
TURNED = {"¿": "?", "¡": "!"}
# Signs that no ASCII letter is near to, and an m that is no capital: columns.
DRAWN = {"m": b"\x7c\x7c\x04\x7c\x7c\x04\x7c\x78", "€": b"\x14\x3e\x7f\x55\x41\x63\x22",
         "£": b"\x48\x7e\x7f\x49\x43\x62", "¥": b"\x2b\x2f\x7c\x7c\x2f\x2b", "×": b"\x22\x36\x1c\x1c\x36\x22"}
# What is written otherwise rather than not at all.
UNLIKE = "çÇåøì’‘“”–—ºª\xa0\t\n"
LIKE = "cCaoi''\"\"--oa   "
# Of seven rows, those that a capital under a mark keeps.
CAPITAL_ROWS = (0, 1, 3, 4, 6)

_cell = bytearray(8)
_font = framebuf.FrameBuffer(_cell, 8, 8, framebuf.MONO_VLSB)
_kept = {}


def width(text, size=SMALL):
    """Pixels that the text takes."""
    pixels = sum(_advance(c) for c in text) - GAP if text else 0
    return pixels * size // SMALL


def draw(frame, text, x, y, size=SMALL, ink=1):
    """Text at its upper left corner; `ink` 0 is dark on lit ground."""
    scale = size // SMALL
    for c in text:
        if c != " ":
            columns = small(c) if size == SMALL else large(c)
            if not ink:
                columns = bytes(255 - column for column in columns)
            picture = framebuf.FrameBuffer(bytearray(columns), len(columns) // scale, size, framebuf.MONO_VLSB)
            frame.blit(picture, x, y, 1 - ink)
        x += _advance(c) * scale


def _advance(c):
    return (SPACE if c in " \xa0\t\n" else len(small(c))) + GAP


def small(c):
    """Columns of a letter, bit 0 on top, without the empty ones beside it."""
    columns = _kept.get(c)
    if columns is None:
        columns = _columns(c)
        if len(_kept) >= KEPT_MAX:
            _kept.clear()
        _kept[c] = columns
    return columns


def large(c):
    """The same at twice the size: upper halves of all columns, then lower halves."""
    base, mark = _parts(c)
    columns = doubled(_without_top(base) if mark else small(c))
    return _with_mark(columns, mark[1], len(columns) // 2) if mark else columns


def _parts(c):
    """(letter, mark), the mark None for a plain letter."""
    at = MARKED.find(c)
    return (c, None) if at < 0 else (BELOW[at], MARKS[ABOVE[at]])


def _columns(c):
    c = LIKE[UNLIKE.find(c)] if c in UNLIKE else c
    if c in DRAWN:
        return DRAWN[c]
    base, mark = _parts(c)
    if mark:
        columns = _without_top(base)
        return _with_mark(columns, mark[0], len(columns))
    if c in TURNED:
        return bytes(_turned(column) for column in reversed(small(TURNED[c])))
    return _ascii(c if 32 < ord(c) < 127 else "?")


def _ascii(c):
    _font.fill(0)
    _font.text(c, 0, 0)
    first, last = 0, 8
    while not _cell[first]:
        first += 1
    while not _cell[last - 1]:
        last -= 1
    return bytes(_cell[first:last])


def _without_top(base):
    """Room for a mark: an i loses its dot, a capital two of its rows."""
    columns = small(base)
    if base.upper() != base:
        return bytes(column & 0xFC for column in columns)
    return bytes(sum(((column >> row) & 1) << (2 + i) for i, row in enumerate(CAPITAL_ROWS)) for column in columns)


def _with_mark(columns, mark, width_px):
    marked = bytearray(columns)
    for from_middle, pixels in mark:
        first = max(0, min(width_px // 2 + from_middle, width_px - len(pixels)))
        for i, column in enumerate(pixels[:width_px]):
            marked[first + i] |= column
    return bytes(marked)


def _turned(column):
    return sum(((column >> row) & 1) << (7 - row) for row in range(8))


# Four bits, each twice as far apart.
SPREAD = binascii.unhexlify("00010405101114154041444550515455")


def doubled(columns):
    """Twice as large, by the rule of Scale2x (www.scale2x.it/algorithm): a corner takes the colour of its two
    neighbours where they agree, so that slopes become smooth. Eight pixels at a time: one by one would hold the loop."""
    count = len(columns)
    pixels = bytearray(4 * count)
    left = 0
    for i in range(count):
        own = columns[i]
        right = columns[i + 1] if i + 1 < count else 0
        above, below = (own << 1) & 255, own >> 1
        edge = (above ^ below) & (left ^ right)
        for x, side in ((2 * i, left), (2 * i + 1, right)):
            upper = own ^ (edge & ~(side ^ above) & (side ^ own))
            lower = own ^ (edge & ~(side ^ below) & (side ^ own))
            pixels[x] = SPREAD[upper & 15] | (SPREAD[lower & 15] << 1)
            pixels[2 * count + x] = SPREAD[(upper >> 4) & 15] | (SPREAD[(lower >> 4) & 15] << 1)
        left = own
    return bytes(pixels)
