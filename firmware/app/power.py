# Does what the plan of power_plan.py says, and what must happen when mains goes. Its pins are given: no `machine`.
#
# Mains goes, and in this order:
#    50 ms  believed (a shorter dip does nothing); nobody new is let in (power.lost stops visits)
#    60 ms  the lock is shut if the door is; an open door shuts itself in: a latch without current is a shut latch
#    60 ms  cells, display and light lose their current, unless a visit is still to be weighed
#    60 ms  the last word is in flash, and goes to the radio at once
#  2060 ms  at most: then the case lives on its battery, if it has one, or ends when the capacitors are empty
import asyncio
import time

import config
from power_plan import Cell, PowerManager
from ticks import not_too_old


class Power:
    """`house` says what goes on (house.py); `by_timer`: nobody woke the chip, only its timer did."""

    def __init__(self, house, pins, battery, manager, faults, by_timer=False):
        self.house = house
        self.pins = pins
        self.battery = battery
        self.manager = manager
        self.faults = faults
        self.by_timer = by_timer
        self.mains = pins.mains()
        # Since when the line says otherwise than we believe; None while it agrees.
        self.differs_at = None
        self.volts = 0.0
        # Whether cells, display, light and voice have current.
        self.load = True
        # awake, sleep or off; whoever wants to send or to connect waits while it is not awake.
        self.modem = "awake"
        self.napped_ms = 0
        now = time.ticks_ms()
        self.measured_at = self.planned_at = self.listened_at = self.stirred_at = now
        # Without a broker since; None while there is one.
        self.offline_at = now
        self.door_open = house.door_open()
        for _ in range(config.BATTERY_READINGS):
            self.measure()
        faults.set("power.lost", self._lost())
        self.plan = self._plan()

    def source(self):
        """For the status: mains, battery, or lost (a case that lives on mains and has none)."""
        if self._lost():
            return "lost"
        return "battery" if self.manager.on_battery(self.mains) else "mains"

    def doing(self):
        """For the boot record: the lock's state, unless all there is to do is to live through a loss."""
        return "power_lost" if self._lost() and not self.house.visit() else self.house.state()

    def tick_ms(self):
        """How often the door needs a look."""
        return self.plan["tick_ms"]

    def stir(self):
        """Somebody is there, or a command came: cells and display get their current now, and nobody sleeps yet."""
        self.stirred_at = time.ticks_ms()
        self.by_timer = False
        self._think()

    async def run(self, here):
        while True:
            here()
            await self.look(here)
            now = time.ticks_ms()
            if time.ticks_diff(now, self.measured_at) >= config.BATTERY_LOOK_MS:
                self.measured_at = now
                self.measure()
            if time.ticks_diff(now, self.planned_at) >= config.PLAN_MS:
                self._think()
            await self._obey()
            await asyncio.sleep_ms(config.NAP_APART_MS if self.plan["mode"] == "light" else config.POWER_LOOK_MS)

    def measure(self):
        self.volts = self.battery.volts()
        self.manager.cell.read(self.volts)
        self.faults.set("battery.low", self.manager.low(self.mains))

    async def look(self, here):
        """Believes the line once it has stood long enough."""
        mains = self.pins.mains()
        if mains == self.mains:
            self.differs_at = None
            return
        now = time.ticks_ms()
        if self.differs_at is None:
            self.differs_at = now
        if time.ticks_diff(now, self.differs_at) < (config.POWER_BACK_MS if mains else config.POWER_LOST_MS):
            return
        self.differs_at = None
        self.mains = mains
        self.faults.set("battery.low", self.manager.low(mains))
        if self._lost():
            await self._last_word(here)
        else:
            self.faults.set("power.lost", False)
        self.stir()

    async def _last_word(self, here):
        self.faults.set("power.lost", True)
        if not self.house.door_open():
            self.house.lock()
        self._think()
        self.house.say("power.lost")
        started = time.ticks_ms()
        # Nothing else is asked of the radio meanwhile: whoever delivers was woken by the last word.
        while self.house.waiting() and time.ticks_diff(time.ticks_ms(), started) < config.LAST_WORD_MS:
            here()
            if self.pins.mains():
                return
            await asyncio.sleep_ms(config.POWER_LOOK_MS)

    async def _obey(self):
        mode, modem = self.plan["mode"], self.plan["modem"]
        now = time.ticks_ms()
        listens = time.ticks_diff(now, self.listened_at) >= config.LISTEN_EVERY_MS
        if mode == "light" and self.modem == "sleep" and listens:
            # The radio hands over what came meanwhile, and the loop runs for it.
            self.listened_at = now
            await self._radio("awake")
            await asyncio.sleep_ms(config.LISTEN_MS)
        elif modem != self.modem:
            self.listened_at = now
            await self._radio(modem)
        if mode not in ("light", "deep"):
            return
        # Whatever came up while the radio was changing its state goes before any sleep.
        self._think()
        if self.plan["mode"] != mode or self.modem != modem:
            return
        if mode == "light":
            self.pins.light(self.plan["wake"], self.plan["interval_ms"])
            self.napped_ms += self.plan["interval_ms"]
        else:
            self.house.lock()
            self.house.note("sleep")
            self.pins.deep(self.plan["wake"], self.plan["interval_ms"])

    async def _radio(self, state):
        # Set first: whoever sends looks at it before each try.
        self.modem = state
        try:
            await asyncio.wait_for_ms(self.house.radio(state), config.RADIO_STATE_MS)
        except (OSError, asyncio.TimeoutError) as error:
            # A radio that will not sleep costs current, no more; one that will not wake is connected anew.
            print("radio:", state, error)

    def _lost(self):
        return self.mains is False and self.manager.profile == "mains"

    def _think(self):
        """Plans anew, and gives or takes the current of cells and display at once."""
        self.planned_at = time.ticks_ms()
        self.plan = self._plan()
        if self.plan["load"] != self.load:
            self.load = self.plan["load"]
            self.pins.load(self.load)
            self.faults.load = self.load

    def _plan(self):
        house, now = self.house, time.ticks_ms()
        visit, door_open = house.visit(), house.door_open()
        # A door that stands open all night, or a cut wire, must not keep the chip awake; one that moves does.
        if visit or door_open != self.door_open:
            self.door_open = door_open
            self.stirred_at = now
        if house.connected():
            self.offline_at = None
        elif self.offline_at is None:
            self.offline_at = now
        self.stirred_at = not_too_old(now, self.stirred_at)
        offline_ms = 0
        if self.offline_at is not None:
            self.offline_at = not_too_old(now, self.offline_at)
            offline_ms = max(1, time.ticks_diff(now, self.offline_at))
        return self.manager.plan(self.mains, visit, house.updating(), house.waiting(), offline_ms, door_open,
                                 time.ticks_diff(now, self.stirred_at), self.by_timer)


def manager(secrets, may_deep):
    """As config.py and the provisioning say: `profile` mains or battery, `rest` idle, light or deep."""
    cell = Cell((config.BATTERY_LOW_VOLTS, config.BATTERY_SAVING_VOLTS, config.BATTERY_EMPTY_VOLTS),
                config.BATTERY_RECOVERS_VOLTS, config.BATTERY_PLAUSIBLE_VOLTS, config.BATTERY_READINGS)
    times = {"tick_ms": config.TICK_MS, "idle_ms": config.IDLE_TICK_MS, "stay_ms": config.STAY_AWAKE_MS,
             "stay_timer_ms": config.STAY_AWAKE_TIMER_MS, "offline_ms": config.OFFLINE_MS,
             "deep_ms": config.DEEP_WAKE_MS, "empty_ms": config.DEEP_WAKE_EMPTY_MS}
    return PowerManager(secrets.get("profile", "mains"), cell, times, may_deep, secrets.get("rest", "idle"))
