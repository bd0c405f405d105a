# Driver of a 128 x 64 SSD1306 display over I2C (Solomon Systech datasheet rev 1.1), drawn through framebuf.
#
# signal | pin | direction | level
# SDA, SCL | SDA_PIN, SCL_PIN | open drain | 3.3 V
#
# A display that does not answer raises OSError from show() and text_lines(); it is set up again at the next call, so
# one that was unplugged comes back.
import framebuf

ADDRESS = 0x3C
COMMAND = 0x80
DATA = b"\x40"
# Charge pump on, horizontal addressing, segments and rows mirrored as the board is mounted (datasheet p. 28 onwards).
START = (0xAE, 0x20, 0x00, 0x40, 0xA1, 0xA8, 63, 0xC8, 0xD3, 0x00, 0xDA, 0x12, 0xD5, 0x80, 0xD9, 0xF1, 0xDB, 0x30,
         0x81, 0x8F, 0xA4, 0xA6, 0x8D, 0x14, 0xAF)
# All columns, all pages.
WHOLE = (0x21, 0, 127, 0x22, 0, 7)
LETTER = 8
LINE = 10


class SSD1306(framebuf.FrameBuffer):
    def __init__(self, i2c, address=ADDRESS):
        self.i2c = i2c
        self.address = address
        self.started = False
        self.buffer = bytearray(1024)
        super().__init__(self.buffer, 128, 64, framebuf.MONO_VLSB)

    def text_lines(self, lines):
        """Up to six lines of 16 letters, the block in the middle of the display."""
        self.fill(0)
        top = (64 - LINE * len(lines)) // 2
        for i, line in enumerate(lines):
            self.text(line, (128 - LETTER * len(line)) // 2, top + LINE * i)
        self.show()

    def show(self):
        commands = WHOLE if self.started else START + WHOLE
        self.started = False
        for command in commands:
            self.i2c.writeto(self.address, bytes((COMMAND, command)))
        self.i2c.writevto(self.address, (DATA, self.buffer))
        self.started = True
