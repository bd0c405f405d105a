# Wires the controller of a case: its devices, its tasks, its watchdog. The lock is at its safe level long before (boot.py).
import asyncio
import binascii
import gc
import os
import sys
import time

import board
import config
import machine
from battery import Battery
from boots import Boots
from buzzer import Buzzer
from calibration import Calibration
from controller import Controller
from door import Door
from faults import Faults
from feedback import Feedback
from flash import Flash
from house import House
from hx711 import HX711
from led import Led
from lock import lock
from lock_fsm import LOCKED
from machine import I2C, RTC, UART, WDT, Pin
from power import Power, manager
from power_pins import PowerPins, woken_by_timer
from scale import Scale
from sim7080g import Modem
from ssd1306 import SSD1306
from temperature import Temperature
from vl53l1x import VL53L1X
from voice import BAUD, Voice, fits
from watch import Watch
from weigher import Weigher


class Devices:
    def __init__(self, secrets):
        self.lock = lock
        self.line = Pin(board.PI_LINE_PIN, Pin.OUT, value=0)
        self.door = Door(board.DOOR_PIN)
        self.cells = HX711(board.SCK_PIN, board.DT_PINS)
        self.display = display()
        self.led = Led(board.LED_PIN)
        self.buzzer = Buzzer(board.BUZZER_PIN)
        self.battery = Battery(board.BATTERY_PIN)
        fitted = secrets.get("fitted", ())
        fail_pin = board.POWER_FAIL_PIN if "power_fail" in fitted else None
        self.power_pins = PowerPins(fail_pin, board.LOAD_SWITCH_PIN, board.DOOR_PIN)
        self.temperature = temperature_bus() if "temp" in fitted else None
        self.voice = Voice(UART(board.PI_UART, BAUD, tx=board.PI_TX_PIN, rx=board.PI_RX_PIN)) if fits(fitted) else None
        self.tof = VL53L1X(i2c(0, board.TOF_SCL_PIN, board.TOF_SDA_PIN)) if "tof" in fitted else None
        self.modem = radio(secrets)


def radio(secrets):
    if secrets.get("link") == "wifi":
        from link_wifi import WifiLink

        return WifiLink(secrets)
    # A frame comes as 2 KB of hex, and the loop is held for some milliseconds now and then: room for both.
    uart = UART(board.MODEM_UART, 115200, tx=board.MODEM_TX_PIN, rx=board.MODEM_RX_PIN, rxbuf=4096)
    power_key, dtr = Pin(board.MODEM_PWRKEY_PIN, Pin.OUT, value=0), Pin(board.MODEM_DTR_PIN, Pin.OUT, value=0)
    return Modem(uart, power_key, secrets, dtr)


def display():
    return SSD1306(i2c(1, board.SCL_PIN, board.SDA_PIN))


def i2c(number, scl, sda):
    return I2C(number, scl=Pin(scl), sda=Pin(sda), freq=400000, timeout=config.I2C_TIMEOUT_US)


def temperature_bus():
    # Only here, for a board without sensors may be built without their modules.
    from ds18b20 import Ds18b20

    return Ds18b20(board.TEMP_PIN)


def scale_of(flash):
    calibration = Calibration(flash, len(board.DT_PINS), config.COUNTS_ZERO, config.COUNTS_PER_KG)
    return Scale(calibration, config.SETTLE_READINGS, config.SETTLE_SPREAD_GRAMS, config.SETTLE_SPREAD_GRAMS_MAX,
                  config.SETTLE_TREND_GRAMS)


async def watch_door(controller, watch, dog):
    """Runs the lock's state machine and feeds the watchdog. Nothing else moves the lock by itself."""
    while True:
        controller.look_at_door()
        controller.say_idle_again()
        controller.boots.note(controller.fsm.state)
        silent = watch.silent()
        # The name of who keeps still goes into the record before the watchdog bites.
        controller.boots.starving(silent)
        if silent is None:
            dog.feed()
        await asyncio.sleep_ms(controller.power.tick_ms())


async def read_scale(controller, watch, _):
    fsm = controller.fsm
    await controller.weigher.watch(lambda: watch.here("scale"), lambda: fsm.state == LOCKED and not fsm.door_open)


async def keep_connected(controller, watch, _):
    """Connects, and connects again: the modem tells when the broker is lost."""
    modem, again_ms = controller.devices.modem, config.CONNECT_AGAIN_MS
    while True:
        watch.here("radio")
        if not modem.connected:
            try:
                await modem.connect([controller.case + "/cmd"])
                again_ms = config.CONNECT_AGAIN_MS
                controller.outbox.link_lost()
                controller.unsent.set()
            except OSError as error:
                print("radio:", error)
                await asyncio.sleep_ms(again_ms)
                again_ms = min(again_ms * 2, config.CONNECT_AGAIN_MS_MAX)
        await asyncio.sleep_ms(200)


