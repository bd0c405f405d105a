# Driver of the one NeoPixel beside the handle (WS2812B).
#
# signal | pin | direction | level
# DIN | LED_PIN | output | 3.3 V, idle low
from machine import Pin
from neopixel import NeoPixel


class Led:
    def __init__(self, pin):
        self.pixel = NeoPixel(Pin(pin, Pin.OUT), 1)
        self.show((0, 0, 0))

    def show(self, colour):
        """(red, green, blue), each 0 to 255."""
        self.pixel[0] = colour
        self.pixel.write()
