# Decides what a receipt looks like on 128 x 64 pixels: what was taken, scrolling where it is long, above the total,
# which always stands. Pure.
from glyphs import LARGE, SMALL, draw, width
from rows import Rows, wrapped
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


class Receipt(Rows):
    """The screen of a `show` command with a basket."""

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
        super().__init__(len(self.rows), ROW, SMALL, ROW if self.head else 0, BODY)

    def draw(self, frame):
        yield from super().draw(frame)
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

    def draw_row(self, strip, i):
        text, count = self.rows[i]
        draw(strip, text, 0, 0)
        draw(strip, count, WIDTH - width(count), 0)


def item_rows(name, count):
    """[(text, count)]: a name that is too wide goes on in the next row, broken between words where it can be."""
    counted = "×%d" % max(-COUNT_MAX, min(count, COUNT_MAX))
    room = WIDTH - APART - width(counted)
    lines = wrapped(name[:NAME_MAX], room)
    return [(line, counted if i == 0 else "") for i, line in enumerate(lines)]
