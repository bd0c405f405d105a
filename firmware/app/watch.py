# Decides whether the watchdog may be fed: only while every task goes round its loop, each within its own time. Pure.


class Watch:
    """`here(name)` is each task's word that it lives. `silent()` names the first that kept still for longer than its
    limit, or None; a task that never said anything counts from the start."""

    def __init__(self, ticks, diff, limits_ms):
        self.ticks = ticks
        self.diff = diff
        self.limits_ms = limits_ms
        start = ticks()
        self.last = {name: start for name in limits_ms}

    def here(self, name):
        if name not in self.limits_ms:
            raise ValueError("a task without a limit: " + name)
        self.last[name] = self.ticks()

    def silent(self):
        now = self.ticks()
        for name, last in self.last.items():
            if self.diff(now, last) >= self.limits_ms[name]:
                return name
        return None
