# Numbers of the controller, each with its unit and its why. Pins are in board.py; what differs per device comes from
# secrets.json in flash.

FIRMWARE = "0.2.0"

# Up to 1.25 a torn `{"type":` is read as {} (micropython/micropython#17141), so what is damaged could pass for what is empty. The
# tests run this version and the newest.
MICROPYTHON_MIN = (1, 26)

# The folder that outlives a power cut: secrets, numbers, reports, the visit that is being served.
FLASH = "/flash"

# A customer has this long to open the door; then it locks again.
OPEN_WITHIN_MS = 10000
# Open longer than this: the cold gets out. Said again at the same interval until the door is shut.
OPEN_TOO_LONG_MS = 10000
# What door and bolt say is believed when it has stood this long, both ways. A reed contact bounces for up to 50 ms, the latch's coil
# makes spikes of 25 ms just as it switches, a shaken door bounces for 200 ms; nobody opens, takes and shuts in a fifth of
# a second. The door's seal has sprung back by then too: a bolt shot earlier would miss its plate.
DEBOUNCE_MS = 220
# A contact that will not stand still holds up nothing for longer than this.
WAVER_MS = 5000
# A spring latch is home within this; a lock with feedback may take BOLT_MS before it counts as jammed.
RELOCK_MS = 100
BOLT_MS = 2000
# A latch's coil is rated for seconds; twice the time that a customer has to open is all it ever needs.
COIL_MS_MAX = 20000
# Staff who fill a case take minutes; after this an open door is more likely forgotten.
RESTOCK_MS = 15 * 60000
# Faults are looked at this often: a plug that is pulled must shut an unlocked door before the capacitor is empty.
FAULTS_MS = 200
# With one of these nobody new is let in (power.lost and door.bolt have rules of their own).
BLOCKING_FAULTS = ("battery.low", "flash.failed")
# Between two reports of a forced door: at first, at most, and the quiet after which it begins anew.
FORCED_APART_MS = 1000
FORCED_APART_MS_MAX = 300000
FORCED_QUIET_MS = 900000
# Between two reports of a signed command that cannot be read.
UNREAD_APART_MS = 3600000
# Between two visits that were turned away for their number: what was recorded could be said all day, and each wears flash.
TURNED_AWAY_APART_MS = 60000
# So many statuses after a boot say why it was.
BOOT_TOLD = 3
# A status names so many faults, and counts refusals so far.
STATUS_FAULTS = 8
REFUSED_MAX = 65535
# The outcome of a visit comes within seconds; without one the case invites the next customer after this.
SHOW_WAIT_MS = 20000
# How often the door is looked at. Faster only costs power.
TICK_MS = 20

# HX711 with RATE high (datasheet p. 3). Asked this often while somebody may be at the shelf, so that none is missed; at rest
# a few a second keep a baseline at hand.
CONVERSIONS_PER_S = 80
CONVERSION_MS = 12
SCALE_PERIOD_MS = 4
SCALE_REST_MS = 100
# Forty conversions without a good one, or a second of nothing at rest, are no chance: the cell is gone.
CELL_LOST_MS = 500
# Then its amplifier is switched off and on, and again after this, as long as it takes.
CELL_RESTART_MS = 2000
# Settled: of this many readings all but one in eight lie within the spread, and the newer half is like the older. 16 of them are
# ten periods of 50 Hz mains and twelve of 60 Hz, whose hum is gone from their mean.
SETTLE_READINGS = 16
SETTLE_SPREAD_GRAMS = 12
# A case whose fan shakes the cells is given a wider spread, as wide as it learned at rest, but never one that a hand would fit.
SETTLE_SPREAD_GRAMS_MAX = 60
# What still creeps by less than this between two halves of a window is as good as still.
SETTLE_TREND_GRAMS = 1
# A hand that leans on the shelf must not keep the visit open for ever.
SETTLE_MS_MAX = 4000
# A case's noise is looked at this often while nobody is there.
NOISE_LEARN_MS = 10000
# Auto-zero, behind a locked door only: means of a minute are compared, for one of 16 readings is no better than 0.4 g. Cells creep
# 2 g in 15 minutes (RobTillaart/HX711#21), so a minute that is off by more than the step is something else.
AUTO_ZERO_MS = 60000
AUTO_ZERO_STEP_GRAMS = 2
# Less than this is left alone: noise would wander.
AUTO_ZERO_LEAST_GRAMS = 0.5
# More than this in a day is no drift that a good scale has: it stops, and says so.
AUTO_ZERO_DAY_GRAMS = 40
# Kept in flash after this much: at most 40 writes a day, and a reset in the middle of a visit loses less than the noise.
AUTO_ZERO_SAVE_GRAMS = 1
# A scale that has drifted this far since its tare wants another.
SCALE_DRIFT_GRAMS_MAX = 200
# A difference is never known better than this: cells creep and a fridge's fan shakes.
SIGMA_GRAMS_MIN = 0.5
# No reading at all: the answer is worth nothing, and the cloud must decide by its cameras.
SIGMA_GRAMS_BLIND = 100000
# The cloud takes no number of grams beyond this (domain/src/protocol/payloads.ts); a torn cell can say more.
GRAMS_MAX = 1000000

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
# Sequence numbers taken from flash at a time, to spare it: a reset skips at most twice as many.
SEQ_BLOCK = 32

