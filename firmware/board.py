# What is soldered: pins and kind of lock of this board. Written by USB, never over the air: a wrong pin could open a door.

# ESP32-S3. The documents' map is one of an older ESP32: GPIO 22 to 25 do not exist here, 26 belongs to the flash chip
# and 19 is USB. None of these is a strapping pin (0, 3, 45, 46), flash or PSRAM (26 to 37), USB (19, 20) or UART 0.
LOCK_PIN = 10
# Feedback of the bolt, where the lock has one: 0 while the bolt is home.
BOLT_PIN = 11
# Door and mains can wake the chip: only GPIO 0 to 21 can.
DOOR_PIN = 12
POWER_FAIL_PIN = 5
BUZZER_PIN = 13
# One clock for all load cell amplifiers, one data pin each.
SCK_PIN = 14
DT_PINS = (15,)
# The signal line to the Pi, and the serial line (or the voice module in its place).
PI_LINE_PIN = 16
PI_UART = 2
PI_TX_PIN = 17
PI_RX_PIN = 18
# Display, and the approach sensor on a bus of its own: a hanging sensor must not take the display with it.
SDA_PIN = 8
SCL_PIN = 9
TOF_SDA_PIN = 21
TOF_SCL_PIN = 47
LED_PIN = 48
# ADC1; ADC2 is the radio's.
BATTERY_PIN = 4
TEMP_PIN = 6
# Feeds cells, display, light and voice; low switches them off.
LOAD_SWITCH_PIN = 7
MODEM_UART = 1
MODEM_TX_PIN = 41
MODEM_RX_PIN = 42
MODEM_PWRKEY_PIN = 40
# Low keeps the modem awake.
MODEM_DTR_PIN = 39

# Low cuts the modem's supply; the switch's own pull-up holds it on while the pin floats. None where it has no switch.
MODEM_POWER_PIN = 38

# A latch that opens with power and stays shut without it (fail-secure). A mag-lock is the other way round.
LOCK_TYPE = "power_to_unlock"
