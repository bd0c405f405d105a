// The firmware's scale on simulated load cells: when it believes a mass, how sure it says it is, and what it says when blind.
import assert from 'node:assert/strict';
import type { CellFault } from '../../sim/src/case/load-cells.ts';
import { type Shelf, type ShelfOptions, shelf } from './shelf.ts';
import { VMS } from './vms.ts';

interface Rested {
  readonly grams: number;
  readonly sigma: number;
  readonly ms: number;
}

/** Power-up and settling of the chips, and a window of readings at rest. */
const START_MS = 2_000;
/** The firmware's own limits (firmware/app/config.py). */
const SETTLE_MS_MAX = 4_000;
const SIGMA_GRAMS_BLIND = 100_000;
const CELL_LOST_MS = 500;
const DOOR_SHUT_MS_MAX = 1_200;

/** With its task running, and settled. */
async function watched(options: ShelfOptions): Promise<Shelf> {
  const made = await shelf(options);
  await made.vm.runFor(START_MS, 'watch()');
  return made;
}

for (const { name, build } of VMS) {
  describe(`the scale, in MicroPython ${name}`, () => {
    const started = (options: Omit<ShelfOptions, 'build'>) => watched({ build, ...options });
    const rest = async ({ vm }: Shelf, ms = SETTLE_MS_MAX + 200): Promise<Rested> => {
      const printed = (await vm.runFor(ms, 'asyncio.create_task(rested())')) as Partial<Rested>[];
      const found = printed.find(({ sigma }) => sigma !== undefined);
      assert.ok(found !== undefined, `the scale never came to an end: ${JSON.stringify(printed)}`);
      return found as Rested;
    };
    const codes = ({ vm }: Shelf) => vm.run('told(faults.codes())')[0];

    it('has weighed long before 1.2 s after the door is shut', async () => {
      const made = await started({ massGrams: () => 12_000, count: 4 });
      const { grams, ms } = await rest(made);
      assert.ok(Math.abs(grams - 12_000) < 3, `${grams} g`);
      const [door] = made.vm.run('told(config.DEBOUNCE_MS + 2 * config.TICK_MS)') as [number];
      assert.ok(ms < 260, `${ms} ms to rest`);
      assert.ok(door + ms < DOOR_SHUT_MS_MAX, `${door + ms} ms`);
    });

    it('has a baseline at hand at rest, of every cell and of all together', async () => {
      const made = await started({ massGrams: () => 4_000, count: 4 });
      const [settled, grams, cells] = made.vm.run(
        'told(weigher.settled()), told(weigher.grams()), told(weigher.cells())',
      );
      assert.ok(Math.abs((settled as number[])[0]! - 4_000) < 3, String(settled));
      assert.ok(Math.abs((grams as number) - 4_000) < 4, String(grams));
      assert.equal((cells as number[]).length, 4);
      for (const cell of cells as number[]) assert.ok(Math.abs(cell - 1_000) < 3, String(cells));
      assert.deepEqual(codes(made), []);
    });

    it('waits for a hand that leaves, and is then as exact as ever', async () => {
      let made: Shelf;
      const leftAtMs = START_MS + 1_500;
      const hand = () => {
        const ms = made?.vm.clock.nowMs() ?? 0;
        return ms > START_MS && ms < leftAtMs ? 800 + 300 * Math.sin(ms / 40) : 0;
      };
      made = await started({ massGrams: () => 2_000 + hand() });
      const { grams, sigma, ms } = await rest(made);
      assert.ok(Math.abs(grams - 2_000) < 3, `${grams} g`);
      assert.ok(sigma < 1, `sigma ${sigma}`);
      assert.ok(ms > 1_500 && ms < 2_000, `${ms} ms`);
    });

    it('a hand that leans on the shelf delays the visit by 4 s at most, and the sigma covers it', async () => {
      let made: Shelf;
      const hand = () => 250 * Math.sin((made?.vm.clock.nowMs() ?? 0) / 300);
      made = await started({ massGrams: () => 2_000 + hand() });
      const { grams, sigma, ms } = await rest(made);
      assert.ok(ms >= SETTLE_MS_MAX && ms < SETTLE_MS_MAX + 50, `${ms} ms`);
      assert.ok(sigma > 300 && sigma < SIGMA_GRAMS_BLIND, `sigma ${sigma}`);
      assert.ok(Math.abs(grams - 2_000) < sigma, `${grams} g`);
    });

    it('a shelf that creeps is not at rest, though it never leaves the spread', async () => {
      let made: Shelf;
      // 60 g a second: each window is within the spread.
      made = await started({ massGrams: () => ((made?.vm.clock.nowMs() ?? 0) * 60) / 1_000 });
      const { sigma, ms } = await rest(made);
      assert.ok(ms >= SETTLE_MS_MAX, `believed after ${ms} ms`);
      assert.ok(sigma > 100, `sigma ${sigma}`);
    });

    it('one mad reading in eight changes nothing', async () => {
      let readings = 0;
      const driftGrams = () => {
        readings += 1;
        return readings % 9 === 0 ? 3_000 : 0;
      };
      const made = await started({ massGrams: () => 1_500, driftGrams });
      const { grams, sigma } = await rest(made);
      assert.ok(Math.abs(grams - 1_500) < 3, `${grams} g`);
      assert.ok(sigma < 1, `sigma ${sigma}`);
    });

    it('a silent cell is told within a second, restarted, and makes the scale blind: neither a full basket nor an empty one', async () => {
      let fault: CellFault | undefined;
      const made = await started({
        count: 4,
        massGrams: () => 3_000,
        cellFault: (cell) => (cell === 2 ? fault : undefined),
      });
      fault = 'silent';
      const printed = await made.vm.runFor(1_000, 'downs = hx711_chip.CLOCK.downs');
      assert.deepEqual(printed, [{ says: 'scale.silent chip 2' }]);
      assert.deepEqual(codes(made), ['scale.silent']);
      assert.equal(made.vm.run('told(weigher.settled())')[0], null);
      const blind = await made.vm.runFor(SETTLE_MS_MAX, 'asyncio.create_task(rested(2999.5))');
      const { grams, sigma, ms } = blind[0] as Rested;
      assert.deepEqual([grams, sigma], [2_999.5, SIGMA_GRAMS_BLIND]);
      assert.ok(ms <= CELL_LOST_MS + 50, `${ms} ms for nothing`);
      const [downs] = made.vm.run('told(hx711_chip.CLOCK.downs - downs)') as [number];
      assert.ok(downs >= 2 && downs <= 4, `${downs} restarts in five seconds`);
      fault = undefined;
      await made.vm.runFor(START_MS + CELL_LOST_MS, '');
      assert.deepEqual(codes(made), []);
      const again = await rest(made);
      assert.ok(Math.abs(again.grams - 3_000) < 3, `${again.grams} g`);
    });

    it('a chip that hangs until it is switched off and on is back without anybody', async () => {
      let hangs = false;
      const made = await shelf({ build, massGrams: () => 700, cellFault: () => (hangs ? 'silent' : undefined) });
      await made.vm.runFor(START_MS, 'watch()');
      hangs = true;
      made.vm.run(`
restart = driver.restart
def healing():
    restart()
    told('restarted')
driver.restart = healing`);
      const printed = await made.vm.runFor(1_000, '');
      assert.deepEqual(printed, [{ says: 'scale.silent chip 0' }, 'restarted']);
      hangs = false;
      await made.vm.runFor(START_MS, '');
      assert.deepEqual(codes(made), []);
      assert.ok(Math.abs((await rest(made)).grams - 700) < 3);
    });

    it('a torn wire is a saturated scale, told once, and gone when it is mended', async () => {
      let fault: CellFault | undefined;
      const made = await started({ massGrams: () => 900, cellFault: () => fault });
      fault = 'torn';
      const printed = await made.vm.runFor(10_000, '');
      assert.deepEqual(printed, [{ says: 'scale.saturated chip 0' }]);
      assert.deepEqual(codes(made), ['scale.saturated']);
      assert.equal((await rest(made)).sigma, SIGMA_GRAMS_BLIND);
      fault = undefined;
      await made.vm.runFor(START_MS, '');
      assert.deepEqual(codes(made), []);
      assert.ok(Math.abs((await rest(made)).grams - 900) < 3);
    });

    it('a data line that is stuck low is silent, not a shelf with nothing on it', async () => {
      let fault: CellFault | undefined;
      const made = await started({ massGrams: () => 900, cellFault: () => fault });
      fault = 'shorted';
      await made.vm.runFor(1_000, '');
      assert.deepEqual(codes(made), ['scale.silent']);
    });

    it('loses no conversion while a customer is served, and counts them when it does', async () => {
      const made = await started({ massGrams: () => 900 });
      made.vm.run('calm = False');
      await made.vm.runFor(200, '');
      const before = made.cells.overwritten(0);
      await made.vm.runFor(10_000, 'good = weigher.conversions.good');
      assert.equal(made.cells.overwritten(0), before);
      const [missed, good] = made.vm.run('told(weigher.missed()), told(weigher.conversions.good - good)') as number[];
      assert.equal(missed, 0);
      assert.ok(good! >= 799 && good! <= 801, `${good} of 800`);
      // A radio that holds the loop for 40 ms each time.
      await made.vm.runFor(10_000, 'config.SCALE_PERIOD_MS = 40');
      const lost = made.cells.overwritten(0) - before;
      const [counted] = made.vm.run('told(weigher.missed())') as [number];
      assert.ok(lost > 500, `${lost} lost`);
      assert.ok(Math.abs(counted - lost) <= 0.05 * lost, `${counted} counted of ${lost}`);
    });
  });
}

