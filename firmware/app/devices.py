# Makes the drivers of what this case has. What is optional stands in `fitted` of its provisioning; the rest is None.
#
# That provisioning (case, key, broker, limits of its own) is what a case was given once. It is kept in two copies with a sum
# each, for a case without it is nobody. Put there by hand it is plain JSON, without a sum: what can be read that way is new,
# so it is taken and sealed, twice. One that is damaged later is made good from the other, and a bit that flips cannot make
# a sealed file look like a plain one (flash.py).
import board
import config
from battery import Battery
from buzzer import Buzzer
from contacts import Bolt, Door
from hx711 import HX711
from led import Led
from lock import lock
from machine import I2C, UART, Pin
from pi_line import PiLine
from power_pins import PowerPins
from ssd1306 import SSD1306

SECRETS = "secrets.json"
SECRETS_COPY = "secrets-2.json"
KEY_DIGITS = 64
CASE_MAX = 32
# Settings with a default, by kind: whoever reads them counts with them.
MILLISECONDS = ("open_within_ms", "open_too_long_ms", "status_ms", "resend_ms")
MS_MAX = 24 * 3600 * 1000
LANGUAGES = ("en", "es")


class Devices:
    def __init__(self, secrets, faults):
        fitted = secrets.get("fitted", ())
        self.lock = lock
        self.line = Pin(board.PI_LINE_PIN, Pin.OUT, value=0)
        self.door = Door(board.DOOR_PIN)
        self.bolt = Bolt(board.BOLT_PIN) if "bolt" in fitted else None
        self.cells = HX711(board.SCK_PIN, board.DT_PINS)
        self.display = display()
        self.led = Led(board.LED_PIN)
        self.buzzer = Buzzer(board.BUZZER_PIN)
        self.battery = Battery(board.BATTERY_PIN)
        fail_pin = board.POWER_FAIL_PIN if "power_fail" in fitted else None
        self.power_pins = PowerPins(fail_pin, board.LOAD_SWITCH_PIN, board.DOOR_PIN)
        self.temperature = temperature_bus() if "temp" in fitted else None
        self.voice = voice_of(fitted)
        self.tof = distance_sensor() if "tof" in fitted else None
        self.modem = radio(secrets)
        self.pi = pi_line(secrets, self.modem, faults) if "pi" in fitted else None


def display():
    return SSD1306(i2c(1, board.SCL_PIN, board.SDA_PIN))


def i2c(number, scl, sda):
    return I2C(number, scl=Pin(scl), sda=Pin(sda), freq=400000, timeout=config.I2C_TIMEOUT_US)


def distance_sensor():
    from vl53l1x import VL53L1X

    return VL53L1X(i2c(0, board.TOF_SCL_PIN, board.TOF_SDA_PIN))


def voice_of(fitted):
    if "voice" not in fitted:
        return None
    from voice import BAUD, Voice, fits

    return Voice(UART(board.PI_UART, BAUD, tx=board.PI_TX_PIN, rx=board.PI_RX_PIN)) if fits(fitted) else None


def radio(secrets):
    # Only the module that is used takes memory.
    if secrets.get("link") == "wifi":
        from link_wifi import WifiLink

        return WifiLink(secrets)
    from sim7080g import Modem

    # A frame comes as 2 KB of hex, and the loop is held for some milliseconds now and then: room for both.
    uart = UART(board.MODEM_UART, 115200, tx=board.MODEM_TX_PIN, rx=board.MODEM_RX_PIN, rxbuf=4096)
    power_key, dtr = Pin(board.MODEM_PWRKEY_PIN, Pin.OUT, value=0), Pin(board.MODEM_DTR_PIN, Pin.OUT, value=0)
    # board.py comes by USB only, so that of an older board has none.
    power_pin = getattr(board, "MODEM_POWER_PIN", None)
    return Modem(uart, power_key, secrets, dtr, None if power_pin is None else Pin(power_pin, Pin.OUT, value=1))


def temperature_bus():
    # A board without sensors may be built without their modules.
    from ds18b20 import Ds18b20

    return Ds18b20(board.TEMP_PIN)


def pi_line(secrets, link, faults):
    uart = UART(board.PI_UART, config.PI_BAUD, tx=board.PI_TX_PIN, rx=board.PI_RX_PIN, rxbuf=config.PI_RX_BYTES,
                txbuf=config.PI_TX_BYTES)
    return PiLine(uart, "case/" + secrets["case"], link, faults)


def provisioning(flash):
    """A dict with at least `case` and `key`, or None where there is none that can be used. Writes only what is news."""
    # One made by hand is new; a damaged one is not there.
    found = sound(flash.read(SECRETS, None, True)) or sound(flash.read(SECRETS_COPY, None))
    if found is not None:
        for name in (SECRETS, SECRETS_COPY):
            if flash.read(name, None) != found:
                flash.write(name, found)
    return found


def sound(value):
    """What is of use in it: without case and key nothing, without a setting that cannot be its default."""
    if not isinstance(value, dict) or not is_case(value.get("case")) or not is_key(value.get("key")):
        return None
    return {name: setting for name, setting in value.items() if fits(name, setting)}


def fits(name, setting):
    if name in MILLISECONDS:
        return isinstance(setting, int) and not isinstance(setting, bool) and 0 < setting <= MS_MAX
    if name == "lang":
        return setting in LANGUAGES
    if name == "fitted":
        return isinstance(setting, (list, tuple)) and all(isinstance(part, str) for part in setting)
    return True


def is_case(value):
    return isinstance(value, str) and 0 < len(value) <= CASE_MAX


def is_key(value):
    return isinstance(value, str) and len(value) == KEY_DIGITS and all(c in "0123456789abcdefABCDEF" for c in value)
