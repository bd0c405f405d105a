# Numbers of the controller, each with its unit and its why. What differs per device comes from secrets.json in flash.

# Pins (ESP32-S3 board of the parts list).
LOCK_PIN = 26
DOOR_PIN = 27
SCK_PIN = 14
DT_PIN = 15
SDA_PIN = 19
SCL_PIN = 18
LED_PIN = 23
BUZZER_PIN = 25
PI_LINE_PIN = 16
MODEM_UART = 1

FIRMWARE = "0.1.0"

# A latch that opens with power and stays shut without it (fail-secure). A mag-lock is the other way round.
LOCK_TYPE = "power_to_unlock"

# A customer has this long to open the door; then it locks again.
OPEN_WITHIN_MS = 10000
# Open longer than this: the cold gets out. Said again at the same interval until the door is shut.
OPEN_TOO_LONG_MS = 10000
# A reed contact bounces for up to 50 ms.
DEBOUNCE_MS = 60
# How often the door is looked at. Faster only costs power.
TICK_MS = 20

# HX711 with RATE high: 80 conversions a second (datasheet p. 3).
SCALE_PERIOD_MS = 13
# Settled: this many readings lie within the spread.
SETTLE_READINGS = 16
SETTLE_SPREAD_GRAMS = 12
# A hand that leans on the shelf must not keep the visit open for ever.
SETTLE_MS_MAX = 4000

# A case is alive: far below the cloud's limit of 90 s.
STATUS_MS = 30000
# Until the first signed time, and between re-sent reports.
HELLO_MS = 1000
RESEND_MS = 5000
# How far a command's clock may be off, either way (the cloud's own limit).
SKEW_S = 30

# Reports kept in flash; a day without radio makes a few dozen.
OUTBOX_MAX = 200
# Sequence numbers taken from flash at a time, to spare it: a reset skips at most this many.
SEQ_BLOCK = 32

# Calibration of the four cells together: counts per gram and at an empty shelf.
COUNTS_PER_GRAM = 420
COUNTS_ZERO = 84000
