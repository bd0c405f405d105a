# Driver of an active buzzer: it sounds while its pin is high.
#
# signal | pin | direction | level
# gate of the buzzer's transistor | BUZZER_PIN | output | 3.3 V sounds
import asyncio

from machine import Pin
from sounds import SOUNDS


class Buzzer:
    def __init__(self, pin):
        self.pin = Pin(pin, Pin.OUT, value=0)
        self.next = None
        self.playing = False

    def play(self, sound):
        """Returns at once. While one sounds, only the newest of the others waits: two are never heard together."""
        self.next = sound
        if not self.playing:
            self.playing = True
            asyncio.create_task(self._play())

    async def _play(self):
        try:
            while self.next is not None:
                sound, self.next = self.next, None
                for on_ms, off_ms in SOUNDS[sound]:
                    self.pin.value(1)
                    await asyncio.sleep_ms(on_ms)
                    self.pin.value(0)
                    await asyncio.sleep_ms(off_ms)
        finally:
            self.pin.value(0)
            self.playing = False
