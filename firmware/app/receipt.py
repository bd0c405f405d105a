# Decides what a receipt looks like on 128 x 64 pixels: what was taken, scrolling where it is long, above the total,
# which always stands. Pure.
import framebuf
from glyphs import LARGE, SMALL, draw, width
from screen import HEIGHT, WIDTH
from words import money, of_receipt

ROW = 11
# The total's line, and the room for rows above it.
TOTAL_TOP = HEIGHT - LARGE
BODY = TOTAL_TOP - 3
# Pixels between a name and its count.
APART = 6
# A name has at most 24 letters and needs two lines; of what is longer so much is shown.
NAME_MAX = 48
COUNT_MAX = 999
# Rows drawn and kept: those in sight, and the next.
KEPT_MAX = 6
# A long basket: stands, moves two pixels at every third look, stands again, starts over.
STAND_MS = 2500
STEP_MS = 120
STEP_PX = 2
# The slowest pass that a person who waits for the case will put up with.
PASS_MS_MAX = 25000


class Receipt:
    """The screen of a `show` command with a basket. `moves(ms)`: True when it must be drawn again."""

    def __init__(self, command):
        language = command.get("lang", "en")
        self.rows = []
        for name, count in command["items"]:
            self.rows += item_rows(name, count)
        self.total = money(command["total"], command["currency"], language)
        # An amount that lacks a digit would be a lie.
        if width(self.total) > WIDTH:
            self.total = of_receipt("phone", language)
        self.label = of_receipt("total", language)
        self.head = of_receipt(command["outcome"], language)
        # Thanks only where there is room; that something is still owed, always.
        if command["outcome"] == "charged" and ROW * (len(self.rows) + 1) > BODY:
            self.head = None
        self.top = ROW if self.head else 0
        self.hidden = max(0, self.top + ROW * len(self.rows) - BODY)
        steps_max = (PASS_MS_MAX - 2 * STAND_MS) // STEP_MS
        self.step_px = max(STEP_PX, -(-self.hidden // steps_max))
        self.pass_ms = 2 * STAND_MS + STEP_MS * -(-self.hidden // self.step_px)
        self.offset = 0
        self.kept = {}

    def moves(self, ms):
        """`ms` since it is shown."""
        if not self.hidden:
            return False
        steps = max(0, ms % self.pass_ms - STAND_MS) // STEP_MS
        offset, self.offset = self.offset, min(steps * self.step_px, self.hidden)
        return offset != self.offset

    def wander(self):
        pass

    def draw(self, frame):
        frame.fill_rect(0, 0, WIDTH, BODY, 0)
        first = self.offset // ROW
        for i in range(first, min(first + BODY // ROW + 2, len(self.rows))):
            frame.blit(self._row(i), 0, self.top + 1 + ROW * i - self.offset)
            yield
        if self.head:
            frame.fill_rect(0, 0, WIDTH, ROW - 1, 1)
            draw(frame, self.head, (WIDTH - width(self.head)) // 2, 1, SMALL, 0)
            yield
        # Rows that scroll by must not show through the total.
        frame.fill_rect(0, BODY, WIDTH, HEIGHT - BODY, 0)
        frame.hline(0, BODY + 1, WIDTH, 1)
        yield from self._draw_total(frame)

    def _draw_total(self, frame):
        size = LARGE if width(self.total, LARGE) <= WIDTH else SMALL
        amount = width(self.total, size)
        draw(frame, self.total, WIDTH - amount, TOTAL_TOP + (LARGE - size) // 2, size)
        yield
        if width(self.label) + APART + amount <= WIDTH:
            draw(frame, self.label, 0, TOTAL_TOP + 6 if size == LARGE else TOTAL_TOP + 4)
        yield

    def _row(self, i):
        strip = self.kept.get(i)
        if strip is None:
            if len(self.kept) >= KEPT_MAX:
                self.kept.clear()
            strip = framebuf.FrameBuffer(bytearray(WIDTH), WIDTH, SMALL, framebuf.MONO_VLSB)
            text, count = self.rows[i]
            draw(strip, text, 0, 0)
            draw(strip, count, WIDTH - width(count), 0)
            self.kept[i] = strip
        return strip


def item_rows(name, count):
    """[(text, count)]: a name that is too wide goes on in the next row, broken between words where it can be."""
    counted = "×%d" % max(-COUNT_MAX, min(count, COUNT_MAX))
    room = WIDTH - APART - width(counted)
    lines = wrapped(name[:NAME_MAX], room)
    return [(line, counted if i == 0 else "") for i, line in enumerate(lines)]


def wrapped(text, room):
    lines, line = [], ""
    for word in text.split(" "):
        if width(line + " " + word if line else word) <= room:
            line = line + " " + word if line else word
            continue
        if line:
            lines.append(line)
        while width(word) > room:
            count = len(word)
            while width(word[:count]) > room:
                count -= 1
            lines.append(word[:count])
            word = word[count:]
        line = word
    return lines + [line]
