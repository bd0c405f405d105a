// What a case does when mains goes, when its battery runs down, and while nobody is there: the firmware's power task.
import assert from 'node:assert/strict';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

const STAGE = `
import asyncio, json, time
import config
import power
from faults import Faults
# What is no JSON is not for us.
power.print = lambda *words: None
log = []
t0 = time.ticks_ms()
def note(*what):
    log.append([time.ticks_diff(time.ticks_ms(), t0)] + list(what))
class Pins:
    here = True
    def mains(self): return self.here
    def load(self, on): note('load', on)
    def light(self, wake, ms): log.append(['nap'])
    def deep(self, wake, ms):
        note('deep', wake, ms)
        raise SystemExit()
class Cell:
    v = 3.9
    def volts(self): return self.v
class House:
    serving = updates = unsent = is_open = False
    online = True
    radio_fails = False
    def visit(self): return self.serving
    def state(self): return 'locked'
    def updating(self): return self.updates
    def waiting(self): return self.unsent
    def connected(self): return self.online
    def door_open(self): return self.is_open
    def lock(self): note('lock')
    def note(self, state): note('state', state)
    def say(self, code):
        note('say', code)
        self.unsent = True
    async def radio(self, state):
        note('radio', state)
        if self.radio_fails: raise OSError('deaf')
        await asyncio.sleep_ms(50)
say = lambda value: print(json.dumps(value))
def start(secrets, by_timer=False, mains=True, may_deep=True):
    global pins, cell, house, faults, it
    pins, cell, house, faults = Pins(), Cell(), House(), Faults()
    pins.here = mains
    it = power.Power(house, pins, cell, power.manager(secrets, may_deep), faults, by_timer)
    async def live():
        try:
            await it.run(lambda: None)
        except SystemExit:
            pass
    asyncio.create_task(live())
def since():
    global log, t0
    log, t0 = [], time.ticks_ms()
def told():
    naps = sum(entry == ['nap'] for entry in log)
    say([[entry for entry in log if entry != ['nap']], naps])
`;

