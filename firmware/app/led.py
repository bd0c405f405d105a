# Driver of the one NeoPixel beside the handle.
from machine import Pin
from neopixel import NeoPixel

# Bright enough beside a lit fridge, dim enough for a face at night.
COLOURS = {"off": (0, 0, 0), "green": (0, 90, 20), "blue": (0, 40, 160), "red": (170, 0, 0)}


class Led:
    def __init__(self, pin):
        self.pixel = NeoPixel(Pin(pin, Pin.OUT), 1)
        self.show("off")

    def show(self, colour):
        self.pixel[0] = COLOURS[colour]
        self.pixel.write()
