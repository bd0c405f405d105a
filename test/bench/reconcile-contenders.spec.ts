// The benchmark's contenders on visits made by hand, its score, and its runner.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CameraView, type Catalog, createScore, orThrow, parseCase, parseCatalog } from '@tapcase/domain';
import { createWorld } from '../../bench/reconcile/catalog.ts';
import type { Contender, ContenderMaker, Decision } from '../../bench/reconcile/contender.ts';
import { cameraCounts } from '../../bench/reconcile/contenders/camera-counts.ts';
import { documentsRule } from '../../bench/reconcile/contenders/documents-rule.ts';
import { nearestWeight } from '../../bench/reconcile/contenders/nearest-weight.ts';
import { winnersRule } from '../../bench/reconcile/contenders/winners-rule.ts';
import { BEGIN, END, withTables } from '../../bench/reconcile/document.ts';
import { exportCases } from '../../bench/reconcile/export.ts';
import { type Job, type JobResult, runJob, worldOf } from '../../bench/reconcile/job.ts';
import { parseOptions } from '../../bench/reconcile/options.ts';
import { runJobs } from '../../bench/reconcile/pool.ts';
import { addDecision, f1Of } from '../../bench/reconcile/score.ts';
import { SCENARIO_NAMES } from '../../bench/reconcile/standard-mix.ts';
import { summarize } from '../../bench/reconcile/summary.ts';
import { parameterTables, resultTables } from '../../bench/reconcile/tables.ts';
import { type CaseInput, makeVisit } from '../../bench/reconcile/visit.ts';
import { DEMO } from '../domain/demo-catalog.ts';

const STOCK = { cola: 3, soda: 3, water: 3, chips: 3, juice: 3, candy: 3 };
const SHELVED: Catalog = {
  ...DEMO,
  products: DEMO.products.map((product) => ({ ...product, zone: product.sku === 'water' ? 'bottom' : 'top' })),
};
const TRUTH = makeVisit(createWorld({ products: 10, seed: 1 }), { split: 'train', seed: 1, index: 0 }).truthParameters;
/** One catalog, few visits, every scenario a few times. */
const JOB: Job = { variant: 'total', products: 10, seed: 5, catalog: 0, split: 'train', visits: 60, perScenario: 4 };
/** As few as show that the order of the work changes nothing. */
const SMALL: Job = { ...JOB, visits: 12, perScenario: 0 };

