# Driver of a 128 x 64 SSD1306 display over I2C (Solomon Systech datasheet rev 1.1), drawn through framebuf.
#
# signal | pin | direction | level
# SDA, SCL | SDA_PIN, SCL_PIN | open drain | 3.3 V
#
# A display that does not answer raises OSError after the bus's own timeout (give I2C one of some 10 ms); start() sets
# it up again. A page of 128 bytes takes 3.2 ms at 400 kHz, all eight 25 ms: send them one at a time.
import framebuf

ADDRESS = 0x3C
# Commands only, to the end of the message (datasheet 8.1.5.2).
COMMANDS = 0x00
DATA = b"\x40"
WIDTH = 128
PAGES = 8
# Charge pump on, horizontal addressing, segments and rows mirrored as the board is mounted (datasheet p. 28 onwards).
START = b"\x20\x00\x40\xA1\xA8\x3F\xC8\xD3\x00\xDA\x12\xD5\x80\xD9\xF1\xDB\x30\xA4\xA6\x8D\x14"
CONTRAST = 0x81
ON = 0xAF
OFF = 0xAE
NOTHING = 0xE3


class SSD1306(framebuf.FrameBuffer):
    def __init__(self, i2c, address=ADDRESS):
        self.i2c = i2c
        self.address = address
        self.buffer = bytearray(WIDTH * PAGES)
        # What the display's own memory holds, as far as we know.
        self.sent = bytearray(WIDTH * PAGES)
        self.known = [False] * PAGES
        super().__init__(self.buffer, WIDTH, 8 * PAGES, framebuf.MONO_VLSB)

    def start(self):
        """Sets the display up, whatever state it is in; every page must be sent again."""
        self.known = [False] * PAGES
        self._command(START)

    def contrast(self, level):
        """0 to 255; the current follows it."""
        self._command(bytes((CONTRAST, level)))

    def power(self, on):
        """Off keeps the memory, and draws some 10 uA."""
        self._command(bytes((ON if on else OFF,)))

    def ask(self):
        """Raises OSError when nobody is there."""
        self._command(bytes((NOTHING,)))

    def changed(self):
        """The pages that the display does not show yet."""
        own, sent = memoryview(self.buffer), memoryview(self.sent)
        return [page for page in range(PAGES) if not self.known[page]
                or own[WIDTH * page:WIDTH * (page + 1)] != sent[WIDTH * page:WIDTH * (page + 1)]]

    def send(self, page):
        pixels = memoryview(self.buffer)[WIDTH * page:WIDTH * (page + 1)]
        self.known[page] = False
        self._command(bytes((0x21, 0, WIDTH - 1, 0x22, page, page)))
        self.i2c.writevto(self.address, (DATA, pixels))
        self.sent[WIDTH * page:WIDTH * (page + 1)] = pixels
        self.known[page] = True

    def _command(self, commands):
        self.i2c.writeto(self.address, bytes((COMMANDS,)) + commands)
