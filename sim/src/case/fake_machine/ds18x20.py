# DS18B20 sensors with the failures of real ones: silence, wrong checksums, and 85 degrees after a loss of current.
import json

import bridge
from onewire import OneWireError

POWER_ON_C = 85.0
# The sensor counts in sixteenths of a degree.
STEPS = 16


class DS18X20:
    def __init__(self, onewire):
        self.celsius = {}

    def scan(self):
        return [bytes((0x28, 0, 0, 0, 0, 0, number, 0)) for number, _ in self._sensors()]

    def convert_temp(self):
        sensors = self._sensors()
        if not sensors:
            raise OneWireError()
        self.celsius = dict(sensors)

    def read_temp(self, rom):
        number = rom[6]
        if number not in dict(self._sensors()):
            # Nobody pulls the wire low: all ones, which is no valid checksum.
            raise Exception("CRC error")
        value = self.celsius.get(number, POWER_ON_C)
        if value == "crc":
            raise Exception("CRC error")
        return round(value * STEPS) / STEPS

    def _sensors(self):
        """(number, degrees or "crc") of those that answer now."""
        values = json.loads(bridge.temperatures())
        return [(number, value) for number, value in enumerate(values) if value is not None]
