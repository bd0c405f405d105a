# What goes on at the same time in a case. Each task says `watch.here` each time round; none of them ends.
import asyncio
import binascii
import gc
import os
import time

import config
import machine
from watch import Watch


async def run(controller, dog):
    """All tasks that this case has; returns only by raising what one of them raised."""
    tasks = {"scale": read_scale, "radio": keep_connected, "listen": listen, "deliver": deliver, "hello": say_hello,
             "status": say_status, "blink": blink, "power": watch_power, "boots": keep_record,
             "update": keep_up_to_date}
    # After a row of crashes only what connects, updates and ends a visit: one of the rest may be what crashed.
    if not controller.boots.safe:
        if controller.temperature:
            tasks["temperature"] = watch_temperature
        if controller.devices.tof:
            tasks["approach"] = approach
        if controller.devices.pi:
            tasks["pi"] = carry
    watch = Watch(time.ticks_ms, time.ticks_diff, {name: config.TASK_LIMITS_MS[name] for name in tasks})
    await asyncio.gather(watch_door(controller, watch, dog), *[task(controller, watch) for task in tasks.values()])


async def watch_door(controller, watch, dog):
    """Runs the lock's state machine and feeds the watchdog. Others only ever lock: power that fails, a crash."""
    while True:
        controller.look_at_door()
        controller.say_idle_again()
        controller.boots.note(controller.power.doing())
        silent = watch.silent()
        # The name of who keeps still goes into the record before the watchdog bites.
        controller.boots.starving(silent)
        if silent is None:
            dog.feed()
        await asyncio.sleep_ms(controller.power.tick_ms())


async def read_scale(controller, watch):
    await controller.weigher.watch(lambda: watch.here("scale"), controller.at_rest)


async def keep_connected(controller, watch):
    """Connects, and connects again: when the modem tells that the broker is lost, and when nothing shows that it is there."""
    modem, health, again_ms = controller.devices.modem, controller.health, config.CONNECT_AGAIN_MS
    pi = controller.devices.pi
    topics = [controller.case + "/cmd"] + ([pi.topic_in] if pi else [])
    was_there = False
    while True:
        watch.here("radio")
        if controller.power.modem != "awake":
            health.rest(time.ticks_ms())
        elif modem.connected:
            was_there = True
            doubt_link(controller)
        else:
            if was_there:
                was_there = False
                health.lost("lost", time.ticks_ms())
            try:
                await modem.connect(topics)
                again_ms = config.CONNECT_AGAIN_MS
                why, step = modem.climbed()
                health.connected(why, step, time.ticks_ms(), config.BOOT_TOLD)
                controller.outbox.link_lost()
                controller.unsent.set()
            except OSError as error:
                print("radio:", error)
                health.failed(time.ticks_ms())
                start_anew_if_hopeless(controller)
                # The attempt took up to two and a half minutes of the task's three, and the pause is of it too.
                watch.here("radio")
                await asyncio.sleep_ms(again_ms)
                again_ms = min(again_ms * 2, config.CONNECT_AGAIN_MS_MAX)
        await asyncio.sleep_ms(200)


def doubt_link(controller):
    """Gives up a link that says it is there and carries nothing."""
    health, now = controller.health, time.ticks_ms()
    if health.awaits(bool(controller.clock.nonce), bool(controller.outbox.sent), now):
        controller.clock.doubt()
    why = health.verdict(now)
    if why:
        print("radio: given up,", why)
        controller.devices.modem.distrust(health.give_up(why, now))
        start_anew_if_hopeless(controller)


def start_anew_if_hopeless(controller):
    """The last step of the ladder is the board itself: not while anybody is served or an image comes, and seldom."""
    boots, health = controller.boots, controller.health
    if health.hopeless(boots.cause == "radio") and controller.at_rest() and not controller.updater.busy:
        boots.leaving("radio")
        machine.reset()