# The serial line to the Pi (docs/wire.md). Of frames of up to 1 KB this many wait for the modem, and for the Pi.
PI_BAUD = 115200
PI_WAITING_MAX = 8
# While the display is drawn (25 ms) the Pi can send 290 bytes; a whole frame must never wait for the wire.
PI_RX_BYTES = 2048
PI_TX_BYTES = 2048

# Waits between attempts to connect: doubled after each failure, and bounded so that a repaired mast is found soon.
CONNECT_AGAIN_MS = 1000
CONNECT_AGAIN_MS_MAX = 30000

# One health of the link (watch.py). A status goes out every 30 s and is acked by the broker: without six of them the link is
# given up, whatever it says. A signed answer comes within seconds where a cloud is there; one that is away for longer is not
# fetched by cutting the modem's supply more often than twice an hour.
LINK_SILENT_MS = 180000
LINK_UNACKED_MS = 120000
LINK_UNANSWERED_MS = 300000
LINK_UNANSWERED_MS_MAX = 1800000
# Two whole ladders: then the board starts anew while nobody is served. After such a start it waits for six times as many,
# some hours, for where there is no network at all that helps nobody.
LINK_ATTEMPTS = 24
LINK_ATTEMPTS_AGAIN = 144

# What a customer was told stays this long; then the case invites the next one.
TOLD_MS = 8000
# A long receipt that has come back to its beginning stays for this.
TOLD_AGAIN_MS = 1500

# Display, light and voice are looked after this often: a pulse looks smooth, and the loop stays free.
FRAME_MS = 40
# While nothing moves; what is said meanwhile is shown at once.
FRAME_REST_MS = 500
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
# Between attempts to wake a sensor that is silent, and the slices of it: the watchdog hears of the task in each.
APPROACH_AGAIN_MS = 30000
APPROACH_REST_MS = 1000

# Each task must have been round its loop within its own time, or the watchdog resets. Whoever talks to the radio may wait
# for the whole ladder of its recovery; the rest for a weighing or a drawn display at most.
RADIO_SILENT_MS = 180000
TASK_LIMITS_MS = {"scale": 10000, "listen": 30000, "radio": RADIO_SILENT_MS, "deliver": RADIO_SILENT_MS,
                  "hello": RADIO_SILENT_MS, "status": RADIO_SILENT_MS, "power": RADIO_SILENT_MS, "blink": 5000,
                  "approach": 10000, "temperature": 10000, "boots": 20000, "pi": 10000, "update": RADIO_SILENT_MS}
# The loop itself must never stand still this long.
WATCHDOG_MS = 8000
# Before a reset after a crash, so that a technician's Ctrl-C at the console comes through.
CRASH_PAUSE_MS = 3000

# Of each load cell until it is calibrated (calibrate.py): counts per kilogram and at an empty shelf. A 5 kg cell of 1 mV/V.
COUNTS_PER_KG = 420000
COUNTS_ZERO = 84000

