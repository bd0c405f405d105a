# Decides from distances whether somebody stands before the case. Pure.


class Approach:
    """`feel(mm, now)`: True while somebody is near. Two readings in a row bring a person near, so that a fly does not;
    far is only who was out of reach for a while, so that a step back does not darken the display."""

    NEAR_READINGS = 2

    def __init__(self, diff, near_mm, far_mm, gone_ms):
        self.diff = diff
        self.near_mm = near_mm
        self.far_mm = far_mm
        self.gone_ms = gone_ms
        self.near = False
        self.close = 0
        self.seen_at = 0

    def feel(self, mm, now):
        """`mm` None: nothing in sight."""
        self.close = min(self.close + 1, self.NEAR_READINGS) if mm is not None and mm <= self.near_mm else 0
        if self.close >= self.NEAR_READINGS:
            self.near = True
        if mm is not None and mm <= self.far_mm:
            self.seen_at = now
        elif self.near and self.diff(now, self.seen_at) >= self.gone_ms:
            self.near = False
        return self.near
