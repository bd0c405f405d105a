# Decides whether the watchdog may be fed: only while every task still goes round its loop. Pure.


class Watch:
    """`here(name)` is each task's word that it lives; `all_alive()` is False once one was silent too long."""

    def __init__(self, ticks, diff, silent_ms):
        self.ticks = ticks
        self.diff = diff
        self.silent_ms = silent_ms
        self.last = {}

    def here(self, name):
        self.last[name] = self.ticks()

    def all_alive(self):
        now = self.ticks()
        return all(self.diff(now, last) < self.silent_ms for last in self.last.values())
