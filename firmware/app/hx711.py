# Driver of the HX711 load cell amplifier (Avia datasheet), channel A, gain 128, RATE high: 80 conversions a second.
#
# signal | pin | direction | level
# PD_SCK | SCK_PIN | out | idles low
# DOUT   | DT_PIN  | in  | low when a conversion is ready
#
# 24 bits, most significant first, then one pulse that chooses gain 128 for the next conversion.
import machine
from machine import Pin

BITS = 24
# Both ends of the range mean that the bridge is out of it (datasheet p. 4).
SATURATED = (0x7FFFFF, 0x800000)


class HX711:
    def __init__(self, sck, dt):
        self.sck = Pin(sck, Pin.OUT, value=0)
        self.dt = Pin(dt, Pin.IN)

    def ready(self):
        return self.dt.value() == 0

    def read(self):
        """Signed counts. Raises OSError when no conversion is ready or the bridge is out of range."""
        if not self.ready():
            raise OSError("hx711: not ready")
        raw = 0
        for _ in range(BITS):
            raw = raw << 1 | self._pulse()
        self._pulse()
        if raw in SATURATED:
            raise OSError("hx711: out of range")
        return raw - (1 << BITS) if raw & 0x800000 else raw

    def _pulse(self):
        # PD_SCK high for over 60 us powers the chip down, so nothing may stretch this pulse.
        state = machine.disable_irq()
        self.sck.value(1)
        self.sck.value(0)
        machine.enable_irq(state)
        return self.dt.value()
