// The load cells' driver on virtual pins: every bit, every pulse, and chips that do not answer.
import assert from 'node:assert/strict';
import { type Shelf, type ShelfOptions, shelf } from './shelf.ts';
import { VMS } from './vms.ts';

/** Settling after power-up, and one conversion more. */
const START_MS = 100;
const LEAST = -0x800000;
const MOST = 0x7fffff;

for (const { name, build } of VMS) {
  describe(`the driver of the load cells, in MicroPython ${name}`, () => {
    const started = async (options: Omit<ShelfOptions, 'build'>): Promise<Shelf> => {
      const made = await shelf({ build, ...options });
      // Its first look ends the power-down.
      await made.vm.runFor(5, 'driver.ready()');
      await made.vm.runFor(START_MS, 'driver.ready()');
      return made;
    };

    it('reads every value as the chip says it, bit for bit, negative ones and all ones too', async () => {
      const values = [0, 1, -1, 2, -2, 84_000, -84_000, 0x555555, -0x555556, MOST - 1, LEAST + 1, 0x400000, -0x400000];
      const left = [...values];
      const { vm } = await started({ conversion: () => left.shift()! });
      for (const value of values) {
        const printed = await vm.runFor(13, 'told([driver.ready(), driver.read()])');
        assert.deepEqual(printed, [[true, [value]]]);
      }
    });

    it('takes 25 pulses a conversion, each of two writes while nothing else can run', async () => {
      const { vm } = await started({});
      const [log, counts] = vm.run(`
import machine
log = []
class Spied:
    def __init__(self, pin): self.pin = pin
    def value(self, level=None):
        if level is None:
            return self.pin.value()
        log.append(str(level))
        self.pin.value(level)
real_disable, real_enable = machine.disable_irq, machine.enable_irq
def disable():
    log.append('(')
    return real_disable()
def enable(state):
    real_enable(state)
    log.append(')')
machine.disable_irq, machine.enable_irq = disable, enable
driver.sck = Spied(driver.sck)
unguarded = hx711_chip.CLOCK.unguarded
driver.read()
machine.disable_irq, machine.enable_irq = real_disable, real_enable
told(''.join(log))
told([hx711_chip.CLOCK.unguarded - unguarded, hx711_chip.CLOCK.level])
`) as [string, number[]];
      assert.equal(log, '(10)'.repeat(25));
      assert.deepEqual(counts, [0, 0]);
    });

    it('reads four chips, none in step with another, when the slowest is ready, and mixes no bits', async () => {
      const values = [-1, 0x123456, -0x654321, 0];
      const { vm, cells } = await started({ count: 4, conversion: (cell) => values[cell]! });
      let waited = 0;
      for (let read = 0; read < 50; ) {
        const [printed] = (await vm.runFor(1, 'told(driver.read() if driver.ready() else None)')) as [number[] | null];
        if (printed === null) waited += 1;
        else read += 1;
        if (printed !== null) assert.deepEqual(printed, values);
      }
      // 50 conversions of 12.5 ms, looked for each ms: most looks find that one chip is not ready yet.
      assert.ok(waited > 400, `${waited} looks in vain`);
      assert.ok([0, 1, 2, 3].some((cell) => cells.conversionReady(cell)));
    });

    it('names the chip that is out of range, at either end', async () => {
      for (const end of [MOST, LEAST]) {
        const { vm } = await started({ count: 3, conversion: (cell) => (cell === 2 ? end : 5) });
        const printed = vm.run('try:\n    driver.read()\nexcept OSError as error:\n    told(error.args)');
        assert.deepEqual(printed, [['scale.saturated', 2]]);
      }
    });

    it('calls a chip that is out of range so, even where its next conversion comes while this one is read', async () => {
      const { vm } = await started({ conversion: () => MOST });
      const printed = vm.run(`
class Quick:
    def __init__(self, pin, chip): self.pin, self.chip = pin, chip
    def value(self): return self.pin.value() if self.chip.pulse else 0
driver.dts[0] = Quick(driver.dts[0], hx711_chip.CHIPS[15])
try:
    driver.read()
except OSError as error:
    told(error.args)`);
      assert.deepEqual(printed, [['scale.saturated', 0]]);
    });

    it('names the chip that says nothing, and the one whose line is stuck low', async () => {
      for (const fault of ['silent', 'shorted'] as const) {
        const { vm } = await started({ count: 2, cellFault: (cell) => (cell === 1 ? fault : undefined) });
        const printed = vm.run(`
told(driver.ready())
try:
    driver.read()
except OSError as error:
    told(error.args)`);
        assert.deepEqual(printed, [fault === 'shorted', ['scale.silent', 1]]);
      }
    });

    it('powers the chips down on purpose only, and gives nothing before they have settled', async () => {
      const { vm } = await started({ massGrams: () => 1_000 });
      const downs = Number(vm.run('told(hx711_chip.CLOCK.downs)')[0]);
      vm.run('driver.restart()\nbegan = time.ticks_ms()');
      let first: unknown;
      for (let ms = 0; first === undefined && ms < 200; ms += 1) {
        [first] = await vm.runFor(
          1,
          'if driver.ready():\n    told([time.ticks_diff(time.ticks_ms(), began), driver.read(), hx711_chip.CLOCK.downs])',
        );
      }
      const [ms, [counts], after] = first as [number, [number], number];
      assert.ok(ms >= 65 && ms <= 85, `ready after ${ms} ms`);
      // 84,000 and 420 a gram; a conversion from before would be far below.
      assert.ok(Math.abs(counts - 504_000) < 10 * 420, String(counts));
      assert.equal(after, downs + 1);
    });

    it('comes back after a pulse that something held for too long', async () => {
      let pulses = 0;
      const pulseUs = () => {
        pulses += 1;
        return pulses === 40 ? 61 : 60;
      };
      const { vm } = await started({ massGrams: () => 1_000, pulseUs });
      const seen: number[] = [];
      for (let ms = 0; ms < 400; ms += 4) {
        const printed = (await vm.runFor(
          4,
          'try:\n    told(driver.read() if driver.ready() else [])\nexcept OSError:\n    told([])',
        )) as [number[]];
        seen.push(...printed.flat());
      }
      assert.equal(vm.run('told(hx711_chip.CLOCK.downs)')[0], 2);
      assert.ok(seen.length >= 20, `${seen.length} conversions`);
      // Cut short while it was read and before it had settled: the scale's median has to cope with at most these.
      assert.ok(seen.filter((counts) => Math.abs(counts - 504_000) > 10 * 420).length <= 6, JSON.stringify(seen));
    });

    it('refuses to be made without a chip, or with more than eight', async () => {
      const { vm } = await started({});
      const printed = vm.run(`
for dts in ((), tuple(range(9))):
    try:
        HX711(14, dts)
    except ValueError as error:
        told(error.args)`);
      assert.deepEqual(printed, [['dts'], ['dts']]);
    });
  });
}