describe('what the scale says of its own error', () => {
  const VISITS = 150;
  const noises = [
    { title: 'white noise', humGrams: 0, least: 5 / 6 },
    // Ten whole periods in a window: hum is in the scatter of the readings, and hardly in their mean.
    { title: 'mains that shake the reading by 4 g', humGrams: 4, least: 1 / 3 },
  ];
  for (const { title, humGrams, least } of noises) {
    it(`is what differences are really off by, and no less: ${title}`, async () => {
      let grams = 12_000;
      const { vm } = await shelf({ build: VMS[1].build, massGrams: () => grams, humGrams: () => humGrams });
      await vm.runFor(START_MS, '');
      let errors = 0;
      let stated = 0;
      let before: Rested | undefined;
      for (let visit = 0; visit <= VISITS; visit += 1) {
        const [after] = (await vm.runFor(700, 'asyncio.create_task(rested())')) as [Rested];
        if (before !== undefined) {
          errors += (before.grams - after.grams - 355 * (visit % 2 === 1 ? 1 : -1)) ** 2;
          stated += before.sigma ** 2 + after.sigma ** 2;
        }
        grams += visit % 2 === 0 ? -355 : 355;
        before = after;
      }
      const ratio = Math.sqrt(errors / stated);
      assert.ok(ratio > least && ratio < 7 / 6, `off by ${ratio} of what it states`);
      // And no worse than 16 readings allow: 1.5 g x sqrt(2 / 16).
      if (humGrams === 0) assert.ok(Math.sqrt(errors / VISITS) < 0.6, `${Math.sqrt(errors / VISITS)} g`);
    });
  }
});

describe('the memory of the scale', () => {
  it('needs no more memory after ten thousand conversions', async () => {
    const made = await watched({ build: VMS[1].build, massGrams: () => 900, count: 1 });
    // These builds collect when the call that asks for it is over.
    const used = async (): Promise<number> => {
      await made.vm.runFor(20, 'weigher.settled(), weigher.cells()');
      made.vm.run('gc.collect()');
      return (made.vm.run('told(gc.mem_alloc())') as [number])[0];
    };
    await made.vm.runFor(1_000, 'calm = False; config.SCALE_PERIOD_MS = 12');
    const before = await used();
    await made.vm.runFor(130_000, 'good = weigher.conversions.good');
    const [good] = made.vm.run('told(weigher.conversions.good - good)') as [number];
    const after = await used();
    assert.ok(good >= 10_000, `${good} conversions`);
    assert.ok(after - before < 1_024, `${after - before} bytes more`);
  });
});
