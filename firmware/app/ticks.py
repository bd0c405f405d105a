# Keeps moments of long ago comparable: time.ticks_diff turns negative after six days. Pure.
import time

import config


def not_too_old(now, at):
    """`at`, or a day ago where it is older: asked at least every six days, it never comes to look like now."""
    return at if time.ticks_diff(now, at) <= config.LONG_AGO_MS else time.ticks_add(now, -config.LONG_AGO_MS)
