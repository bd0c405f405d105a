# Decides how rows of text that are higher than their room are seen to their end: they stand, scroll, stand again, start
# over; where a long text breaks into rows; and so what a sentence of the shop's looks like on 128 x 64 pixels. Pure.
import framebuf
from glyphs import LARGE, SMALL, draw, width
from screen import HEIGHT, LEADING, WIDTH

# Rows drawn and kept: those in sight, and the next.
KEPT_MAX = 8
# Stands, moves two pixels at every third look, stands again, starts over.
STAND_MS = 2500
STEP_MS = 120
STEP_PX = 2
# The slowest pass that a person who waits for the case will put up with.
PASS_MS_MAX = 25000


class Rows:
    """`count` rows, one every `pitch` pixels below `top`, of letters of `size`, in the upper `room` pixels. The heir's
    `draw_row(strip, i)` draws one. `moves(ms)`: True when it must be drawn again."""

    def __init__(self, count, pitch, size, top, room):
        self.count, self.pitch, self.size, self.top, self.room = count, pitch, size, top, room
        self.hidden = max(0, top + pitch * count - room)
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
        """Gives way after each row: drawn at once it would hold the loop too long."""
        frame.fill_rect(0, 0, WIDTH, self.room, 0)
        first = self.offset // self.pitch
        for i in range(first, min(first + self.room // self.pitch + 2, self.count)):
            frame.blit(self._strip(i), 0, self.top + 1 + self.pitch * i - self.offset)
            yield

    def _strip(self, i):
        strip = self.kept.get(i)
        if strip is None:
            if len(self.kept) >= KEPT_MAX:
                self.kept.clear()
            strip = framebuf.FrameBuffer(bytearray(WIDTH * self.size // SMALL), WIDTH, self.size, framebuf.MONO_VLSB)
            self.draw_row(strip, i)
            self.kept[i] = strip
        return strip


def wrapped(text, room, size=SMALL):
    """Lines no wider than `room`, broken between words where they can be."""
    lines, line = [], ""
    for word in text.split(" "):
        if width(line + " " + word if line else word, size) <= room:
            line = line + " " + word if line else word
            continue
        if line:
            lines.append(line)
        while width(word, size) > room:
            count = len(word)
            while width(word[:count], size) > room:
                count -= 1
            lines.append(word[:count])
            word = word[count:]
        line = word
    return lines + [line]


class Sentence(Rows):
    """The screen of a `say` command: large where it fits, else small."""

    def __init__(self, text):
        size = LARGE if _fits_large(text) else SMALL
        self.lines = wrapped(text, WIDTH, size)
        height = (size + LEADING) * len(self.lines)
        super().__init__(len(self.lines), size + LEADING, size, max(0, (HEIGHT - height) // 2), HEIGHT)

    def draw_row(self, strip, i):
        line = self.lines[i]
        draw(strip, line, (WIDTH - width(line, self.size)) // 2, 0, self.size)


def _fits_large(text):
    """Rather small than with a word broken in it."""
    widest = max(width(word, LARGE) for word in text.split(" "))
    return widest <= WIDTH and len(wrapped(text, WIDTH, LARGE)) <= HEIGHT // (LARGE + LEADING)
