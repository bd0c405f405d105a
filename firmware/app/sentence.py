# Decides what a sentence of the shop's looks like on 128 x 64 pixels: large where it fits, else small, scrolling where it
# is long. Pure.
from glyphs import LARGE, SMALL, draw, width
from rows import Rows, wrapped
from screen import HEIGHT, LEADING, WIDTH


class Sentence(Rows):
    """The screen of a `say` command."""

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