/** Both cameras saw this go, of a full shelf. */
function saw(...gone: readonly Readonly<Record<string, number>>[]): CameraView[] {
  return gone.map((counts, at) => ({
    camera: `${at}`,
    before: STOCK,
    after: Object.fromEntries(
      Object.entries(STOCK)
        .map(([label, count]) => [label, count - (counts[label] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    ),
  }));
}

function visit(removedGrams: number | null, cameras: CameraView[] | null, more: Partial<CaseInput> = {}): CaseInput {
  const scale = removedGrams === null ? null : { removedGrams, sigmaGrams: 2.5 };
  return { catalog: DEMO, scale, zones: [], cameras, stock: STOCK, ...more };
}

function contender(maker: ContenderMaker, catalog = DEMO): Contender {
  return maker.create({ catalog, history: [[{ sku: 'cola', count: 1 }]], training: () => [] });
}

function decide(maker: ContenderMaker, input: CaseInput): Decision {
  return contender(maker, input.catalog).decide(input, TRUTH);
}

function best(maker: ContenderMaker, input: CaseInput): Record<string, number> {
  const decision = decide(maker, input);
  assert.deepEqual(decision.charged, decision.best);
  assert.equal(decision.probability, null);
  return Object.fromEntries(decision.best.map(({ sku, count }) => [sku, count]));
}

describe("the benchmark's contenders", () => {
  it("documents' rule: two of three colas are nothing, all three are one, and the scale's objection is a review", () => {
    const two = visit(710, saw({ cola: 2 }, { cola: 2 }));
    assert.deepEqual(best(documentsRule, two), {});
    assert.equal(decide(documentsRule, two).review, true);
    assert.deepEqual(best(documentsRule, visit(1_065, saw({ cola: 3 }, { cola: 3 }))), { cola: 1 });
    const last = visit(353, saw({ cola: 3 }, { cola: 3 }));
    assert.equal(decide(documentsRule, last).review, false);
    assert.equal(decide(documentsRule, visit(null, saw({ cola: 2 }))).review, false);
  });

  it("documents' rule: what one camera still sees has not gone", () => {
    assert.deepEqual(best(documentsRule, visit(355, saw({ cola: 3 }, { cola: 2 }))), {});
  });

  it('camera counts: two of three colas are two, by the camera that sees more; what comes is not charged', () => {
    assert.deepEqual(best(cameraCounts, visit(0, saw({ cola: 2, chips: 1 }, { cola: 2, chips: 1 }))), {
      cola: 2,
      chips: 1,
    });
    assert.deepEqual(best(cameraCounts, visit(0, saw({ cola: 2 }, { cola: 3 }))), { cola: 2 });
    assert.deepEqual(best(cameraCounts, visit(0, saw({ cola: -1 }, { cola: -1 }))), {});
    assert.deepEqual(best(cameraCounts, visit(355, null)), {});
  });

  it('camera counts: of products that share a label it names the one that sells best', () => {
    const shared = { ...DEMO, products: DEMO.products.map((product) => ({ ...product, labels: ['thing'] })) };
    const cameras = [{ camera: '0', before: { thing: 9 }, after: { thing: 8 } }];
    assert.deepEqual(best(cameraCounts, visit(260, cameras, { catalog: shared })), { cola: 1 });
  });

  it('nearest weight: the nearest mass, as few pieces as its noise allows, and no more than there are', () => {
    assert.deepEqual(best(nearestWeight, visit(355.4, null)), { cola: 1 });
    assert.deepEqual(best(nearestWeight, visit(349, null)), { soda: 1 });
    assert.deepEqual(best(nearestWeight, visit(3, null)), {});
    assert.deepEqual(best(nearestWeight, visit(705.5, null)), { cola: 1, soda: 1 });
    assert.deepEqual(best(nearestWeight, visit(700.1, null)), { soda: 2 });
    assert.deepEqual(best(nearestWeight, visit(3 * 510 + 356, null)), { cola: 1, water: 3 });
    assert.deepEqual(best(nearestWeight, visit(100, null)), { candy: 2 });
    assert.deepEqual(best(nearestWeight, visit(100, null, { stock: { ...STOCK, candy: 1 } })), { chips: 1, candy: 1 });
    assert.deepEqual(best(nearestWeight, visit(null, saw({ cola: 1 }))), {});
  });

  it("winner's rule: where it went counts more than what it weighed", () => {
    assert.deepEqual(best(winnersRule, visit(355, saw({ soda: 1 }, { soda: 1 }))), { soda: 1 });
    assert.deepEqual(best(winnersRule, visit(350, null)), { soda: 1 });
  });

  it("winner's rule: piece for piece what was seen going, then what the mass says of the rest", () => {
    assert.deepEqual(best(winnersRule, visit(425, saw({ cola: 1, chips: 1 }, { cola: 1, chips: 1 }))), {
      cola: 1,
      chips: 1,
    });
    assert.deepEqual(best(winnersRule, visit(865, saw({ cola: 1 }, { cola: 1 }))), { cola: 1, water: 1 });
  });

  it("winner's rule: without four tenths of its mass nothing was taken, whatever the cameras saw", () => {
    assert.deepEqual(best(winnersRule, visit(140, saw({ cola: 1 }, { cola: 1 }))), {});
    assert.deepEqual(best(winnersRule, visit(150, saw({ cola: 1 }, { cola: 1 }))), { cola: 1 });
    assert.deepEqual(best(winnersRule, visit(null, saw({ cola: 1 }, { cola: 1 }))), {});
  });

  it("winner's rule: shelf by shelf, and what one shelf lost and another got was put back", () => {
    const zones = (topGrams: number, bottomGrams: number) => [
      { zone: 'top', removedGrams: topGrams, sigmaGrams: 1 },
      { zone: 'bottom', removedGrams: bottomGrams, sigmaGrams: 1 },
    ];
    const at = (top: number, bottom: number) => ({ catalog: SHELVED, zones: zones(top, bottom) });
    assert.deepEqual(best(winnersRule, visit(860, null, at(350, 510))), { soda: 1, water: 1 });
    assert.deepEqual(best(winnersRule, visit(1_530, null, at(0, 1_530))), { water: 3 });
    assert.deepEqual(best(winnersRule, visit(0, saw({}, {}), at(-510, 510))), {});
    assert.deepEqual(best(winnersRule, visit(355, saw({ cola: 1 }, { cola: 1 }), at(-155, 510))), { water: 1 });
  });

  it('never fails, and never names more than a line a product, on any scenario', () => {
    for (const maker of [documentsRule, cameraCounts, nearestWeight, winnersRule]) {
      const world = createWorld({ products: 50, seed: 3 });
      const made = maker.create({ catalog: world.catalog, history: world.history, training: () => [] });
      for (const scenario of SCENARIO_NAMES) {
        for (const plates of [false, true]) {
          const one = makeVisit(world, { split: 'train', seed: 3, index: 0, scenario, plates });
          const lines = made.decide(one, one.truthParameters).best;
          assert.equal(new Set(lines.map(({ sku }) => sku)).size, lines.length);
          assert.ok(lines.every(({ count }) => Number.isInteger(count) && count > 0));
        }
      }
    }
  });
});

describe("the benchmark's score", () => {
  const line = (sku: string, count = 1) => ({ sku, count });

  it('tells a mix-up from a piece too many and a piece too few, and what was charged from what was believed', () => {
    const score = createScore(DEMO);
    const add = (best: readonly ReturnType<typeof line>[], truth: readonly ReturnType<typeof line>[]) =>
      addDecision(score, { best, probability: 0.9, charged: best, review: false }, { truth });
    add([line('cola')], [line('cola')]);
    add([line('cola')], [line('soda')]);
    add([line('cola', 2)], [line('cola')]);
    add([], [line('cola')]);
    addDecision(
      score,
      { best: [line('cola')], probability: 0.9, charged: [], review: true },
      { truth: [line('soda')] },
    );
    const result = score.result();
    const { visits, exactBaskets, overcharged, undercharged, review, calibration } = result;
    assert.deepEqual(
      [visits, exactBaskets.count, overcharged.count, undercharged.count, review.count],
      [5, 1, 2, 3, 1],
    );
    // 2 right of 5 named and 5 taken; 0.9 stated and a fifth right.
    assert.equal(f1Of(result), 0.4);
    assert.ok(Math.abs(calibration.expectedError! - 0.7) < 1e-9);
  });

  it('calls nothing named of nothing taken right', () => {
    const score = createScore(DEMO);
    addDecision(score, { best: [], probability: null, charged: [], review: false }, { truth: [] });
    assert.equal(f1Of(score.result()), 1);
    assert.equal(score.result().exactBaskets.rate, 1);
  });
});

describe("the benchmark's runner", () => {
  let result: JobResult;
  before(() => {
    result = runJob(JOB);
  });
  const decided = ({ contenders }: JobResult) =>
    Object.entries(contenders).map(([name, { mix, scenarios }]) => [name, mix, scenarios]);

  it('gives the same figures in one thread and in two', async () => {
    const jobs = [SMALL, { ...SMALL, catalog: 1 }, { ...SMALL, variant: 'plates' as const }];
    const [alone, together] = [await runJobs(jobs, quietly(1)), await runJobs(jobs, quietly(2))];
    assert.deepEqual(together.map(decided), alone.map(decided));
    assert.notDeepEqual(decided(alone[0]!), decided(alone[1]!));
  });

  it('plays every scenario at least as often as asked, and the mix by its shares alone', () => {
    const { contenders } = result;
    for (const { mix, scenarios } of Object.values(contenders)) {
      assert.equal(mix.counts.visits, 60);
      for (const name of SCENARIO_NAMES) assert.ok(scenarios[name].counts.visits >= 4, name);
    }
  });

  it('hands past visits to a contender that asks, none of them among those it is measured on', () => {
    const asked: string[] = [];
    const measured: CaseInput[] = [];
    const learner: ContenderMaker = {
      name: 'learner',
      create: ({ training }) => {
        const past = training(5);
        asked.push(...past.map(({ id, truth }) => `${id} ${truth.length >= 0}`));
        return {
          name: 'learner',
          decide: (input) => {
            measured.push(input);
            assert.ok(past.every(({ stock }) => JSON.stringify(stock) !== JSON.stringify(input.stock)));
            return { best: [], probability: 1, charged: [], review: false };
          },
        };
      },
    };
    runJob({ ...JOB, visits: 20, perScenario: 0 }, [learner]);
    assert.equal(new Set(asked).size, 5);
    assert.equal(measured.length, 20);
    // Neither truth nor scenario is in what a contender sees.
    assert.deepEqual(Object.keys(measured[0]!).sort(), ['cameras', 'catalog', 'scale', 'stock', 'zones']);
  });

  it('prints a row for every contender and scenario, and the source of every number', () => {
    const tables = resultTables(summarize([result]), { seed: 5, split: 'train', visits: 60, perScenario: 4 });
    assert.match(tables, /\| 10 \| AutoCheckout winner \| \d/);
    for (const name of SCENARIO_NAMES) assert.equal(tables.split(`| ${name} |`).length, 5, name);
    assert.match(parameterTables(), /\| `cellSigmaGrams` \| 2.83 \| g, before minus after, one cell \|/);
  });

  it('writes its tables between the markers and touches nothing else', () => {
    const fresh = withTables('# Reconcile\n\nWords.\n', 'one');
    assert.equal(fresh, `# Reconcile\n\nWords.\n\n${BEGIN}\none\n${END}\n`);
    assert.equal(withTables(`${fresh}After.\n`, 'two'), `# Reconcile\n\nWords.\n\n${BEGIN}\ntwo\n${END}\nAfter.\n`);
    assert.throws(() => withTables(`${END}\n${BEGIN}`, 'three'), /without/);
  });

  it('says what is wrong with its options', () => {
    assert.equal(parseOptions(['--sizes', '10,50', '--catalogs', '3', '--visits', '10']).jobs.length, 6);
    const visits = parseOptions(['--sizes', '10', '--catalogs', '3', '--visits', '10']).jobs.map((job) => job.visits);
    assert.equal(
      visits.reduce((sum, count) => sum + count, 0),
      10,
    );
    for (const [wrong, says] of [
      [['--seed', 'x'], /--seed takes whole numbers/],
      [['--split', 'both'], /test or train/],
      [['--sizes', '2'], /at least 5/],
      [['--variants', 'none'], /--variants are total/],
      [['--what'], /Unknown option/],
    ] as const) {
      assert.throws(() => parseOptions(wrong), says);
    }
  });

  it('exports a catalog that a case accepts, and a line for every visit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapcase-bench-'));
    try {
      const [into] = await exportCases(folder, [{ ...JOB, visits: 12 }]);
      const catalog = JSON.parse(readFileSync(join(into!, 'catalog.json'), 'utf8')) as Catalog;
      assert.deepEqual(parseCatalog(catalog), catalog);
      const lines = readFileSync(join(into!, 'cases.jsonl'), 'utf8').trimEnd().split('\n');
      assert.equal(lines.length, 12);
      const visits = lines.map((text) => orThrow(parseCase(JSON.parse(text), catalog)));
      const made = makeVisit(worldOf(JOB), { split: JOB.split, seed: JOB.seed, index: 11 });
      assert.deepEqual(visits[11]!.truth, made.truth);
      assert.deepEqual(visits[11]!.input.cameras, made.cameras);
      assert.ok(!('truthParameters' in JSON.parse(lines[11]!)));
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.equal(existsSync(folder), false);
  });
});

function quietly(threads: number) {
  return { threads, onDone: () => {} };
}
