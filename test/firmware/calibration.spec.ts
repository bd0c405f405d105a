// What makes grams of counts: a file that may be broken in every way, a tare, a known weight, and a zero that follows a drift.
import assert from 'node:assert/strict';
import { calibrationFile } from '../../sim/src/case/load-cells.ts';
import { type Shelf, type ShelfOptions, shelf } from './shelf.ts';
import { VMS } from './vms.ts';

const START_MS = 2_000;
const MINUTE_MS = 60_000;
/** The firmware's own limits (firmware/app/config.py). */
const DAY_GRAMS = 40;

const good = { version: 1, cells: [[84_000, 420_000]], drift: 0 };
const BROKEN: Readonly<Record<string, string | Uint8Array | null>> = {
  'is not there': null,
  'is empty': '',
  'was cut': '{"version": 1, "cells": [[84000, 4200',
  'is noise': Uint8Array.from({ length: 200 }, (_, at) => (at * 73 + 129) % 256),
  'is a number': '7',
  'is null': 'null',
  'is a list': '[]',
  'is of another version': JSON.stringify({ ...good, version: 2 }),
  'has a version that is true': JSON.stringify({ ...good, version: true }),
  'has no version': JSON.stringify({ cells: good.cells, drift: 0 }),
  'has no cells': JSON.stringify({ version: 1, drift: 0 }),
  'has cells of another kind': JSON.stringify({ ...good, cells: { 0: [84_000, 420_000] } }),
  'is of another shelf, with more cells': calibrationFile(4),
  'has a cell that is a word': JSON.stringify({ ...good, cells: ['84000,420000'] }),
  'has half a cell': JSON.stringify({ ...good, cells: [[84_000]] }),
  'has words for counts': JSON.stringify({ ...good, cells: [['84000', '420000']] }),
  'has counts that are no whole numbers': JSON.stringify({ ...good, cells: [[84_000.5, 420_000]] }),
  'has a zero that no chip says': JSON.stringify({ ...good, cells: [[0x800000, 420_000]] }),
  'has a scale of nothing': JSON.stringify({ ...good, cells: [[84_000, 0]] }),
  'has a scale that is too coarse': JSON.stringify({ ...good, cells: [[84_000, 999]] }),
  'has a scale that is too fine': JSON.stringify({ ...good, cells: [[84_000, 20_000_001]] }),
  'has no drift': JSON.stringify({ version: 1, cells: good.cells }),
  'has an endless drift': '{"version": 1, "cells": [[84000, 420000]], "drift": 1e999}',
  'has a drift that is true': JSON.stringify({ ...good, drift: true }),
};

