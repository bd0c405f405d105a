# Driver of an active buzzer: on while its pin is high.
import asyncio
from machine import Pin

CHIRP_MS = 80


class Buzzer:
    def __init__(self, pin):
        self.pin = Pin(pin, Pin.OUT, value=0)

    async def chirp(self, times=1):
        for _ in range(times):
            self.pin.value(1)
            await asyncio.sleep_ms(CHIRP_MS)
            self.pin.value(0)
            await asyncio.sleep_ms(CHIRP_MS)
