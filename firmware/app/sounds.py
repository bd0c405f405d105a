# What the buzzer and the voice say in each moment. Pure.

# Milliseconds of sound and of silence after it. Nothing is longer than a second: a shop is no fire alarm.
SOUNDS = {
    "chirp": ((80, 80),),
    "ok": ((60, 60), (120, 80)),
    "close_door": ((150, 100), (150, 100), (150, 100)),
    "error": ((400, 150), (200, 100)),
}

# The moments that are heard; all others are silent.
BUZZES = {"unlocked": "chirp", "too_long": "close_door", "forced": "close_door", "timeout": "error", "paid": "ok",
          "free": "chirp", "unpaid": "error"}

# The files on the voice module's card, /mp3/0001.mp3 and so on, in the order of each language:
#
# file       | English                                  | Spanish, file
# 0001       | Door is now unlocked                     | La puerta está abierta, 0101
# 0002       | Please close the door                    | Por favor, cierre la puerta, 0102
# 0003       | Thank you. Your receipt is on your phone | Gracias. El recibo está en su móvil, 0103
# 0004       | No charge                                | Sin cargo, 0104
# 0005       | Please try another card                  | Por favor, pruebe otra tarjeta, 0105
# 0006       | Your purchase is being checked           | Su compra está en revisión, 0106
# 0007       | Please tap again                         | Acerque el móvil otra vez, 0107
FILES = {"unlocked": 1, "too_long": 2, "forced": 2, "charged": 3, "released": 4, "unused": 4, "refused": 5, "owed": 5,
         "partly_paid": 5, "in_review": 6, "timeout": 7}
LANGUAGES = {"en": 0, "es": 100}


def file_of(moment, language):
    """The number of the file, or None where nothing is said."""
    number = FILES.get(moment)
    return None if number is None else number + LANGUAGES.get(language, 0)