for (const { name, build } of VMS) {
  describe(`power in MicroPython ${name}`, () => {
    let vm: FirmwareVm;
    beforeEach(async () => {
      vm = await firmwareVm(build);
      vm.run(STAGE);
    });
    const pass = (ms: number, code = '') => vm.runFor(ms, code);
    const told = () => vm.run('told()')[0] as [unknown[][], number];
    const now = (code: string) => vm.run(`say(${code})`)[0];

    it('a dip shorter than 50 ms does nothing; a loss locks, darkens and says its last word, in this order', async () => {
      await pass(1_000, 'start({})');
      await pass(40, 'since()\npins.here = False');
      await pass(5_000, 'pins.here = True');
      assert.deepEqual(told(), [[], 0]);
      await pass(100, 'since()\npins.here = False');
      const [events] = told();
      assert.deepEqual(
        events.map(([, ...what]) => what),
        [['lock'], ['load', false], ['say', 'power.lost']],
      );
      assert.equal(
        events.every(([atMs]) => (atMs as number) <= 70),
        true,
        JSON.stringify(events),
      );
      assert.deepEqual(now('[faults.codes(), it.source(), it.doing()]'), [['power.lost'], 'lost', 'power_lost']);
    });

    it('many short dips in a row are no loss, and a mains that flutters back is believed only after two seconds', async () => {
      await pass(500, 'start({})\nsince()');
      for (let dip = 0; dip < 20; dip += 1) {
        await pass(40, 'pins.here = False');
        await pass(15, 'pins.here = True');
      }
      assert.deepEqual(now('[faults.codes(), log]'), [[], []]);
      await pass(4_000, 'pins.here = False');
      await pass(1_900, 'pins.here = True');
      await pass(50, 'pins.here = False');
      await pass(1_900, 'pins.here = True');
      assert.equal(now('it.source()'), 'lost');
      await pass(200);
      assert.deepEqual(now('[faults.codes(), it.source(), it.load]'), [[], 'mains', true]);
      assert.deepEqual(
        (now('log[-1:]') as unknown[][]).map(([, ...what]) => what),
        [['load', true]],
      );
    });

    it('an open door is not locked when mains goes, and keeps the scale until the visit is weighed', async () => {
      await pass(500, 'start({})\nhouse.serving = house.is_open = True');
      await pass(3_000, 'since()\npins.here = False');
      assert.deepEqual(
        told()[0].map(([, what]) => what),
        ['say'],
      );
      await pass(500, 'house.is_open = house.serving = house.unsent = False');
      assert.deepEqual(told()[0].at(-1)?.slice(1), ['load', false]);
    });

    it('waits for its last word for two seconds at most, and not at all once it is out', async () => {
      await pass(500, 'start({})\nthinks = []');
      // Nothing else is done while the word waits: the cell is not read.
      await pass(1_900, 'pins.here = False\nreads = []\ncell.volts = lambda: reads.append(1) or 3.9');
      assert.equal(now('len(reads)'), 0);
      await pass(3_000);
      assert.equal(now('len(reads) > 0'), true);
    });

    it('starts without mains as a case that has lost it, and says so', async () => {
      await pass(300, 'start({}, mains=False)');
      assert.deepEqual(now('[faults.codes(), it.source(), it.load]'), [['power.lost'], 'lost', false]);
      await pass(300, 'start({"profile": "battery", "rest": "light"}, mains=None)');
      assert.deepEqual(now('[faults.codes(), it.source(), it.load]'), [[], 'battery', true]);
    });

    it('naps lightly once nobody was there for a minute, hears the radio every two seconds, and wakes for anybody', async () => {
      await pass(59_000, 'start({"profile": "battery", "rest": "light"}, mains=None)\nsince()');
      assert.deepEqual(told(), [[], 0]);
      await pass(2_000);
      assert.deepEqual(
        told()[0].map(([, ...what]) => what),
        [
          ['load', false],
          ['radio', 'sleep'],
        ],
      );
      await pass(10_000, 'since()');
      const [events, naps] = told();
      assert.deepEqual(
        events.slice(0, 2).map(([, ...what]) => what),
        [
          ['radio', 'awake'],
          ['radio', 'sleep'],
        ],
      );
      assert.equal(events.length, 10);
      // The simulation's naps take no time, so only the 12 ms between them count.
      assert.equal(naps > 100, true);
      await pass(300, 'since()\nit.stir()');
      assert.deepEqual(told(), [
        [
          [0, 'load', true],
          [told()[0][1]?.[0], 'radio', 'awake'],
        ],
        0,
      ]);
      assert.equal(now('it.tick_ms()'), 20);
    });

    it('stays awake while a report waits, and naps on when it is out', async () => {
      await pass(62_000, 'start({"profile": "battery", "rest": "light"}, mains=None)');
      await pass(400, 'house.unsent = True');
      await pass(5_000, 'since()');
      assert.deepEqual(told(), [[], 0]);
      assert.deepEqual(now('[it.plan["mode"], it.modem, it.tick_ms()]'), ['idle', 'awake', 250]);
      await pass(1_000, 'house.unsent = False');
      assert.equal(told()[1] > 0, true);
    });

    it('never naps in a visit that began while the radio was put to sleep', async () => {
      await pass(59_900, 'start({"profile": "battery", "rest": "light"}, mains=None)\nsince()');
      const code = `
sleep = house.radio
async def radio(state):
    await sleep(state)
    house.serving = True
house.radio = radio
`;
      await pass(5_000, code);
      assert.deepEqual(told()[1], 0);
      assert.deepEqual(now('[it.plan["why"], it.modem, it.load]'), ['visit', 'awake', true]);
    });

    it('an empty cell is put to bed: no new visit below 3.4 V, deep sleep below 3.3 V, radio off, door and mains wake it', async () => {
      await pass(1_000, 'start({})');
      await pass(70_000, 'pins.here = False\nhouse.say = lambda code: None');
      await pass(7_000, 'cell.v = 3.39');
      assert.deepEqual(now('faults.codes()'), ['battery.low', 'power.lost']);
      await pass(7_000, 'cell.v = 3.29\nsince()');
      const [events] = told();
      assert.deepEqual(
        events.slice(-4).map(([, ...what]) => what),
        [['radio', 'off'], ['lock'], ['state', 'sleep'], ['deep', ['door', 'mains'], 3_600_000]],
      );
    });

    it('a sagging cell that recovers is not low, and a worn cell on mains stops nobody', async () => {
      await pass(1_000, 'start({"profile": "battery", "rest": "light"}, mains=None)');
      for (let sag = 0; sag < 5; sag += 1) {
        await pass(3_900, 'cell.v = 3.2');
        await pass(2_100, 'cell.v = 3.8');
      }
      assert.deepEqual(now('faults.codes()'), []);
      await pass(7_000, 'start({})\ncell.v = 3.0');
      assert.deepEqual(now('[faults.codes(), it.plan["mode"]]'), [[], 'awake']);
    });

    it('a case without radio tries for three minutes and then sleeps deeply for a quarter of an hour', async () => {
      await pass(
        179_000,
        'start({"profile": "battery", "rest": "light"}, mains=None)\nhouse.online = False\nhouse.unsent = True\nsince()',
      );
      assert.deepEqual(
        told()[0].map(([, ...what]) => what),
        [['load', false]],
      );
      await pass(3_000);
      assert.deepEqual(told()[0].at(-1)?.slice(1), ['deep', ['door'], 900_000]);
    });

    it('a radio that will not sleep or wake costs no more than current', async () => {
      await pass(70_000, 'start({"profile": "battery", "rest": "light"}, mains=None)\nhouse.radio_fails = True');
      assert.equal(told()[1] > 0, true);
      await pass(300, 'house.serving = True');
      assert.deepEqual(now('[it.modem, it.plan["mode"]]'), ['awake', 'awake']);
    });

    it('a door that stands open all night does not keep the case awake, one that moves does', async () => {
      await pass(1_000, 'start({"profile": "battery", "rest": "light"}, mains=None)\nhouse.is_open = True');
      await pass(60_000);
      assert.equal(now('it.plan["mode"]'), 'light');
      await pass(300, 'house.is_open = False');
      assert.deepEqual(now('[it.plan["mode"], it.plan["why"]]'), ['awake', 'activity']);
    });

    it('after a week on its own it still knows that nobody was there', async () => {
      await pass(62_000, 'start({"profile": "battery", "rest": "light"}, mains=None)');
      // Ticks tell six days at most.
      await pass(600, 'it.stirred_at = time.ticks_add(time.ticks_ms(), -5 * 24 * 3600 * 1000)');
      assert.equal(now('time.ticks_diff(time.ticks_ms(), it.stirred_at) <= config.LONG_AGO_MS + 600'), true);
      assert.equal(now('it.plan["mode"]'), 'light');
    });
  });
}
