# Keeps what is wrong with this case right now, as codes that the cloud and a technician know. Pure.
#
# scale.silent scale.saturated scale.drift scale.uncalibrated    the weight cannot be trusted; the cameras decide
# door.bolt                                                      the bolt is not where it should be
# temp.silent temp.range                                         no sensor answers, or what it says cannot be
# display.silent tof.silent pi.silent                            a device that is fitted does not answer
# battery.low power.lost flash.failed                            what a visit needs may end before the visit does
# update.failed                                                  an image was given up, or is not to be trusted
#
# Told once, as a report, and never on: command.unread (a signed command that cannot be read: orders.py), flash.damaged (what was
# kept of the last visit makes no sense: controller.py).
#
# Which of them stops sales is in config.py (BLOCKING_FAULTS) and in the lock's table.

# Parts behind the load switch: while it is off their silence is no fault.
SWITCHED = ("scale.silent", "scale.saturated", "display.silent", "tof.silent")
# As many as there are codes, and room for a few more; a status names the first eight.
CODES_MAX = 16


class Faults:
    """`set(code, on)` may be said again and again; `codes()` are those that are on, sorted."""

    def __init__(self):
        self.on = []
        self.load = True

    def set(self, code, on):
        """True when this was news."""
        if on == (code in self.on):
            return False
        if not on:
            self.on.remove(code)
            return True
        if len(self.on) >= CODES_MAX:
            return False
        self.on.append(code)
        self.on.sort()
        return True

    def codes(self):
        return [code for code in self.on if self.load or code not in SWITCHED]
