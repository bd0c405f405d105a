# Decides who has been silent for too long. Pure: ticks in, answers out.
#
# A task that does not go round its loop within its own time: then the watchdog may not be fed. A radio that carries
# nothing: then it is given up, and its ladder begins.
#
# A link that says it is there proves nothing: a modem can fall silent, and a subscription can be lost while publishes are
# acked. So every use feeds this: PUBACKs, frames that the cloud signed, attempts to connect. What ends the row of
# troubles is only what the trouble was about.

# Of the ladder, each loses more than the one before; the last is the whole board.
STEPS = ("again", "disconnect", "context", "radio", "key", "power", "reset")


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


class LinkHealth:
    """`diff` is time.ticks_diff; `limits` in milliseconds: silent (no PUBACK), unacked (a report), unanswered (a question),
    unanswered_most. `attempts` to connect fail in a row before the board itself is started anew; `attempts_again` where it was
    started for that already."""

    def __init__(self, now, diff, limits, attempts, attempts_again):
        self.diff = diff
        self.limits = limits
        self.attempts = attempts
        self.attempts_again = attempts_again
        # Of the last PUBACK; since when a report waits for its ack, and a question for its answer, with nothing heard since.
        self.acked_at = now
        self.unacked_at = self.unanswered_at = None
        # Attempts that failed in a row; how often the link was given up since the cloud last spoke.
        self.failures = 0
        self.given_up = 0
        # Why there is no link, since when, and how deep the ladder went; None while there is one, or never was one.
        self.why = None
        self.lost_at = now
        self.away_ms = 0
        self.last = None
        self.untold = 0

    # What every use says

    def acked(self, now):
        self.acked_at = now

    def heard(self):
        """A frame that the cloud has signed, whatever is in it."""
        self._await_nothing()
        self.given_up = 0

    def awaits(self, question, report, now):
        """What is out that the cloud answers with its signature. True when it should be asked: a report may be one that this cloud
        cannot read, but a question is answered by any."""
        self.unanswered_at = since(self.unanswered_at, now) if question else None
        self.unacked_at = since(self.unacked_at, now) if report else None
        return report and not question and self.diff(now, self.unacked_at) >= self.limits["unacked"]

    def rest(self, now):
        """The radio sleeps: nothing can come."""
        self.acked_at = now
        self._await_nothing()

    def _await_nothing(self):
        self.unacked_at = self.unanswered_at = None

    # What the task of the radio asks

    def verdict(self, now):
        """Why a link that says it is there is to be given up; None while it is believed."""
        if self.diff(now, self.acked_at) >= self.limits["silent"]:
            return "silent"
        if self.unanswered_at is not None and self.diff(now, self.unanswered_at) >= self._patience_ms():
            return "unanswered"
        return None

    def give_up(self, why, now):
        """How deep the ladder is to begin, counted from 1."""
        self.given_up += 1
        self.lost(why, now)
        return self.given_up

    def lost(self, why, now):
        if self.why is None:
            self.why, self.lost_at, self.away_ms = why, now, 0

    def failed(self, now):
        self.failures += 1
        self._count(now)

    def hopeless(self, again):
        """The ladder was climbed to its end, more than once: what is left is the board itself. `again`: it was started anew for
        that already, and then only after many more attempts."""
        if again:
            return self.failures >= self.attempts_again
        return self.failures >= self.attempts or self.given_up >= len(STEPS)

    def connected(self, why, step, now, told):
        """`why` as the link knows it, `step` the deepest that it took; told in so many statuses."""
        self.rest(now)
        self.failures = 0
        if self.why is not None:
            self._count(now)
            self.last = {"why": why if self.why == "lost" else self.why, "step": step, "silent": self.away_ms // 1000}
            self.why, self.untold = None, told

    def _count(self, now):
        # At each attempt: ticks wrap, and a network may be away for weeks.
        self.away_ms += self.diff(now, self.lost_at)
        self.lost_at = now

    # The reason, told afterwards

    def news(self):
        return self.last if self.untold > 0 else None

    def was_told(self):
        self.untold = max(0, self.untold - 1)

    def _patience_ms(self):
        """A cloud that is away for a day is no reason to cut the modem's supply every few minutes."""
        return min(self.limits["unanswered"] << min(self.given_up, 8), self.limits["unanswered_most"])


def since(at, now):
    # Zero is a moment like any other.
    return now if at is None else at