for (const { name, build } of VMS) {
  describe(`the calibration of the scale, in MicroPython ${name}`, () => {
    const started = async (options: Omit<ShelfOptions, 'build'>): Promise<Shelf> => {
      const made = await shelf({ build, ...options });
      await made.vm.runFor(START_MS, 'watch()');
      return made;
    };
    const read = ({ vm }: Shelf) =>
      vm.run('told([calibration.zeros, calibration.counts_per_kg, calibration.drift, faults.codes()])')[0];

    it('believes a whole file of this shelf, and no broken one: then the program’s numbers weigh, and say so', async () => {
      const made = await shelf({
        build,
        calibration: JSON.stringify({ version: 1, cells: [[-9, -55_000]], drift: 1.5 }),
      });
      assert.deepEqual(read(made), [[-9], [-55_000], 1.5, []]);
      for (const [how, text] of Object.entries(BROKEN)) {
        if (text === null) made.vm.run("os.remove('/flash/calibration.json')");
        else made.vm.file('/flash/calibration.json', text);
        const [found] = made.vm.run(`
calibration = Calibration(flash, 1, config.COUNTS_ZERO, config.COUNTS_PER_KG)
scale.calibration, faults = calibration, Faults()
Weigher(driver, scale, faults)
told([calibration.zeros, calibration.counts_per_kg, calibration.drift, faults.codes()])`);
        assert.deepEqual(found, [[84_000], [420_000], 0, ['scale.uncalibrated']], `a file that ${how}`);
      }
    });

    it('a tare makes the shelf as it stands the empty one, and outlives a reset', async () => {
      const made = await started({ massGrams: () => 1_234, count: 4, calibration: null });
      assert.deepEqual((read(made) as unknown[])[3], ['scale.uncalibrated']);
      const [done] = made.vm.run('told(weigher.tare())');
      assert.equal(done, true);
      const [grams, cells] = made.vm.run('told(weigher.grams()), told(weigher.cells())') as [number, number[]];
      assert.ok(Math.abs(grams) < 3, `${grams} g`);
      for (const cell of cells) assert.ok(Math.abs(cell) < 1, String(cells));
      assert.deepEqual((read(made) as unknown[])[3], []);
      const [kept] = made.vm.run(`
again = Calibration(flash, 4, 1, 1000)
told([again.known, again.zeros == calibration.zeros, again.counts_per_kg])`);
      assert.deepEqual(kept, [true, true, [420_000, 420_000, 420_000, 420_000]]);
    });

    it('tares no shelf that moves', async () => {
      let made: Shelf;
      made = await started({ massGrams: () => ((made?.vm.clock.nowMs() ?? 0) % 1_000) / 2 });
      await made.vm.runFor(START_MS, '');
      const before = read(made);
      assert.deepEqual(made.vm.run('told(weigher.tare())'), [false]);
      assert.deepEqual(read(made), before);
    });

    it('tares no shelf whose cell is gone', async () => {
      let gone = false;
      const made = await started({ massGrams: () => 700, cellFault: () => (gone ? 'silent' : undefined) });
      const before = read(made);
      gone = true;
      await made.vm.runFor(1_000, '');
      assert.deepEqual(made.vm.run('told(weigher.tare())'), [false]);
      assert.deepEqual((read(made) as unknown[]).slice(0, 3), (before as unknown[]).slice(0, 3));
    });

    it('finds each cell’s scale from a weight that stands over one after the other and is felt by all', async () => {
      const { vm } = await shelf({ build });
      // 2 kg; the cell below it carries 40 %, the others 20 % each, and the third is wired the other way round.
      const perKg = [420_000, 400_000, -435_000, 410_000];
      const rises = perKg.map((_, place) =>
        perKg.map((one, cell) => Math.round(2 * one * (cell === place ? 0.4 : 0.2))),
      );
      const [found] = vm.run(
        `import calibration as c\ntold(c.counts_per_kg(${JSON.stringify(rises)}, 2000))`,
      ) as number[][];
      for (const [cell, one] of found!.entries()) assert.ok(Math.abs(one / perKg[cell]! - 1) < 1e-4, String(found));
      for (const bad of [
        [[0]],
        [[100]],
        [
          [900_000, 900_000],
          [900_000, 900_000],
        ],
      ]) {
        const [refused] = vm.run(`
try:
    c.counts_per_kg(${JSON.stringify(bad)}, 2000)
except ValueError as error:
    told(str(error))`);
        assert.match(String(refused), /does not feel|no cell is like that/);
      }
    });

    it('is done by hand at the REPL: empty, then a known weight over each cell', async () => {
      let grams = 300;
      const made = await shelf({ build, massGrams: () => grams, calibration: null });
      let now = made.vm.clock.nowMs();
      const pass = (ms: number) => {
        now += ms;
      };
      made.vm.module('wait', { ms: pass });
      made.vm.clock.nowMs = () => now;
      const by = (code: string) => made.vm.run(code);
      by(`
import wait
time.sleep_ms, time.ticks_ms = wait.ms, lambda: int(hx711_chip.bridge.nowMs())
import calibrate
calibrate.print = noted`);
      assert.throws(() => by('calibrate.calibrate(2000)'), /tare\(\) first/);
      const [empty] = by('calibrate.tare()') as { says: string }[];
      assert.match(empty!.says, /empty at \[2\d{5}\]/);
      grams += 2_000;
      const [scale] = by('calibrate.calibrate(2000)') as { says: string }[];
      assert.match(scale!.says, /counts per kg \[4(19|20)\d{3}\]/);
      const [[felt]] = by('told(calibrate.calibrate.grams())') as [[number]];
      assert.ok(Math.abs(felt - 2_000) < 1, `${felt} g`);
      const [kept] = by('told(Calibration(flash, 1, 1, 1000).known)');
      assert.equal(kept, true);
    });
  });
}

