# Says in words what the case is doing: lines of 16 letters for the display. Pure.

WIDTH = 16
LINES = 6

WORDS = {
    "en": {
        "boot": ["Starting", "Please wait"],
        "idle": ["Tap to Unlock"],
        "unlocked": ["Door Unlocked"],
        "open": ["Take what", "you like"],
        "too_long": ["Close the door"],
        "weighing": ["Counting ..."],
        "timeout": ["Tap again"],
        "forced": ["Close the door"],
        "bare": ["Not set up"],
        "released": ["No Charge"],
        "unused": ["No Charge"],
        "refused": ["Try another card"],
        "owed": ["Try another card"],
        "in_review": ["Being checked", "No charge now"],
        "total": "Total",
    },
    "es": {
        "boot": ["Iniciando", "Espere"],
        "idle": ["Acerque el movil"],
        "unlocked": ["Puerta abierta"],
        "open": ["Tome lo que", "quiera"],
        "too_long": ["Cierre la puerta"],
        "weighing": ["Contando ..."],
        "timeout": ["Toque de nuevo"],
        "forced": ["Cierre la puerta"],
        "bare": ["Sin configurar"],
        "released": ["Sin cargo"],
        "unused": ["Sin cargo"],
        "refused": ["Otra tarjeta"],
        "owed": ["Otra tarjeta"],
        "in_review": ["En revision", "Sin cargo ahora"],
        "total": "Total",
    },
}

# Minor units with no digits after the point (stripe.com/docs/currencies).
ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()
PLAIN = {"á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u", "ñ": "n", "ü": "u"}


def lines(what, lang="en"):
    return WORDS.get(lang, WORDS["en"]).get(what, [what])


def outcome(command):
    """Lines for a `show` command."""
    lang = command.get("lang", "en")
    what = command["outcome"]
    if what not in ("charged", "partly_paid"):
        return lines(what, lang)
    rows = ["%d %s" % (count, plain(name)) for name, count in command["items"]]
    if len(rows) > LINES - 1:
        rows = rows[: LINES - 2] + ["..."]
    total = money(command["total"], command["currency"])
    rows.append("%s %s" % (WORDS.get(lang, WORDS["en"])["total"], total))
    return [row[:WIDTH] for row in rows]


def money(minor, currency):
    sign = "$" if currency == "usd" else currency.upper() + " "
    if currency in ZERO_DECIMAL:
        return "%s%d" % (sign, minor)
    return "%s%d.%02d" % (sign, minor // 100, minor % 100)


def plain(text):
    """The display's font has ASCII only."""
    return "".join(PLAIN.get(c, c if ord(c) < 128 else "?") for c in text)
