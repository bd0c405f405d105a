# One wire with the simulation's temperature sensors at its end: as much of it as ds18x20 needs.


class OneWireError(Exception):
    pass


class OneWire:
    def __init__(self, pin):
        self.pin = pin
