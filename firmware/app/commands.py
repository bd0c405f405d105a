# Says what a command of the cloud looks like: any JSON value gives a command or a FrameError. Pure.
#
# Whoever obeys asks no more: a field that is used anywhere is looked at here, also where its type does not need it.
from envelope import FrameError

OUTCOMES = ("charged", "released", "unused", "owed", "partly_paid", "in_review", "refused")
ITEMS_MAX = 50
REASON_MAX = 24
SENTENCE_MAX = 160
LABEL_MAX = 24
LANGUAGES = ("en", "es")
EPOCH_LEN = 16
# The highest number, and how far above the last one the next may be; why: domain/src/protocol/sequence.ts.
SEQ_MAX = 1 << 40
SEQ_STEP_MAX = 1 << 26
# What stays exact in the cloud's doubles: beyond it a number is none of its own.
WHOLE_MAX = (1 << 53) - 1


def parse_command(value):
    """The same dict when every field that its type needs is there and of its kind; unknown fields are left alone."""
    if not isinstance(value, dict) or not is_number(value.get("seq")) or not whole(value.get("at"), 0):
        raise FrameError("payload.invalid")
    # What is there must be a time, also where a command needs none: the clock is asked about it.
    if "exp" in value and not expires(value):
        raise FrameError("payload.invalid")
    check = CHECKS.get(value.get("type")) if isinstance(value.get("type"), str) else None
    if check is None or not check(value):
        raise FrameError("payload.invalid")
    return value


def check_rising(last, seq):
    """A number that was there before, or so far above the last that all that comes after would be refused."""
    if seq <= last:
        raise FrameError("seq.replayed")
    if last > 0 and seq - last > SEQ_STEP_MAX:
        raise FrameError("seq.leap")


def is_number(value):
    return whole(value, 1) and value <= SEQ_MAX


def whole(value, least):
    # True is an int to Python, never to the wire.
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= WHOLE_MAX


def is_visit(value):
    """6 to 24 of a-z and 0-9, as the cloud makes them."""
    return isinstance(value, str) and 6 <= len(value) <= 24 and all("a" <= c <= "z" or "0" <= c <= "9" for c in value)


def is_epoch(value):
    return isinstance(value, str) and len(value) == EPOCH_LEN and all(c in "0123456789abcdef" for c in value)


def is_unlock(value):
    return is_visit(value.get("id")) and whole(value.get("exp"), 0)


def is_show(value):
    items = value.get("items")
    return (is_visit(value.get("id")) and value.get("outcome") in OUTCOMES and isinstance(items, list)
            and len(items) <= ITEMS_MAX and all(is_item(item) for item in items) and whole(value.get("total"), 0)
            and is_currency(value.get("currency")) and value.get("lang") in LANGUAGES)


def is_say(value):
    text = value.get("text")
    return expires(value) and isinstance(text, str) and 0 < len(text) <= SENTENCE_MAX


def is_item(value):
    # Pieces that were put back are below zero.
    return (isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and len(value[0]) <= LABEL_MAX
            and whole(value[1], -WHOLE_MAX))


def is_currency(value):
    return isinstance(value, str) and len(value) == 3 and all("a" <= c <= "z" for c in value)


def is_ack(value):
    return value.get("topic") == "door" and is_number(value.get("of"))


def is_time(value):
    # A cloud of before epochs has none.
    return isinstance(value.get("nonce"), str) and ("epoch" not in value or is_epoch(value["epoch"]))


def is_lockout(value):
    reason = value.get("reason")
    return isinstance(value.get("on"), bool) and isinstance(reason, str) and len(reason) <= REASON_MAX


def expires(value):
    return whole(value.get("exp"), 0)


def is_ping(_):
    return True


CHECKS = {"unlock": is_unlock, "restock": is_unlock, "show": is_show, "ack": is_ack, "time": is_time,
          "lockout": is_lockout, "say": is_say, "tare": expires, "ota": expires, "ping": is_ping}