# Power. A lithium cell under this many volts: said, then no new visit and nothing that is not needed, then sleep. Under
# 3.3 V its voltage falls fast, and cheap protection boards cut off only at 2.4 to 2.9 V, which harms it.
BATTERY_LOW_VOLTS = 3.5
BATTERY_SAVING_VOLTS = 3.4
BATTERY_EMPTY_VOLTS = 3.3
# A cell recovers when its load goes; without this a case would wake and sleep in turns.
BATTERY_RECOVERS_VOLTS = 0.1
# Outside these no cell is fitted, or the divider is broken.
BATTERY_PLAUSIBLE_VOLTS = (2.0, 4.6)
# The modem draws half an ampere while it sends, and the cell sags: believed only this many times in a row.
BATTERY_READINGS = 3
BATTERY_LOOK_MS = 2000
# How often mains is looked at, and how long it must stay away: a motor that starts nearby dips it for 20 to 40 ms.
# The supply's own capacitors hold the 3.3 V for longer than both together (docs/power.md).
POWER_LOOK_MS = 10
POWER_LOST_MS = 50
# When it returns it often goes again at once.
POWER_BACK_MS = 2000
# The last word: as long as the supply's capacitors carry the modem at least (docs/power.md).
LAST_WORD_MS = 2000
# On battery: awake this long after the last sign of anybody, and shorter when only the timer woke the chip.
STAY_AWAKE_MS = 60000
STAY_AWAKE_TIMER_MS = 30000
# A radio without a broker is tried this long; then the chip sleeps deeply and tries again when it wakes.
OFFLINE_MS = 180000
# Between looks of a case that idles on battery, or sleeps lightly: the documents' 250 ms.
IDLE_TICK_MS = 250
# In light sleep the modem sleeps too; this often it is woken, for this long, to hand over what came.
LISTEN_EVERY_MS = 2000
LISTEN_MS = 100
# The radio answers within a second when it goes to sleep or wakes; one that is busy must not hold up the rest.
RADIO_STATE_MS = 5000
# Between two naps of light sleep every task must come round its loop once.
NAP_APART_MS = 12
# A deep sleep loses the radio's session, and waking costs half a minute: seldom, and seldomer when the cell is empty.
DEEP_WAKE_MS = 15 * 60 * 1000
DEEP_WAKE_EMPTY_MS = 60 * 60 * 1000
# A plan older than this is made anew.
PLAN_MS = 250
# Longer ago than this makes no difference; ticks can tell six days at most.
LONG_AGO_MS = 24 * 3600 * 1000

# Temperature. Air and goods change over minutes.
TEMP_EVERY_MS = 30000
# DS18B20 datasheet: 12 bits take at most 750 ms.
TEMP_CONVERT_MS = 750
# After a failed reading, and how many rounds may fail before it is a fault.
TEMP_AGAIN_MS = 2000
TEMP_ROUNDS = 3
# What a fridge, a freezer or a room can be; outside it is the sensor that is ill.
TEMP_PLAUSIBLE_C = (-40.0, 60.0)
# A value older than this says nothing about now.
TEMP_OLD_MS = 10 * 60 * 1000
# Sensors on one wire: shelf, evaporator, door, compressor.
TEMP_SENSORS_MAX = 4

# Self-report. After this long without a reset the device counts as healthy again.
WELL_MS = 10 * 60 * 1000
# This many resets by watchdog or crash in a row: no sales, only radio and updates.
SAFE_AFTER = 3
# How often seconds are counted, and the heap is cleaned and looked at.
UP_MS = 5000
HEAP_LOOK_MS = 60000

# Updates over the air (update.py).
# A week between two looks; the first one comes soon after a start. All the cases of a fleet start at once after a power
# cut, so each adds a share of its own.
UPDATE_EVERY_S = 7 * 86400
UPDATE_FIRST_S = 600
UPDATE_JITTER_S = 3600
# The radio let a download down: what is there stays, and it goes on after this.
UPDATE_AGAIN_S = 3600
# A trial that has not got through to the cloud in this time starts anew, which counts against it.
UPDATE_TRIAL_S = 3600
# One range: a block of flash, and about a second of LTE-M: nobody at the door waits longer for the radio.
UPDATE_CHUNK_BYTES = 4096
# Of one range, each after twice the wait: two seconds to half a minute.
UPDATE_CHUNK_TRIES = 5
UPDATE_CHUNK_PAUSE_MS = 2000
# All of one range, with its connection: each step has its own limit, but their sum is longer than a task may be silent.
UPDATE_FETCH_MS = 150000
# A byte may fall over between modem and chip; a file that is wrong twice is wrong where it comes from.
UPDATE_FILE_TRIES = 2
# What is asked for and is larger is no update of ours. The manifest is held in memory at once.
UPDATE_OFFER_BYTES_MAX = 512
UPDATE_MANIFEST_BYTES_MAX = 12288
UPDATE_FILES_MAX = 96
UPDATE_FILE_BYTES_MAX = 65536
UPDATE_BYTES_MAX = 524288
# Left for reports and visits when both slots are full.
UPDATE_SPARE_BYTES = 131072
