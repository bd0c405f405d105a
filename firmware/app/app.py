# Wires the controller of a case: its devices, its tasks, its watchdog. The lock is at its safe level long before (boot.py).
import asyncio
import binascii
import os
import sys
import time

import board
import config
import machine
from battery import Battery
from buzzer import Buzzer
from controller import Controller
from door import Door
from feedback import Feedback
from flash import Flash
from hx711 import HX711
from led import Led
from lock import lock
from machine import I2C, UART, WDT, Pin
from scale import Scale
from sim7080g import Modem
from ssd1306 import SSD1306
from vl53l1x import VL53L1X
from voice import BAUD, Voice, fits
from watch import Watch
from weigher import Weigher


class Devices:
    def __init__(self, secrets):
        self.lock = lock
        self.line = Pin(board.PI_LINE_PIN, Pin.OUT, value=0)
        self.door = Door(board.DOOR_PIN)
        self.cells = HX711(board.SCK_PIN, board.DT_PINS[0])
        self.display = display()
        self.led = Led(board.LED_PIN)
        self.buzzer = Buzzer(board.BUZZER_PIN)
        fitted = secrets.get("fitted", ())
        self.voice = Voice(UART(board.PI_UART, BAUD, tx=board.PI_TX_PIN, rx=board.PI_RX_PIN)) if fits(fitted) else None
        self.tof = VL53L1X(i2c(0, board.TOF_SCL_PIN, board.TOF_SDA_PIN)) if "tof" in fitted else None
        self.battery = Battery(board.BATTERY_PIN)
        # A frame comes as 2 KB of hex, and the loop is held for some milliseconds now and then: room for both.
        uart = UART(board.MODEM_UART, 115200, tx=board.MODEM_TX_PIN, rx=board.MODEM_RX_PIN, rxbuf=4096)
        self.modem = Modem(uart, Pin(board.MODEM_PWRKEY_PIN, Pin.OUT, value=0), secrets)


def display():
    return SSD1306(i2c(1, board.SCL_PIN, board.SDA_PIN))


def i2c(number, scl, sda):
    return I2C(number, scl=Pin(scl), sda=Pin(sda), freq=400000, timeout=config.I2C_TIMEOUT_US)


async def watch_door(controller, watch, dog):
    """Runs the lock's state machine and feeds the watchdog. Nothing else moves the lock by itself."""
    while True:
        controller.look_at_door()
        controller.say_idle_again()
        if watch.all_alive():
            dog.feed()
        await asyncio.sleep_ms(config.TICK_MS)


async def read_scale(controller, watch, _):
    await controller.weigher.watch(lambda: watch.here("scale"))


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
    devices = Devices(secrets)
    scale = Scale(config.COUNTS_PER_GRAM, config.COUNTS_ZERO, config.SETTLE_READINGS, config.SETTLE_SPREAD_GRAMS)
    feedback = Feedback(devices.display, devices.led, devices.buzzer, secrets.get("lang", "en"), devices.voice, devices.tof)
    controller = Controller(devices, Weigher(devices.cells, scale), feedback, flash, secrets)
    watch, dog = Watch(time.ticks_ms, time.ticks_diff, config.TASK_SILENT_MS), WDT(timeout=config.WATCHDOG_MS)
    tasks = (watch_door, read_scale, keep_connected, listen, deliver, say_hello, say_status, blink, approach)
    try:
        await asyncio.gather(*[task(controller, watch, dog) for task in tasks])
    except Exception as error:
        # No task ends by itself. Whatever this was, the case must not stay open for it.
        lock.lock()
        sys.print_exception(error)
        await asyncio.sleep_ms(config.CRASH_PAUSE_MS)
        machine.reset()


def start():
    asyncio.run(main())
