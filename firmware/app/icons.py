# The pictures beside the words: 24 x 24 pixels, drawn with the strokes of a frame buffer. Pure.

SIZE = 24


def phone(f, x, y):
    for reach in (2, 6):
        # Waves that leave the phone, two pixels thick.
        for i in (0, 1):
            f.ellipse(x + 10 + i, y + 11, reach + 4, reach + 4, 1, False, 0b1001)
    f.fill_rect(x, y, 15, SIZE, 0)
    f.rect(x + 1, y + 1, 11, 22, 1)
    f.rect(x, y + 2, 13, 20, 1)
    f.hline(x + 4, y + 4, 5, 1)
    f.fill_rect(x + 5, y + 18, 3, 2, 1)


def padlock(f, x, y, closed=True):
    f.fill_rect(x + 3, y + 11, 18, 12, 1)
    f.fill_rect(x + 10, y + 14, 4, 3, 0)
    f.fill_rect(x + 11, y + 16, 2, 4, 0)
    top = 1 if closed else 0
    left = x + 6 if closed else x + 12
    f.fill_rect(left, y + top + 4, 3, 10 - top if closed else 8, 1)
    f.fill_rect(left + 8, y + top + 4, 3, 10 - top if closed else 5, 1)
    f.fill_rect(left + 1, y + top + 2, 9, 3, 1)
    f.fill_rect(left + 3, y + top, 5, 3, 1)
    f.fill_rect(left + 3, y + top + 4, 5, 4, 0)


def unlocked(f, x, y):
    padlock(f, x, y, False)


def basket(f, x, y):
    f.fill_rect(x, y + 9, 24, 3, 1)
    for i in range(12):
        inset = i // 4
        f.hline(x + 2 + inset, y + 12 + i, 20 - 2 * inset, 1)
    for column in (6, 11, 16):
        f.fill_rect(x + column, y + 14, 2, 7, 0)
    for i in range(2):
        f.line(x + 5 + i, y + 9, x + 9 + i, y + 1, 1)
        f.line(x + 18 - i, y + 9, x + 14 - i, y + 1, 1)


def door(f, x, y):
    f.rect(x + 1, y, 16, 24, 1)
    f.rect(x + 2, y + 1, 14, 22, 1)
    f.fill_rect(x + 5, y + 5, 8, 7, 1)
    f.fill_rect(x + 12, y + 14, 2, 4, 1)
    for i in range(5):
        f.vline(x + 19 + i, y + 11 - i, 1 + 2 * i, 1)


def scales(f, x, y):
    f.fill_rect(x + 11, y + 1, 2, 19, 1)
    f.fill_rect(x + 6, y + 20, 12, 3, 1)
    f.fill_rect(x + 2, y + 4, 20, 2, 1)
    for middle in (5, 18):
        f.line(x + middle, y + 5, x + middle - 4, y + 13, 1)
        f.line(x + middle, y + 5, x + middle + 4, y + 13, 1)
        f.hline(x + middle - 5, y + 13, 11, 1)
        f.hline(x + middle - 4, y + 14, 9, 1)
        f.hline(x + middle - 2, y + 15, 5, 1)


def hourglass(f, x, y):
    f.fill_rect(x + 4, y, 16, 3, 1)
    f.fill_rect(x + 4, y + 21, 16, 3, 1)
    for i in range(9):
        f.hline(x + 6 + i // 2 + i // 4, y + 3 + i, 1, 1)
        f.hline(x + 17 - i // 2 - i // 4, y + 3 + i, 1, 1)
        f.hline(x + 6 + i // 2 + i // 4, y + 20 - i, 1, 1)
        f.hline(x + 17 - i // 2 - i // 4, y + 20 - i, 1, 1)
        if i > 3:
            f.hline(x + 6 + i // 2 + i // 4, y + 3 + i, 12 - 2 * (i // 2 + i // 4), 1)
            f.hline(x + 16 - i, y + 12 + i, 2 * i - 8, 1)


def no_entry(f, x, y):
    f.ellipse(x + 12, y + 12, 11, 11, 1, True)
    f.fill_rect(x + 5, y + 10, 15, 5, 0)


def box(f, x, y):
    f.rect(x + 1, y + 7, 22, 16, 1)
    f.rect(x + 2, y + 8, 20, 14, 1)
    f.fill_rect(x + 10, y + 8, 4, 7, 1)
    f.line(x + 1, y + 7, x + 5, y + 1, 1)
    f.line(x + 22, y + 7, x + 18, y + 1, 1)
    f.hline(x + 5, y + 1, 14, 1)
    f.hline(x + 5, y + 2, 14, 1)


def warning(f, x, y):
    for i in range(22):
        f.hline(x + 12 - (i + 1) // 2, y + 1 + i, 2 * ((i + 1) // 2) + 1, 1)
    f.fill_rect(x + 11, y + 8, 3, 8, 0)
    f.fill_rect(x + 11, y + 18, 3, 3, 0)


def arrow(f, x, y):
    f.fill_rect(x + 9, y + 1, 6, 9, 1)
    for i in range(8):
        f.hline(x + 4 + i, y + 10 + i, 16 - 2 * i, 1)
    f.fill_rect(x + 2, y + 20, 20, 3, 1)


def plug(f, x, y):
    f.fill_rect(x + 6, y, 3, 8, 1)
    f.fill_rect(x + 15, y, 3, 8, 1)
    f.fill_rect(x + 3, y + 7, 18, 6, 1)
    f.fill_rect(x + 5, y + 13, 14, 3, 1)
    f.fill_rect(x + 8, y + 16, 8, 2, 1)
    f.fill_rect(x + 11, y + 18, 2, 6, 1)


def battery(f, x, y):
    f.rect(x, y + 6, 21, 13, 1)
    f.rect(x + 1, y + 7, 19, 11, 1)
    f.fill_rect(x + 21, y + 10, 3, 5, 1)
    f.fill_rect(x + 4, y + 10, 3, 5, 1)


def card(f, x, y):
    f.rect(x, y + 4, 24, 17, 1)
    f.rect(x + 1, y + 5, 22, 15, 1)
    f.fill_rect(x, y + 8, 24, 4, 1)
    f.fill_rect(x + 4, y + 15, 7, 2, 1)


def tick(f, x, y):
    for i in range(4):
        f.line(x + 2, y + 11 + i, x + 9, y + 18 + i, 1)
        f.line(x + 9, y + 18 + i, x + 22, y + 3 + i, 1)


def lens(f, x, y):
    for i in range(3):
        f.ellipse(x + 9, y + 9, 9 - i, 9 - i, 1)
        f.line(x + 15 + i, y + 16, x + 21 + i, y + 22, 1)
    f.line(x + 15, y + 17, x + 21, y + 23, 1)


ICONS = {"boot": hourglass, "idle": phone, "unlocked": unlocked, "open": basket, "too_long": door, "forced": warning,
         "weighing": scales, "timeout": padlock, "locked_out": no_entry, "restock": box, "fault": warning,
         "updating": arrow, "power_lost": plug, "safe_mode": warning, "battery_low": battery, "bare": warning,
         "released": tick, "unused": tick, "refused": card, "owed": card, "in_review": lens}
