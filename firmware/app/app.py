# Puts the controller of a case together and starts its tasks. The lock is at its safe level long before (boot.py).
import asyncio
import sys

import board
import config
import machine
import slots
import tasks
from boots import Boots
from calibration import Calibration
from controller import Controller
from devices import Devices, display, provisioning
from faults import Faults
from feedback import Feedback
from flash import Flash
from house import House
from lock import lock
from machine import RTC, WDT
from power import Power, manager
from power_pins import woken_by_timer
from scale import Scale
from temperature import Temperature
from update import Updater
from weigher import Weigher


def scale_of(flash):
    calibration = Calibration(flash, len(board.DT_PINS), config.COUNTS_ZERO, config.COUNTS_PER_KG)
    return Scale(calibration, config.SETTLE_READINGS, config.SETTLE_SPREAD_GRAMS, config.SETTLE_SPREAD_GRAMS_MAX,
                  config.SETTLE_TREND_GRAMS)


async def main():
    faults = Faults()
    flash = Flash(config.FLASH, faults)
    # Provisioned once: case, key, broker; and limits where this case has its own.
    secrets = provisioning(flash)
    if secrets is None:
        feedback = Feedback(display(), None, None, "en")
        feedback.say("bare")
        return await feedback.flush()
    boots = Boots(flash, machine.reset_cause(), RTC())
    controller = controller_of(Devices(secrets, faults), flash, faults, boots, secrets)
    try:
        await tasks.run(controller, WDT(timeout=config.WATCHDOG_MS))
    except Exception as error:
        # No task ends by itself. Whatever this was, the case must not stay open for it.
        lock.lock()
        sys.print_exception(error)
        boots.leaving("crash")
        await asyncio.sleep_ms(config.CRASH_PAUSE_MS)
        machine.reset()


def controller_of(devices, flash, faults, boots, secrets):
    """All parts, told of each other."""
    weigher = Weigher(devices.cells, scale_of(flash), faults)
    feedback = Feedback(devices.display, devices.led, devices.buzzer, secrets.get("lang", "en"), devices.voice,
                        devices.tof, faults)
    controller = Controller(devices, weigher, feedback, flash, secrets)
    controller.boots, controller.faults = boots, faults
    controller.temperature = Temperature(devices.temperature, faults) if devices.temperature else None

    def leave():
        boots.leaving("update")
        machine.reset()

    # The slots' own way to flash: main.py reads what is written here before any of this is loaded.
    updater = controller.updater = Updater(devices.modem, slots.Files(config.FLASH), secrets["case"],
                                           secrets.get("update_key"), leave)
    controller.look_for_update = updater.look_now

    def last_word(code):
        controller.look_at_faults()
        controller.reports.put("fault", None, code=code)

    house = House(controller, boots)
    house.say, house.updating = last_word, lambda: updater.busy
    # A latch that only current keeps shut must not lose it in a deep sleep.
    plans = manager(secrets, board.LOCK_TYPE == "power_to_unlock")
    controller.power = Power(house, devices.power_pins, devices.battery, plans, faults, woken_by_timer())
    controller.facts = {"power": controller.power.source, "slot": updater.slot, "cells": weigher.cells,
                        "up": lambda: boots.up_s, "heap": lambda: boots.heap_low, "boot": boots.news, "link": controller.health.news}
    if controller.temperature:
        controller.facts["temp"] = weigher.celsius = controller.temperature.celsius
    return controller


def start():
    # Raised before anything runs: an update that needs more than its board has is rolled back by main.py.
    if tuple(sys.implementation.version[:2]) < config.MICROPYTHON_MIN:
        raise RuntimeError("this firmware wants MicroPython %d.%d or later" % config.MICROPYTHON_MIN)
    asyncio.run(main())
