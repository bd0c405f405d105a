# Numbers of the controller, each with its unit and its why. Pins are in board.py; what differs per device comes from
# secrets.json in flash.

FIRMWARE = "0.2.0"

# The folder that outlives a power cut: secrets, numbers, reports, the visit that is being served.
FLASH = "/flash"

# A customer has this long to open the door; then it locks again.
OPEN_WITHIN_MS = 10000
# Open longer than this: the cold gets out. Said again at the same interval until the door is shut.
OPEN_TOO_LONG_MS = 10000
# A reed contact bounces for up to 50 ms.
DEBOUNCE_MS = 60
# After that the door's seal still springs back; a bolt shot earlier would miss its plate.
DWELL_MS = 60
# How often the door is looked at. Faster only costs power.
TICK_MS = 20

# HX711 with RATE high: 80 conversions a second (datasheet p. 3). Asked this often while weighing, so that none is
# missed; at rest a few a second keep a baseline at hand.
SCALE_PERIOD_MS = 4
SCALE_REST_MS = 100
# Settled: this many readings lie within the spread.
SETTLE_READINGS = 16
SETTLE_SPREAD_GRAMS = 12
# A hand that leans on the shelf must not keep the visit open for ever.
SETTLE_MS_MAX = 4000
# A difference is never known better than this: cells creep and a fridge's fan shakes.
SIGMA_GRAMS_MIN = 0.5
# No reading at all: the answer is worth nothing, and the cloud must decide by its cameras.
SIGMA_GRAMS_BLIND = 100000

# A case is alive: far below the cloud's limit of 90 s.
STATUS_MS = 30000
# Between questions for the time: quick while a cloud may just be starting, slow when it seems to be gone.
HELLO_MS = 1000
HELLOS_QUICK = 60
HELLO_SLOW_MS = 30000
# A 20 ppm crystal is off by the allowed skew after two weeks; asked again this often it never comes near.
TIME_REFRESH_MS = 6 * 3600 * 1000
# A report that the cloud has not acked goes out again after this.
RESEND_MS = 5000
# How far a command's clock may be off, either way (the cloud's own limit).
SKEW_S = 30

# Reports kept in flash; a day without radio makes a few dozen. The cloud tells 256 numbers apart (its window).
OUTBOX_MAX = 200
# No new visit starts with less room than this: its reports must all fit.
OUTBOX_ROOM = 20
# Sequence numbers taken from flash at a time, to spare it: a reset skips at most this many.
SEQ_BLOCK = 32

# Waits between attempts to connect: doubled after each failure, and bounded so that a repaired mast is found soon.
CONNECT_AGAIN_MS = 1000
CONNECT_AGAIN_MS_MAX = 30000

# What a customer was told stays this long; then the case invites the next one.
TOLD_MS = 8000

# Display, light and voice are looked after this often: a pulse looks smooth, and the loop stays free.
FRAME_MS = 40
# Contrast of 255 while somebody is served, and of a display that nobody looks at; the second makes it live for years.
SCREEN_BRIGHT = 0xCF
SCREEN_DIM = 0x08
SCREEN_DIM_MS = 20000
# What stands still moves by a pixel this often.
SCREEN_WANDER_MS = 60000
# Where a sensor sees who comes, the display goes off after this; 0 is never.
SCREEN_OFF_MS = 1800000
# A display is asked whether it is there, and set up anew in case it has lost its power unseen.
SCREEN_ASK_MS = 2000
SCREEN_REFRESH_MS = 60000
# A display that does not answer is tried again after twice this, doubled each time up to the second.
SCREEN_AGAIN_MS = 100
SCREEN_AGAIN_MS_MAX = 5000
# No device may hold the bus, and with it the loop, longer than this; in microseconds, as I2C takes it.
I2C_TIMEOUT_US = 10000

# Who reads the display stands this near; who is that far has gone, once he is for some seconds.
NEAR_MM = 900
FAR_MM = 1200
GONE_MS = 5000
# The sensor has ten readings a second; a person who walks up needs five.
APPROACH_MS = 200
# Between attempts to wake a sensor that is silent.
APPROACH_AGAIN_MS = 30000

# Every task must have been round its loop within this, or the watchdog resets: longer than the longest radio wait.
TASK_SILENT_MS = 180000
# The loop itself must never stand still this long.
WATCHDOG_MS = 8000
# Before a reset after a crash, so that a technician's Ctrl-C at the console comes through.
CRASH_PAUSE_MS = 3000

# Calibration of the four cells together: counts per gram and at an empty shelf.
COUNTS_PER_GRAM = 420
COUNTS_ZERO = 84000
