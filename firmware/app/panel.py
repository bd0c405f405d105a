# Decides when the display is drawn, how bright it is and what happens when it does not answer. No `machine` here.
import asyncio
import time

import config
from ticks import not_too_old

# Moments that may stand for hours: they wander, and dim when nobody is near.
RESTING = ("boot", "idle", "locked_out", "fault", "safe_mode", "battery_low", "power_lost", "bare")


class Panel:
    """`show(picture, moment)` and, again and again, `await step(near)`: nothing here raises OSError. `note(on)` is told
    whether the display is silent. `display` may be None."""

    def __init__(self, display, note, off_ms=config.SCREEN_OFF_MS):
        self.display = display
        self.note = note
        self.off_ms = off_ms
        self.picture = None
        self.moment = None
        self.drawn = None
        self.shown_at = self.moved_at = self.near_at = time.ticks_ms()
        # What the display was last told; None after it has been away.
        self.level = None
        self.lit = None
        self.failures = 0
        self.asked_at = None
        self.started_at = None

    def show(self, picture, moment):
        self.picture, self.moment = picture, moment
        self.shown_at = self.moved_at = time.ticks_ms()

    def moves(self):
        """Whether it must be looked at again soon."""
        return self.picture is not None and (self.picture is not self.drawn or self.picture.hidden > 0)

    async def step(self, near=None):
        """`near`: whether somebody stands before the case, or None where no sensor knows."""
        now = time.ticks_ms()
        # A case that nobody buys from for a week must not take that for news.
        self.shown_at, self.near_at = not_too_old(now, self.shown_at), now if near else not_too_old(now, self.near_at)
        if self.display is None or self.picture is None or self._waits(now):
            return
        try:
            self._keep_up(now)
            self._lighten(now, near)
            await self._draw(now)
            for page in self.display.changed():
                self.display.send(page)
                # Others go on while the bus rests: the lock, above all.
                await asyncio.sleep_ms(0)
            self._switch(now, near)
        except OSError:
            self._lost(now)
            return
        if self.failures:
            self.failures = 0
            self.note(False)

    def _waits(self, now):
        """After a failure: not before its time, so that a hanging bus does not hold up the loop."""
        if not self.failures:
            return False
        again_ms = min(config.SCREEN_AGAIN_MS << min(self.failures, 8), config.SCREEN_AGAIN_MS_MAX)
        return time.ticks_diff(now, self.asked_at) < again_ms

    def _keep_up(self, now):
        """Sets the display up at first, after a failure and now and then: one that lost its power for a moment says
        nothing of it, and stays dark."""
        if self.started_at is None or time.ticks_diff(now, self.started_at) >= config.SCREEN_REFRESH_MS:
            self.display.start()
            self.started_at = now
            self.level = self.lit = None
        elif self.asked_at is None or time.ticks_diff(now, self.asked_at) >= config.SCREEN_ASK_MS:
            self.display.ask()
        else:
            return
        self.asked_at = now

    def _lighten(self, now, near):
        alone_ms = time.ticks_diff(now, max_ticks(self.shown_at, self.near_at))
        dim = self.moment in RESTING and not near and alone_ms >= config.SCREEN_DIM_MS
        level = config.SCREEN_DIM if dim else config.SCREEN_BRIGHT
        if level != self.level:
            self.display.contrast(level)
            self.level = level

    async def _draw(self, now):
        if time.ticks_diff(now, self.moved_at) >= config.SCREEN_WANDER_MS and self.moment in RESTING:
            self.moved_at = now
            self.picture.wander()
        elif not self.picture.moves(time.ticks_diff(now, self.shown_at)) and self.drawn is self.picture:
            return
        picture = self.drawn = self.picture
        for _ in picture.draw(self.display):
            await asyncio.sleep_ms(0)

    def _switch(self, now, near):
        """Off only where a sensor sees who comes; on only when the memory holds a picture, never snow."""
        alone_ms = time.ticks_diff(now, max_ticks(self.shown_at, self.near_at))
        off = self.off_ms and near is False and self.moment in RESTING and alone_ms >= self.off_ms
        if self.lit != (not off):
            self.display.power(not off)
            self.lit = not off

    def _lost(self, now):
        self.failures += 1
        self.asked_at = now
        self.started_at = None
        # One failure may be a spark from the compressor; two are a cable.
        if self.failures == 2:
            self.note(True)


def max_ticks(one, other):
    return one if time.ticks_diff(one, other) > 0 else other