describe('the zero of the scale', () => {
  const { build } = VMS[1];
  /** `hours(n, creep)` plays a quiet case at once: a reading a second with its noise, and cells that creep so many grams a minute. */
  const creeping = async (): Promise<Shelf> => {
    const made = await shelf({ build });
    made.vm.run(`
import random
random.seed(7)
zero = auto_zero.AutoZero(scale, faults)
at, grams = 0, 5000.0
def hours(n, creep):
    global at, grams
    for _ in range(round(n * 3600)):
        at, grams = at + 1000, grams + creep / 60
        noise = sum([random.random() for _ in range(4)]) - 2
        counts = (84000 + round((grams + 2.6 * noise) * 420),)
        zero.add(counts, at, lambda now, then: now - then)
        zero.tick(at, lambda now, then: now - then, lambda: 4.5)
    told([calibration.grams((84000 + round(grams * 420),)), calibration.drift, faults.codes()])
`);
    return made;
  };
  type Told = [grams: number, drift: number, codes: string[]];

  it('follows what the cells creep behind a locked door, and says how far, in flash too', async () => {
    const { vm } = await creeping();
    const printed = vm.run('hours(3.01, 0.133)');
    const [grams, drift, codes] = printed.at(-1) as Told;
    assert.ok(Math.abs(grams - 5_000) < 1.5, `${grams} g`);
    assert.ok(Math.abs(drift - 24) < 1.5, `${drift} g`);
    assert.deepEqual(codes, []);
    // Each line goes with a write to flash.
    assert.ok(printed.length >= 8 && printed.length <= 25, `${printed.length} lines`);
    const [kept, log] = vm.run('told(Calibration(flash, 1, 1, 1000).drift), told(zero.log)') as [number, number[][]];
    assert.ok(Math.abs(kept - drift) <= 2, `${kept} g kept of ${drift}`);
    assert.deepEqual(
      log.map(([hour, , celsius]) => [hour, celsius]),
      [1, 2, 3].map((hour) => [hour, 4.5]),
    );
  });

  it('stops after 40 g in a day, says that the scale drifts, and starts again the next day', async () => {
    const { vm } = await creeping();
    const [grams, drift, codes] = vm.run('hours(1, 1)').at(-1) as Told;
    assert.ok(drift > DAY_GRAMS - 2.5 && drift <= DAY_GRAMS, `${drift} g`);
    assert.ok(grams > 5_015, `${grams} g`);
    assert.deepEqual(codes, ['scale.drift']);
    const [, still] = vm.run('hours(1, 1)').at(-1) as Told;
    assert.equal(still, drift);
    const [, next, well] = vm.run('zero.hours = 23\nhours(1.1, 0.5)').at(-1) as Told;
    assert.ok(next > DAY_GRAMS + 1, `${next} g`);
    assert.deepEqual(well, []);
  });

  it('says that a scale wants a tare when it has drifted far since the last', async () => {
    const { vm } = await creeping();
    const [, , codes] = vm.run('calibration.drift = 199.0\nhours(0.2, 0.5)').at(-1) as Told;
    assert.deepEqual(codes, ['scale.drift']);
    await vm.runFor(START_MS, 'watch()');
    const printed = vm.run('told(weigher.tare()), told([weigher.drift(), faults.codes()])');
    assert.deepEqual(printed, [true, [0, []]]);
  });

  it('leaves alone what is no drift: a pack that falls over, goods that go, a hand at the open door', async () => {
    let grams = 5_000;
    const made = await shelf({ build, massGrams: () => grams });
    await made.vm.runFor(START_MS, 'watch()');
    await made.vm.runFor(3 * MINUTE_MS, '');
    grams += 30;
    await made.vm.runFor(3 * MINUTE_MS, '');
    made.vm.run('calm = False');
    for (let pack = 0; pack < 5; pack += 1) {
      grams -= 1.5;
      await made.vm.runFor(START_MS, '');
    }
    await made.vm.runFor(3 * MINUTE_MS, 'calm = True');
    const [felt, drift, codes] = made.vm.run('told(weigher.grams()), told(weigher.drift()), told(faults.codes())');
    assert.deepEqual([drift, codes], [0, []]);
    assert.ok(Math.abs(Number(felt) - grams) < 4, `${felt} g of ${grams}`);
  });

  it('keeps no more than a day of its log', async () => {
    const { vm } = await shelf({ build });
    const [log] = vm.run(`
for hour in range(50):
    weigher.auto_zero.tick(time.ticks_add(0, hour * 3600001), time.ticks_diff, lambda: None)
told(weigher.auto_zero.log)`) as [unknown[]];
    assert.equal(log.length, 24);
    assert.deepEqual(log.at(-1), [49, 0, null]);
  });
});
