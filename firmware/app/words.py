# The words of the display in each language, and what an amount looks like. Pure.

# A moment's large lines, parted by |, and after # the small line below them. One string each: tuples take thrice the heap.
WORDS = {
    "en": {
        "boot": "Starting#One moment",
        "idle": "Tap to|unlock#or scan the code",
        "unlocked": "Door|unlocked",
        "open": "Take what|you like",
        "too_long": "Close|the door",
        "forced": "Close|the door",
        "weighing": "Counting#One moment",
        "timeout": "Tap again#The door is locked",
        "locked_out": "Closed#Not for sale now",
        "restock": "Being|filled",
        "fault": "Out of|order",
        "updating": "Updating#Back in a minute",
        "power_lost": "No power#The door is locked",
        "safe_mode": "Out of|order#Safe mode",
        "battery_low": "Battery|low#Not for sale now",
        "bare": "Not yet|set up",
        "released": "No charge#See you soon",
        "unused": "Not|opened#No charge",
        "refused": "Try|another|card",
        "owed": "Try|another|card#Pay on your phone",
        "in_review": "Being|checked#No charge for now",
    },
    "es": {
        "boot": "Iniciando#Un momento",
        "idle": "Acerque|el móvil#o escanee el código",
        "unlocked": "Puerta|abierta",
        "open": "Tome lo|que quiera",
        "too_long": "Cierre|la puerta",
        "forced": "Cierre|la puerta",
        "weighing": "Contando#Un momento",
        "timeout": "Acerque|otra vez#La puerta se cerró",
        "locked_out": "Cerrado#Sin venta por ahora",
        "restock": "Llenando#Vuelva pronto",
        "fault": "No|funciona",
        "updating": "Un minuto#Actualización",
        "power_lost": "Sin luz#La puerta se cerró",
        "safe_mode": "No|funciona#Modo seguro",
        "battery_low": "Batería|baja#Sin venta por ahora",
        "bare": "Falta|ajustar",
        "released": "Sin cargo#¡Hasta pronto!",
        "unused": "No se|abrió#Sin cargo",
        "refused": "Pruebe|otra|tarjeta",
        "owed": "Pruebe|otra|tarjeta#Pague en su móvil",
        "in_review": "En|revisión#Sin cargo por ahora",
    },
}

# Words of a receipt.
RECEIPT = {
    "en": {"total": "Total", "charged": "Thank you!", "partly_paid": "Not fully paid",
           "phone": "see your phone"},
    "es": {"total": "Total", "charged": "¡Gracias!", "partly_paid": "Falta una parte",
           "phone": "vea su móvil"},
}

# As domain/src/payment/currency.ts has them; all others have two digits after the point.
NO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()
THREE_DECIMALS = "bhd jod kwd omr tnd".split()
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def words(moment, language):
    """Large lines and small line. What has no words yet is shown by its name rather than not at all."""
    large, _, small = WORDS.get(language, WORDS["en"]).get(moment, moment[:8]).partition("#")
    return large.split("|"), small or None


def of_receipt(word, language):
    return RECEIPT.get(language, RECEIPT["en"])[word]


def money(minor, currency, language="en"):
    """As people of the language write it: $1,234.50, 1.234,50 €."""
    decimals = 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    comma = language == "es" and currency == "eur"
    units, rest = divmod(minor, 10 ** decimals)
    amount = grouped(units, "." if comma else ",")
    if decimals:
        amount += ("," if comma else ".") + ("%0" + str(decimals) + "d") % rest
    if comma:
        return amount + " €"
    return (SIGNS.get(currency) or currency.upper() + " ") + amount


def grouped(units, mark):
    digits = str(units)
    groups = []
    while len(digits) > 3:
        groups.insert(0, digits[-3:])
        digits = digits[:-3]
    return mark.join([digits] + groups)