async def listen(controller, watch):
    """Obeys what comes in, one command after the other; what is for the Pi goes down its line."""
    modem, pi = controller.devices.modem, controller.devices.pi
    while True:
        watch.here("listen")
        modem.poll()
        while modem.messages:
            # An unlock may wait for the scale, so each message has a time of its own.
            watch.here("listen")
            topic, frame = modem.messages.pop(0)
            # Cells and display get their current before anybody asks what they say.
            controller.power.stir()
            if not (pi and pi.hear(topic, frame)):
                await controller.hear(topic, frame)
        await asyncio.sleep_ms(10)


async def deliver(controller, watch):
    """Sends reports at once and again until they are acked; before the time is known they wait."""
    while True:
        watch.here("deliver")
        try:
            await asyncio.wait_for_ms(controller.unsent.wait(), 1000)
        except asyncio.TimeoutError:
            pass
        controller.unsent.clear()
        if ready(controller) and controller.clock.known():
            await tried("door", controller.send_waiting(lambda: watch.here("deliver")))


async def say_hello(controller, watch):
    """Asks for the time until the signed answer is there, and now and then again: a crystal drifts."""
    asked, times, stale, clock = time.ticks_ms(), 0, False, controller.clock
    while True:
        watch.here("hello")
        # Looked at also while nobody asks: after six days without radio ticks_diff turns negative.
        clock.now()
        stale = stale or time.ticks_diff(time.ticks_ms(), asked) > config.TIME_REFRESH_MS
        asks = stale or clock.doubted or bool(clock.nonce) or not clock.known()
        controller.power.house.want("hello", asks)
        if ready(controller) and asks:
            nonce = binascii.hexlify(os.urandom(8)).decode()
            if await tried("hello", controller.send("status", controller.hello(nonce))):
                asked, times, stale = time.ticks_ms(), times + 1, False
                await asyncio.sleep_ms(config.HELLO_MS if times < config.HELLOS_QUICK else config.HELLO_SLOW_MS)
        elif clock.known():
            times = 0
        await asyncio.sleep_ms(50)


async def say_status(controller, watch):
    """Tells that the case is alive, and how it is."""
    told, due = time.ticks_ms(), True
    while True:
        watch.here("status")
        now = time.ticks_ms()
        # Stays due until it is told: after six days without radio ticks_diff turns negative.
        due = due or controller.has_news() or time.ticks_diff(now, told) >= controller.status_ms
        controller.power.house.want("status", due)
        if due and ready(controller) and controller.clock.known():
            told, due = now, False
            controller.faults.set("update.failed", controller.updater.failed())
            await tried("signal", controller.devices.modem.look_around())
            # A modem that cannot say how strong its signal is may send all the same; one that is gone has told so by now.
            if ready(controller) and await tried("status", controller.send("status", controller.status())):
                controller.updater.well()
                controller.boots.was_told()
                controller.health.was_told()
        await asyncio.sleep_ms(200)


async def blink(controller, watch):
    await controller.feedback.blink(lambda: watch.here("blink"))


async def approach(controller, watch):
    await controller.feedback.approach(lambda: watch.here("approach"))


async def watch_power(controller, watch):
    await controller.power.run(lambda: watch.here("power"))


async def watch_temperature(controller, watch):
    await controller.temperature.run(lambda: watch.here("temperature"), lambda: not controller.power.house.visit())


async def keep_up_to_date(controller, watch):
    """Looks for a newer application, while nobody is at the case. Radio or not: a trial without one must end too."""
    if controller.boots.safe:
        # The next look may be a week away, and the safe mode ends sooner.
        controller.look_for_update()
    await controller.updater.run(lambda: watch.here("update"), controller.at_rest)


async def keep_record(controller, watch):
    def free():
        # Both walk the whole heap, tens of milliseconds where it is large: not while every reading counts.
        if controller.power.house.visit():
            return None
        gc.collect()
        return gc.mem_free()

    await controller.boots.run(lambda: watch.here("boots"), free, machine.reset)


async def carry(controller, watch):
    await controller.devices.pi.run(lambda: watch.here("pi"))


def ready(controller):
    """The radio has its broker and is awake."""
    return controller.devices.modem.connected and controller.power.modem == "awake"


async def tried(what, attempt):
    """True when the radio took it. False is no harm: reports wait in flash, the rest is asked again."""
    try:
        await attempt
        return True
    except OSError as error:
        print(what + ":", error)
        return False
