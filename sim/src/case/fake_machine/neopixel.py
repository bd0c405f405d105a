# A NeoPixel that shows its colour to the simulation.
import bridge


class NeoPixel:
    def __init__(self, pin, count):
        self.colours = [(0, 0, 0)] * count

    def __setitem__(self, index, colour):
        self.colours[index] = colour

    def write(self):
        bridge.led(*self.colours[0])
