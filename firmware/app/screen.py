# Decides where words and pictures of a moment stand on 128 x 64 pixels. Pure: it draws on any frame buffer.
from glyphs import LARGE, SMALL, draw, width
from icons import ICONS, SIZE
from words import words

WIDTH = 128
HEIGHT = 64
# Pixels between two large lines, between picture and words, and above the small line, at best and at least.
LEADING = 2
BESIDE = 5
ABOVE_HINT = 5
ABOVE_HINT_MIN = 3
# How far a picture that stands for long wanders, at most: enough that no pixel is lit all year.
WANDER = 8


class Notice:
    """The screen of a moment. `wander()` moves it a little: what stands still for months burns in."""

    # Pixels that only scrolling would show.
    hidden = 0

    def __init__(self, moment, language="en"):
        self.moment = moment
        self.lines, self.hint = words(moment, language)
        self.icon = ICONS.get(moment)
        self.steps = 0
        self._lay_out()

    def _lay_out(self):
        words_width = max(width(line, LARGE) for line in self.lines)
        words_height = (LARGE + LEADING) * len(self.lines) - LEADING
        above_hint = max(ABOVE_HINT_MIN, min(ABOVE_HINT, HEIGHT - SMALL - words_height))
        hint_height = above_hint + SMALL if self.hint else 0
        self.beside = self.icon is not None and SIZE + BESIDE + words_width <= WIDTH
        above = self.icon is not None and not self.beside
        if above and SIZE + LEADING + words_height + hint_height > HEIGHT:
            self.icon, above = None, False
        self.words_at = (SIZE + BESIDE if self.beside else 0, SIZE + LEADING if above else 0)
        tall = max(words_height, SIZE) if self.beside else words_height
        block = words_width + self.words_at[0]
        self.block = block
        self.width = max(block, width(self.hint) if self.hint else 0)
        self.words_down = (tall - words_height) // 2
        self.icon_down = (tall - SIZE) // 2 if self.beside else 0
        self.hint_at = self.words_at[1] + tall + above_hint
        self.height = self.words_at[1] + tall + hint_height

    def moves(self, _):
        return False

    def wander(self):
        self.steps += 1

    def corner(self):
        """Upper left: in the middle, or beside it."""
        free_x, free_y = WIDTH - self.width, HEIGHT - self.height
        # Different numbers of steps across and down, so that it comes by all of them.
        return _at(free_x, self.steps), _at(free_y, self.steps // 2)

    def draw(self, frame):
        """Gives way after each piece: drawn at once it would hold the loop too long."""
        x, y = self.corner()
        frame.fill(0)
        left = x + (self.width - self.block) // 2
        if self.icon:
            self.icon(frame, left if self.beside else x + (self.width - SIZE) // 2, y + self.icon_down)
            yield
        for i, line in enumerate(self.lines):
            line_width = width(line, LARGE)
            room = self.block - self.words_at[0]
            inset = 0 if self.beside else (room - line_width) // 2
            draw(frame, line, left + self.words_at[0] + inset,
                 y + self.words_at[1] + self.words_down + (LARGE + LEADING) * i, LARGE)
            yield
        if self.hint:
            draw(frame, self.hint, x + (self.width - width(self.hint)) // 2, y + self.hint_at)
        yield


def _at(free, steps):
    """There and back across the free pixels, starting in the middle."""
    reach = min(free // 2, WANDER)
    if reach == 0:
        return free // 2
    phase = (steps + reach) % (4 * reach)
    return free // 2 + (phase - reach if phase <= 2 * reach else 3 * reach - phase)
