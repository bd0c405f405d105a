# Knows the time only after the cloud's signed answer to our nonce; until then nothing opens.

# Ticks are folded into the seconds this often, long before they wrap (2^29 ms one way).
FOLD_MS = 60000
# Late commands make doubts too, so a question a minute is enough; a cloud whose clock was put right waits no longer.
DOUBT_MS = 60000


class Clock:
    """`ticks` and `diff` are time.ticks_ms and time.ticks_diff. `refuse` names why a command is not obeyed."""

    def __init__(self, ticks, diff, skew_s):
        self.ticks = ticks
        self.diff = diff
        self.skew_s = skew_s
        self.nonce = None
        self.asked = 0
        self.at_s = None
        self.at_ticks = 0
        # A question for the time is due, and when one was last.
        self.doubted = False
        self.doubted_at = None

    def ask(self, nonce):
        """The question goes out now."""
        self.nonce, self.asked = nonce, self.ticks()

    def set(self, nonce, at_s):
        """True when the answer is to our last question, and no older than a command may be: whoever holds it back would
        set the clock back, and an unlock of then would be fresh again."""
        waited_ms = self.diff(self.ticks(), self.asked)
        if nonce is None or nonce != self.nonce or not 0 <= waited_ms <= 1000 * self.skew_s:
            return False
        self.nonce = None
        self.doubted = False
        self.at_s = at_s
        self.at_ticks = self.ticks()
        return True

    def doubt(self):
        """The cloud signed something for another time: it may know better. Asked at most so often; obeyed never."""
        ticks = self.ticks()
        # Also where ticks have wrapped since.
        if self.doubted_at is None or abs(self.diff(ticks, self.doubted_at)) >= DOUBT_MS:
            self.doubted_at = ticks
            self.doubted = True

    def known(self):
        return self.at_s is not None

    def now(self):
        """Unix seconds, 0 while unknown."""
        if self.at_s is None:
            return 0
        ticks = self.ticks()
        passed = self.diff(ticks, self.at_ticks)
        if passed >= FOLD_MS:
            self.at_s += passed // 1000
            # ticks_diff takes numbers below zero as ticks before the wrap.
            self.at_ticks = ticks - passed % 1000
            passed %= 1000
        return self.at_s + passed // 1000

    def refuse(self, at, exp=None):
        """None for a fresh command, else the fault's code; the same rule as the cloud's."""
        if not self.known():
            return "clock.unknown"
        now = self.now()
        if exp is not None and now > exp:
            return "frame.expired"
        if abs(now - at) > self.skew_s:
            return "frame.clock-skew"
        return None
