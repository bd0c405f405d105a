# A controller with stand-ins for its devices, for tests that speak to it in signed frames.
import asyncio
import binascii
import json
import os

import orders
from controller import Controller
from flash import Flash

# The tests read what is printed.
orders.print = lambda *_: None
SECRETS = {"case": "123", "key": "07" * 32, "open_within_ms": 3000}


class Level:
    """The lock, the line to the Pi, the door, the bolt: something that is so or so."""

    def __init__(self, level):
        self.level = level

    def value(self, level):
        self.level = level

    def release(self):
        self.level = 1

    def lock(self):
        self.level = 0

    def open(self):
        return self.level == 1

    def home(self):
        return self.level == 1

    def volts(self):
        return 3.75


class Devices:
    def __init__(self, bolt):
        self.lock, self.line, self.door, self.battery = Level(0), Level(0), Level(0), Level(0)
        self.bolt = Level(1) if bolt else None
        self.modem = self
        self.rssi_dbm = -93

    async def publish(self, topic, frame, retain=0):
        pass


class Shelf:
    """The weigher: settled until told otherwise."""

    def __init__(self):
        self.mass = 5000.0
        self.tared = 0
        self.broken = None

    def settled(self):
        return (self.mass, 0.5)

    def grams(self):
        return self.mass

    def forget(self):
        pass

    def tare(self):
        self.tared += 1

    async def rest(self, otherwise):
        await asyncio.sleep_ms(200)
        if self.broken:
            raise self.broken
        return (self.mass, 0.5)


class Words:
    """The feedback: keeps what was said."""

    def __init__(self):
        self.said = []

    def say(self, moment):
        self.said.append(moment)

    def show(self, command):
        self.said.append(command["outcome"])

    def tell(self, text):
        self.said.append(text)

    def idle_again(self):
        return False


class Codes:
    """The faults."""

    def __init__(self):
        self.on = []

    def set(self, code, on):
        self.on = [each for each in self.on if each != code] + ([code] if on else [])

    def codes(self):
        return sorted(self.on)


class Bench:
    def __init__(self, bolt=False):
        try:
            os.mkdir("/flash")
        except OSError:
            pass
        self.bolt = bolt
        self.crashed = None
        self.lives = 0
        self.boot()

    def boot(self):
        """Also a reset: the levels are safe, the flash is as it was."""
        self.devices, self.shelf, self.words, self.faults = Devices(self.bolt), Shelf(), Words(), Codes()
        self.controller = Controller(self.devices, self.shelf, self.words, Flash("/flash"), SECRETS)
        self.controller.faults = self.faults
        self.lives += 1
        asyncio.create_task(self._look(self.controller, self.lives))

    async def _look(self, controller, life):
        while life == self.lives and not self.crashed:
            try:
                controller.look_at_door()
                controller.say_idle_again()
            except OSError as error:
                self.crashed = str(error)
            await asyncio.sleep_ms(20)

    def hear(self, topic, frame):
        asyncio.create_task(self.controller.hear(topic, binascii.unhexlify(frame)))

    def tell(self):
        """How it is, and what happened since it last told."""
        controller = self.controller
        said, self.words.said = self.words.said, []
        print(json.dumps({"state": controller.fsm.state, "lock": self.devices.lock.level, "line": self.devices.line.level,
                          "refused": controller.reports.refused, "reports": controller.outbox.waiting, "said": said,
                          "wanted": controller.status_wanted, "crashed": self.crashed}))
        controller.status_wanted = False
        controller.reports.refused = {}
        for report in controller.outbox.waiting:
            controller.outbox.acked(report["seq"])


bench = Bench()
