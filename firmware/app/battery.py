# Driver of the battery's voltage divider: two equal resistors before the ADC, full scale 3.3 V (attenuation 11 dB).
#
# signal  | pin | direction | level
# divider | BATTERY_PIN | analog in | half the cell's voltage
from machine import ADC, Pin

FULL_SCALE_VOLTS = 3.3
DIVIDER = 2
# The ADC's noise is some tens of millivolts; a mean of this many is good to about ten.
READINGS = 8


class Battery:
    def __init__(self, pin):
        self.adc = ADC(Pin(pin))
        self.adc.atten(ADC.ATTN_11DB)

    def volts(self):
        raw = sum(self.adc.read_u16() for _ in range(READINGS)) / READINGS
        return raw / 65535 * FULL_SCALE_VOLTS * DIVIDER
