# Driver of the battery's voltage divider: two equal resistors before the ADC (attenuation 11 dB).
#
# signal  | pin | direction | level
# divider | BATTERY_PIN | analog in | half the cell's voltage; about 0 where no cell is fitted
#
# No percentage: a lithium cell's voltage tells little between full and nearly empty.
from machine import ADC, Pin

DIVIDER = 2
# The ADC's noise is some tens of millivolts; a mean of this many is good to about ten.
READINGS = 8
# Where the chip's own calibration cannot be read: the ESP32-S3 at 11 dB, nominal.
FULL_SCALE_VOLTS = 3.1


class Battery:
    def __init__(self, pin):
        self.adc = ADC(Pin(pin))
        self.adc.atten(ADC.ATTN_11DB)

    def volts(self):
        total = 0
        for _ in range(READINGS):
            total += self._microvolts()
        # Whole numbers up to here: microvolts have more digits than the chip's floats.
        return total // READINGS * DIVIDER / 1000000

    def _microvolts(self):
        # Corrected by what the factory burnt into the chip: up to 10 % better than the raw reading.
        if hasattr(self.adc, "read_uv"):
            return self.adc.read_uv()
        return self.adc.read_u16() * int(FULL_SCALE_VOLTS * 1000) // 65535 * 1000
