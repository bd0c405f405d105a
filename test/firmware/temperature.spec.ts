// How warm the case is, and when its sensors are not to be believed: the firmware with sensors that fail as real ones do.
import assert from 'node:assert/strict';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

/** Sensors by address; a value is degrees, 'silent' or 'crc'. */
const STAGE = `
import asyncio, json, time
import config
from faults import Faults
from temperature import Temperature
class Bus:
    def __init__(self, **sensors):
        self.sensors, self.scans, self.asked = sensors, 0, []
    def scan(self):
        self.scans += 1
        return sorted(name for name, value in self.sensors.items() if value != 'silent')
    def convert(self):
        self.converted_at = time.ticks_ms()
        if all(value == 'silent' for value in self.sensors.values()): raise OSError('silent')
    def read(self, name):
        self.asked.append(time.ticks_diff(time.ticks_ms(), self.converted_at))
        value = self.sensors[name]
        if value in ('silent', 'crc'): raise OSError(value)
        return value
heard = 0
def here():
    global heard
    heard += 1
say = lambda value: print(json.dumps(value))
def start(**sensors):
    global bus, faults, temperature
    bus, faults = Bus(**sensors), Faults()
    temperature = Temperature(bus, faults)
    asyncio.create_task(temperature.run(here, lambda: quiet))
quiet = True
`;

for (const { name, build } of VMS) {
  describe(`the temperature in MicroPython ${name}`, () => {
    let vm: FirmwareVm;
    beforeEach(async () => {
      vm = await firmwareVm(build);
      vm.run(STAGE);
    });
    const pass = async (ms: number, code = '') => {
      await vm.runFor(ms, code);
      return vm.run('say([temperature.celsius(), faults.codes()])')[0];
    };

    it('is that of the warmest sensor, to a tenth of a degree, each read after its conversion', async () => {
      assert.deepEqual(await pass(1_000, 'start(a=3.9375, b=4.5625, c=-18.0)'), [4.6, []]);
      assert.equal((vm.run('say(min(bus.asked))')[0] as number) >= 750, true);
      assert.deepEqual(await pass(31_000, "bus.sensors['c'] = 9.0"), [9, []]);
      assert.equal((vm.run('say(heard)')[0] as number) > 30, true);
    });

    it('a disturbed line is asked again and forgotten; a broken one is a fault until it is mended', async () => {
      assert.deepEqual(await pass(1_000, "start(a=4.0, b='crc')"), [4, []]);
      assert.deepEqual(await pass(30_000, "bus.sensors['b'] = 5.0"), [5, []]);
      assert.deepEqual(await pass(60_000, "bus.sensors['b'] = 'silent'"), [4, ['temp.silent']]);
      assert.deepEqual(await pass(40_000, "bus.sensors['b'] = 4.5"), [4.5, []]);
    });

    it('a case without an answer says so after three rounds, and finds the sensor that was plugged in later', async () => {
      assert.deepEqual(await pass(1_000, "start(a='silent')"), [null, []]);
      assert.deepEqual(await pass(9_000), [null, ['temp.silent']]);
      const scans = vm.run('say(bus.scans)')[0] as number;
      await pass(600_000);
      // Bounded: twice a minute, not all day long.
      assert.equal((vm.run('say(bus.scans)')[0] as number) - scans <= 21, true);
      assert.deepEqual(await pass(35_000, 'bus.sensors = {"new": 3.0}'), [3, []]);
    });

    it('85 degrees after a loss of current, and what no fridge can be, are no temperatures', async () => {
      assert.deepEqual(await pass(1_000, 'start(a=4.0, b=85.0)'), [4, []]);
      assert.deepEqual(await pass(9_000), [4, ['temp.range']]);
      assert.deepEqual(await pass(40_000, "bus.sensors['b'] = 60.0625"), [4, ['temp.range']]);
      assert.deepEqual(await pass(40_000, "bus.sensors['b'] = 60.0"), [60, []]);
    });

    it('the last good value stands for ten minutes, and not again after weeks', async () => {
      await pass(1_000, 'start(a=4.0)');
      assert.deepEqual(await pass(599_000, "bus.sensors['a'] = 'crc'"), [4, ['temp.silent']]);
      assert.deepEqual(await pass(31_000), [null, ['temp.silent']]);
      // Old enough for ticks to look young again.
      vm.run('temperature.last_at = time.ticks_ms()');
      assert.deepEqual(await pass(1_000), [null, ['temp.silent']]);
    });

    it('is not asked while a visit is weighed', async () => {
      await pass(1_000, 'start(a=4.0)');
      vm.run('quiet = False');
      const asked = vm.run('say(len(bus.asked))')[0];
      assert.deepEqual(await pass(120_000), [4, []]);
      assert.deepEqual(vm.run('say(len(bus.asked))')[0], asked);
      assert.deepEqual(await pass(2_000, "quiet = True; bus.sensors['a'] = 5.0"), [5, []]);
    });
  });
}
