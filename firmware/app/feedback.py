# Decides what people see and hear for each thing that the case says.
import asyncio
import time

import config
from approach import Approach
from light import colour, moves
from panel import Panel
from receipt import Receipt
from rows import Sentence
from screen import Notice
from sounds import BUZZES, file_of

# What the light and the buzzer make of an outcome.
ENDS = {"charged": "paid", "released": "free", "unused": "free", "in_review": "free", "owed": "unpaid",
        "refused": "unpaid", "partly_paid": "unpaid"}


class Feedback:
    """`say(moment)` and `show(command)` return at once; the task `blink(here)` does what they ask for. Every device may
    be None, missing or broken: nothing of this stops a sale. `faults` is told of a silent display or sensor."""

    def __init__(self, display, led, buzzer, language, voice=None, tof=None, faults=None,
                 screen_off_ms=config.SCREEN_OFF_MS):
        self.led = led
        self.buzzer = buzzer
        self.language = language
        self.voice = voice
        self.tof = tof
        self.faults = faults
        self.panel = Panel(display, lambda silent: self._note("display.silent", silent), screen_off_ms)
        self.idle_at = None
        # What the light shows, since when, and the colour that it has.
        self.lit = "boot"
        self.since = time.ticks_ms()
        self.rgb = None
        # Whether somebody stands before the case; None where no sensor knows.
        self.near = None
        self.news = asyncio.Event()

    def say(self, moment):
        self.panel.show(Notice(moment, self.language), moment)
        self._begin(moment, moment, self.language, config.TOLD_MS if moment == "timeout" else None)

    def show(self, command):
        """The outcome of a visit, as a `show` command tells it."""
        outcome, language = command["outcome"], command["lang"]
        picture = Receipt(command) if outcome in ("charged", "partly_paid") else Notice(outcome, language)
        self.panel.show(picture, "outcome")
        self._begin(ENDS[outcome], outcome, language, _told_ms(picture))

    def tell(self, text):
        """A sentence as a `say` command has it. An outcome that is being read stays; of two sentences the last stands."""
        if self.panel.moment == "outcome":
            return
        sentence = Sentence(text)
        self.panel.show(sentence, "told")
        # Light and sound as for everybody who is turned away; the voice has no word for it.
        self._begin("unpaid", "told", self.language, _told_ms(sentence))

    def idle_again(self):
        """True when what a customer was told has stood long enough."""
        return self.idle_at is not None and time.ticks_diff(time.ticks_ms(), self.idle_at) > 0

    async def blink(self, here):
        """Keeps display, light and voice going."""
        while True:
            here()
            # Before the work: what is said during it must not wait.
            self.news.clear()
            self._lighten()
            if self.voice:
                self.voice.step()
            await self.panel.step(self.near)
            if moves(self.lit) or self.panel.moves() or (self.voice and self.voice.busy()):
                await asyncio.sleep_ms(config.FRAME_MS)
                continue
            try:
                await asyncio.wait_for_ms(self.news.wait(), config.FRAME_REST_MS)
            except asyncio.TimeoutError:
                pass

    async def flush(self):
        """Shows what was said last, for whoever ends before `blink` could."""
        self._lighten()
        await self.panel.step(self.near)

    async def approach(self, here):
        """Asks the distance sensor again and again; one that is silent is left alone for a while."""
        if self.tof is None:
            return
        while True:
            here()
            felt = Approach(time.ticks_diff, config.NEAR_MM, config.FAR_MM, config.GONE_MS)
            try:
                await self.tof.start()
                while True:
                    here()
                    fresh, mm = self.tof.read()
                    if fresh:
                        self._note("tof.silent", False)
                        self._approached(felt.feel(mm, time.ticks_ms()))
                    await asyncio.sleep_ms(config.APPROACH_MS)
            except OSError:
                self._approached(None)
                self._note("tof.silent", True)
            for _ in range(config.APPROACH_AGAIN_MS // config.APPROACH_REST_MS):
                here()
                await asyncio.sleep_ms(config.APPROACH_REST_MS)

    def _approached(self, near):
        if near != self.near:
            self.near = near
            self.news.set()

    def _begin(self, lit, spoken, language, told_ms):
        self.lit, self.since = lit, time.ticks_ms()
        self.idle_at = None if told_ms is None else time.ticks_add(self.since, told_ms)
        self.news.set()
        self._lighten()
        if self.buzzer and lit in BUZZES:
            self.buzzer.play(BUZZES[lit])
        number = file_of(spoken, language)
        if self.voice and number is not None:
            self.voice.speak(number)

    def _lighten(self):
        rgb = colour(self.lit, time.ticks_diff(time.ticks_ms(), self.since), self.near)
        if self.led is None or rgb == self.rgb:
            return
        try:
            self.led.show(rgb)
            self.rgb = rgb
        except OSError:
            self.rgb = None

    def _note(self, code, on):
        if self.faults:
            self.faults.set(code, on)


def _told_ms(picture):
    """Long enough to be read. What is long is seen to its end, and comes back."""
    return max(config.TOLD_MS, picture.pass_ms + config.TOLD_AGAIN_MS if picture.hidden else 0)
