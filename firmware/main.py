# The controller: lock, door, scale, display and radio of one case. The first thing that happens is that it locks.
from config import LOCK_PIN, LOCK_TYPE
from lock import Lock

lock = Lock(LOCK_PIN, LOCK_TYPE)

import asyncio
import binascii
import os
import time

import config
import screen
from buzzer import Buzzer
from clock import Clock
from door import Door
from envelope import FrameError, open_frame, seal
from hx711 import HX711
from led import Led
from lock_fsm import LOCKED, LockFsm
from machine import I2C, UART, Pin
from outbox import Flash, Outbox, Sequence
from scale import Scale
from sim7080g import Modem
from ssd1306 import SSD1306

FLASH = "/flash"


class Controller:
    def __init__(self):
        self.flash = Flash(FLASH)
        # Provisioned once: case, key, broker; and limits where this case has its own.
        self.secrets = self.flash.read("secrets.json", None)
        if self.secrets is None:
            raise ValueError("not provisioned: no secrets.json")
        self.key = binascii.unhexlify(self.secrets["key"])
        self.case = "case/" + self.secrets["case"]
        limit = self.secrets.get
        self.status_ms = limit("status_ms", config.STATUS_MS)
        self.door = Door(config.DOOR_PIN)
        self.cells = HX711(config.SCK_PIN, config.DT_PIN)
        self.scale = Scale(config.COUNTS_PER_GRAM, config.COUNTS_ZERO, config.SETTLE_READINGS,
                           config.SETTLE_SPREAD_GRAMS)
        self.display = SSD1306(I2C(1, scl=Pin(config.SCL_PIN), sda=Pin(config.SDA_PIN)))
        self.led = Led(config.LED_PIN)
        self.buzzer = Buzzer(config.BUZZER_PIN)
        self.line = Pin(config.PI_LINE_PIN, Pin.OUT, value=0)
        self.modem = Modem(UART(config.MODEM_UART, 115200), self.secrets["host"], self.secrets["port"],
                           self.secrets["user"], self.secrets["password"], "tapcase-" + self.secrets["case"])
        self.clock = Clock(time.ticks_ms, time.ticks_diff, config.SKEW_S)
        self.fsm = LockFsm(time.ticks_diff, limit("open_within_ms", config.OPEN_WITHIN_MS),
                           limit("open_too_long_ms", config.OPEN_TOO_LONG_MS), config.DEBOUNCE_MS)
        self.outbox = Outbox(self.flash, Sequence(self.flash, "door", config.SEQ_BLOCK), config.OUTBOX_MAX)
        self.status_seq = Sequence(self.flash, "status", config.SEQ_BLOCK)
        self.command_seq = self.flash.read("seq-cmd", 0)
        self.baseline = (0.0, 0.0)
        self.unsent = asyncio.Event()
        self.idle_at = None
        self.refused = 0
        self.face("boot", "off")

    def face(self, what, colour, lines=None):
        self.display.text_lines(lines or screen.lines(what))
        self.led.show(colour)
        # What a customer was told stays long enough to be read; then the case invites the next one.
        self.idle_at = time.ticks_add(time.ticks_ms(), 8000) if what in ("outcome", "timeout") else None

    # Reports

    def report(self, kind, **facts):
        payload = {"type": kind, "seq": 0, "at": self.clock.now()}
        if kind != "forced":
            payload["id"] = self.fsm.visit
        payload.update(facts)
        self.outbox.put(payload)
        self.unsent.set()

    async def send(self, channel, payload):
        topic = self.case + "/" + channel
        await self.modem.publish(topic, seal(topic, payload, self.key))

    # Commands

    async def obey(self, topic, frame):
        try:
            command = open_frame(topic, frame, self.key)
            kind, seq, at = command["type"], command["seq"], command["at"]
        except (FrameError, KeyError, TypeError):
            self.refused += 1
            return
        # The time is what makes every other freshness check possible; its nonce is its own.
        if kind == "time":
            if self.clock.set(command.get("nonce"), at) and self.fsm.state == LOCKED:
                self.face("idle", "green")
        if seq <= self.command_seq and kind != "time":
            self.refused += 1
            return
        if seq > self.command_seq:
            self.command_seq = seq
            self.flash.write("seq-cmd", seq)
        if kind == "ack":
            self.outbox.acked(command["of"])
        elif kind in ("unlock", "show"):
            if self.clock.refuse(at, command.get("exp")):
                self.refused += 1
            elif kind == "unlock":
                await self.unlock(command["id"])
            else:
                self.show(command)

    async def unlock(self, visit):
        # Asked again while it is served: the baseline of an open shelf would make the basket free.
        if self.fsm.state != LOCKED:
            self.refused += 1
            return
        self.baseline = await self.rest()
        actions = self.fsm.unlock(visit, time.ticks_ms())
        if actions is None:
            self.refused += 1
            return
        self.act(actions)

    def show(self, command):
        colour = "red" if command["outcome"] in ("owed", "refused", "partly_paid") else "blue"
        self.face("outcome", colour, screen.outcome(command))
        asyncio.create_task(self.buzzer.chirp())

    # Door, lock and scale

    def act(self, actions):
        for action in actions:
            if action[0] == "lock":
                lock.lock()
            elif action[0] == "release":
                lock.release()
            elif action[0] == "line":
                self.line.value(action[1])
            elif action[0] == "weigh":
                self.face("weighing", "blue")
                asyncio.create_task(self.weigh())
            else:
                self.tell(action[1])

    def tell(self, kind):
        mass = round(self.scale.mean()[0], 1)
        if kind == "unlocked":
            self.face("unlocked", "blue")
            asyncio.create_task(self.buzzer.chirp())
            self.report(kind, mass=round(self.baseline[0], 1))
        elif kind == "opened":
            self.face("open", "blue")
            self.report(kind)
        elif kind == "open_too_long":
            self.face("too_long", "red")
            asyncio.create_task(self.buzzer.chirp(3))
            self.report(kind)
        else:
            self.face("timeout" if kind == "timeout" else "idle", "green" if kind == "timeout" else "red")
            self.report(kind, mass=mass)

    async def weigh(self):
        grams, sigma = await self.rest()
        # A difference has the noise of both weighings.
        both = (sigma ** 2 + self.baseline[1] ** 2) ** 0.5
        for _ in self.fsm.weighed(time.ticks_ms()):
            self.report("closed", mass=round(grams, 1), dmass=round(self.baseline[0] - grams, 1),
                        sigma=round(max(both, 0.5), 2))

    async def rest(self):
        """(grams, sigma) once the shelf has come to rest, or as it is when it will not."""
        self.scale.clear()
        started = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), started) < config.SETTLE_MS_MAX:
            self.sample()
            settled = self.scale.settled()
            if settled:
                return settled
            await asyncio.sleep_ms(config.SCALE_PERIOD_MS)
        grams, _ = self.scale.mean()
        return (grams, config.SETTLE_SPREAD_GRAMS)

    def sample(self):
        try:
            self.scale.add(self.cells.read())
        except OSError:
            pass