async def listen(controller, watch, _):
    """Obeys what comes in, one command after the other."""
    modem = controller.devices.modem
    while True:
        watch.here("listen")
        modem.poll()
        while modem.messages:
            topic, frame = modem.messages.pop(0)
            await controller.hear(topic, frame)
        await asyncio.sleep_ms(10)


async def deliver(controller, watch, _):
    """Sends reports at once and again until they are acked; before the time is known they wait."""
    while True:
        watch.here("deliver")
        try:
            await asyncio.wait_for_ms(controller.unsent.wait(), 1000)
        except asyncio.TimeoutError:
            pass
        controller.unsent.clear()
        if controller.devices.modem.connected and controller.clock.known():
            await tried("door", controller.send_waiting())


async def say_hello(controller, watch, _):
    """Asks for the time until the signed answer is there, and now and then again: a crystal drifts."""
    asked, times, clock = time.ticks_ms(), 0, controller.clock
    while True:
        watch.here("hello")
        stale = time.ticks_diff(time.ticks_ms(), asked) > config.TIME_REFRESH_MS
        if controller.devices.modem.connected and (stale or clock.nonce or not clock.known()):
            nonce = binascii.hexlify(os.urandom(8)).decode()
            if await tried("hello", controller.send("status", controller.hello(nonce))):
                asked, times = time.ticks_ms(), times + 1
                await asyncio.sleep_ms(config.HELLO_MS if times < config.HELLOS_QUICK else config.HELLO_SLOW_MS)
        elif clock.known():
            times = 0
        await asyncio.sleep_ms(50)


async def say_status(controller, watch, _):
    """Tells that the case is alive, and how it is."""
    told = None
    while True:
        watch.here("status")
        now = time.ticks_ms()
        due = told is None or time.ticks_diff(now, told) >= controller.status_ms
        if due and controller.devices.modem.connected and controller.clock.known():
            told = now
            if await tried("signal", controller.devices.modem.look_around()):
                await tried("status", controller.send("status", controller.status()))
        await asyncio.sleep_ms(200)


async def blink(controller, watch, _):
    await controller.feedback.blink(lambda: watch.here("blink"))


async def approach(controller, watch, _):
    await controller.feedback.approach(lambda: watch.here("approach"))


async def watch_power(controller, watch, _):
    await controller.power.run(lambda: watch.here("power"))


async def watch_temperature(controller, watch, _):
    await controller.temperature.run(lambda: watch.here("temperature"), lambda: not controller.power.house.visit())


async def keep_record(controller, watch, _):
    def free():
        # Both walk the whole heap, tens of milliseconds where it is large: not while every reading counts.
        if controller.power.house.visit():
            return None
        gc.collect()
        return gc.mem_free()

    await controller.boots.run(lambda: watch.here("boots"), free, machine.reset)


async def tried(what, attempt):
    """True when the radio took it. False is no harm: reports wait in flash, the rest is asked again."""
    try:
        await attempt
        return True
    except OSError as error:
        print(what + ":", error)
        return False


async def main():
    flash = Flash(config.FLASH)
    # Provisioned once: case, key, broker; and limits where this case has its own.
    secrets = flash.read("secrets.json", None)
    if secrets is None:
        feedback = Feedback(display(), None, None, "en")
        feedback.say("bare")
        return await feedback.flush()
    boots, faults = Boots(flash, machine.reset_cause(), RTC()), Faults()
    devices = Devices(secrets)
    weigher = Weigher(devices.cells, scale_of(flash), faults)
    feedback = Feedback(devices.display, devices.led, devices.buzzer, secrets.get("lang", "en"), devices.voice,
                        devices.tof, faults)
    controller = Controller(devices, weigher, feedback, flash, secrets)
    controller.boots, controller.faults = boots, faults
    # A latch that only current keeps shut must not lose it in a deep sleep.
    plans = manager(secrets, board.LOCK_TYPE == "power_to_unlock")
    house = House(controller, boots)
    controller.power = Power(house, devices.power_pins, devices.battery, plans, faults, woken_by_timer())
    tasks = (watch_door, read_scale, keep_connected, listen, deliver, say_hello, say_status, blink, watch_power,
             keep_record)
    limits = dict(config.TASK_LIMITS_MS)
    if devices.temperature:
        controller.temperature = Temperature(devices.temperature, faults)
        tasks += (watch_temperature,)
    else:
        limits.pop("temperature")
    if devices.tof:
        tasks += (approach,)
    else:
        limits.pop("approach")
    watch, dog = Watch(time.ticks_ms, time.ticks_diff, limits), WDT(timeout=config.WATCHDOG_MS)
    try:
        await asyncio.gather(*[task(controller, watch, dog) for task in tasks])
    except Exception as error:
        # No task ends by itself. Whatever this was, the case must not stay open for it.
        lock.lock()
        sys.print_exception(error)
        boots.leaving("crash")
        await asyncio.sleep_ms(config.CRASH_PAUSE_MS)
        machine.reset()


def start():
    asyncio.run(main())
