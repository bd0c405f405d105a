# Decides what people see and hear for each thing that the case says.
import asyncio
import time

import config
import screen

# The colour of the light for each moment.
LIGHTS = {"boot": "off", "idle": "green", "unlocked": "blue", "open": "blue", "too_long": "red", "weighing": "blue",
          "timeout": "red", "forced": "red", "locked_out": "red", "restock": "blue", "fault": "red", "power_lost": "red"}
UNPAID = ("owed", "refused", "partly_paid")
# How often the buzzer chirps; the other moments are silent.
CHIRPS = {"unlocked": 1, "too_long": 3, "forced": 3, "outcome": 1}


class Feedback:
    """`say(moment)` shows it until the next one. No device that is missing or broken stops a sale."""

    def __init__(self, display, led, buzzer, language):
        self.display = display
        self.led = led
        self.buzzer = buzzer
        self.language = language
        self.idle_at = None
        self.colour = "off"
        self.blinks = False

    def say(self, moment):
        self._say(moment, screen.lines(moment, self.language), LIGHTS[moment])

    def show(self, command):
        """The outcome of a visit, as a `show` command tells it."""
        self._say("outcome", screen.outcome(command), "red" if command["outcome"] in UNPAID else "blue")

    def idle_again(self):
        """True when what a customer was told has stood long enough."""
        return self.idle_at is not None and time.ticks_diff(time.ticks_ms(), self.idle_at) > 0

    async def blink(self, here):
        """The light flashes while the door may be opened."""
        lit = True
        while True:
            here()
            lit = not (self.blinks and lit)
            if self.blinks:
                self.led.show(self.colour if lit else "off")
            await asyncio.sleep_ms(config.BLINK_MS)

    def _say(self, moment, lines, colour):
        try:
            self.display.text_lines(lines)
        except OSError:
            pass
        self.colour = colour
        self.blinks = moment == "unlocked"
        self.led.show(colour)
        told = moment in ("outcome", "timeout")
        self.idle_at = time.ticks_add(time.ticks_ms(), config.TOLD_MS) if told else None
        if moment in CHIRPS:
            asyncio.create_task(self.buzzer.chirp(CHIRPS[moment]))