async def watch_door(controller):
    """Runs the lock's state machine. Nothing else moves the lock."""
    while True:
        now = time.ticks_ms()
        controller.act(controller.fsm.tick(now, controller.door.open()))
        if controller.idle_at is not None and time.ticks_diff(now, controller.idle_at) > 0:
            if controller.fsm.state == LOCKED:
                controller.face("idle", "green")
        await asyncio.sleep_ms(config.TICK_MS)


async def keep_connected(controller):
    """Connects, and connects again: the modem tells when the broker is lost."""
    while True:
        if not controller.modem.connected:
            try:
                await controller.modem.connect([controller.case + "/cmd"])
                controller.unsent.set()
            except OSError as error:
                print("radio:", error)
                await asyncio.sleep_ms(2000)
        await asyncio.sleep_ms(200)


async def listen(controller):
    """Obeys what comes in, one command after the other."""
    while True:
        if not controller.modem.busy.locked():
            controller.modem.poll()
        while controller.modem.messages:
            topic, frame = controller.modem.messages.pop(0)
            await controller.obey(topic, frame)
        await asyncio.sleep_ms(10)


async def deliver(controller):
    """Sends reports at once and again until they are acked."""
    while True:
        try:
            await asyncio.wait_for_ms(controller.unsent.wait(), config.RESEND_MS)
        except asyncio.TimeoutError:
            pass
        controller.unsent.clear()
        for payload in list(controller.outbox.waiting):
            # Made before the time was known: an honest time is better than none.
            if not payload["at"]:
                payload["at"] = controller.clock.now()
            try:
                await controller.send("door", payload)
            except OSError as error:
                print("door:", error)
                break


async def say_hello(controller):
    """Asks for the time until the signed answer is there."""
    while True:
        if controller.modem.connected and not controller.clock.known():
            controller.clock.nonce = binascii.hexlify(os.urandom(8)).decode()
            hello = {"type": "hello", "seq": controller.status_seq.take(), "at": 0,
                     "nonce": controller.clock.nonce, "fw": config.FIRMWARE}
            try:
                await controller.send("status", hello)
            except OSError as error:
                print("hello:", error)
        await asyncio.sleep_ms(config.HELLO_MS if controller.modem.connected else 100)


async def say_status(controller):
    """Tells that the case is alive, and how it is."""
    while True:
        if controller.modem.connected and controller.clock.known():
            if controller.fsm.state == LOCKED:
                await controller.rest()
            status = {"type": "status", "seq": controller.status_seq.take(), "at": controller.clock.now(),
                      "door": "open" if controller.door.open() else "closed",
                      "mass": round(controller.scale.mean()[0], 1), "vcc": 3.7, "temp": 4.0, "rssi": -90,
                      "fw": config.FIRMWARE}
            try:
                await controller.send("status", status)
            except OSError as error:
                print("status:", error)
            await asyncio.sleep_ms(controller.status_ms)
        await asyncio.sleep_ms(200)


async def main():
    controller = Controller()
    tasks = (watch_door, keep_connected, listen, deliver, say_hello, say_status)
    await asyncio.gather(*[task(controller) for task in tasks])


asyncio.run(main())
