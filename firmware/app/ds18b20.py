# Driver of DS18B20 temperature sensors on one wire, powered by three wires (not parasitic).
#
# signal | pin | direction | level
# data   | TEMP_PIN | open drain | 4.7 kOhm to 3.3 V; as many sensors as fit
#
# A conversion takes 750 ms and needs nobody (datasheet p. 3). Reading one holds the loop for about 11 ms, a scan for
# 14 ms a sensor: nothing to do while a visit is weighed. Every failure is OSError: no sensor answers, or a checksum is
# wrong.
from ds18x20 import DS18X20
from machine import Pin
from onewire import OneWire, OneWireError


class Ds18b20:
    def __init__(self, pin):
        self.bus = DS18X20(OneWire(Pin(pin)))

    def scan(self):
        """Addresses of all that answer."""
        try:
            return self.bus.scan()
        except OneWireError:
            raise OSError("no temperature sensor answers")

    def convert(self):
        """All at once; read after 750 ms."""
        try:
            self.bus.convert_temp()
        except OneWireError:
            raise OSError("no temperature sensor answers")

    def read(self, address):
        """Degrees Celsius."""
        try:
            return self.bus.read_temp(address)
        except Exception as error:
            # The module that comes with MicroPython raises exactly that for a wrong checksum.
            raise OSError("temperature sensor: %s" % error)
