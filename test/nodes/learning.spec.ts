// tapcase-job, tapcase-order and tapcase-desk in a real Node-RED, on a ledger with visits of some weeks.
import assert from 'node:assert/strict';
import {
  type Basket,
  type CaseLearning,
  learnCase,
  orThrow,
  type PastBasket,
  parseStatusReport,
  type Visit,
} from '@tapcase/domain';
import deskNode from '../../nodes/node-red-contrib-tapcase/src/desk/desk/desk.ts';
import jobNode from '../../nodes/node-red-contrib-tapcase/src/desk/job/job.ts';
import orderNode from '../../nodes/node-red-contrib-tapcase/src/money/order/order.ts';
import { collect } from '../../nodes/node-red-contrib-tapcase/src/visit/weight-reconcile/collect.ts';
import { basketOf, DEMO } from '../domain/demo-catalog.ts';
import { LEARN_NOW, pastVisits } from '../domain/past-visits.ts';
import { withRuntime } from './harness.ts';
import {
  assertFault,
  assertMissingConfig,
  CASE,
  clientOf,
  OWNER,
  sent,
  type VisitBench,
  withVisits,
} from './visit-bench.ts';

const LEARN = { type: 'tapcase-job', module: jobNode, outputs: 4, what: 'learning' };
const [NOTICED, LEARNED] = [2, 3];
const HOUR_MS = 3_600_000;

/** A visit of some hours ago, as it was decided. */
async function decided({ ledger, visitIn }: VisitBench, past: PastBasket, agoMs: number): Promise<Visit> {
  const visit = await visitIn('closed', { agoMs, grams: past.scale!.removedGrams });
  const verdict = past.by === 'agreed' ? 'agreed' : 'vision_decided';
  const basket: Basket = { ...basketOf(past.lines, verdict), scale: past.scale };
  const change = { event: 'basket_decided', set: { basket }, atMs: Date.now() - agoMs, visionWaitMs: 0 } as const;
  return orThrow(await ledger.advanceVisit(visit.id, change));
}

/** Eight colas, one at a visit, that weigh 330 g. */
const lightColas = (): PastBasket[] =>
  pastVisits({ seed: 1, visits: 8, lines: [{ sku: 'cola', count: 1 }], sigmaGrams: () => 2, trueGrams: () => 330 });

describe('tapcase-job, learning', () => {
  withRuntime();
  const visits = withVisits(LEARN);

  it('learns from the case’s own visits, keeps it, and says that the pack has changed', async () => {
    for (const [nth, past] of lightColas().entries()) await decided(visits(), past, (nth + 1) * HOUR_MS);
    const { learning, payload, notices, caseId } = sent(await visits().send({}), NOTICED);
    const { masses, visits: from, sigmaGrams } = learning as CaseLearning;
    assert.equal(caseId, CASE);
    assert.ok(Math.abs(masses.cola!.massGrams - 330) < 5, `${masses.cola!.massGrams}`);
    assert.deepEqual([from, masses.cola!.pieces, sigmaGrams], [8, 8, null]);
    assert.match(String(payload), /^cola weighs 3\d\d g, the catalog says 355 g: has the pack changed\?$/);
    const told = (notices as { kind: string; text: { es: string } }[]).map(({ kind }) => kind);
    assert.deepEqual(told, ['mass', 'few_visits']);
    assert.deepEqual(await visits().ledger.learning(CASE), learning);
  });

  it('has nothing to tell of a case that nobody visited', async () => {
    const { learning, payload } = sent(await visits().send({}), LEARNED);
    assert.deepEqual([(learning as CaseLearning).visits, payload], [0, '']);
  });

  it('leaves out what was forgotten, and learns again from the visits after it', async () => {
    for (const [nth, past] of lightColas().entries()) await decided(visits(), past, (nth + 1) * HOUR_MS);
    const atMs = Date.now() - 2.5 * HOUR_MS;
    await visits().ledger.forgetLearning({ caseId: CASE, sku: null, by: 'owner', atMs });
    const { learning } = sent(await visits().send({}), LEARNED);
    assert.equal((learning as CaseLearning).visits, 2);
  });

  it('learns at once for whoever may say so, with a line of it, and for nobody else of a page', async () => {
    const { ledger } = visits();
    for (const client of [clientOf('technician'), clientOf('restocker'), { _client: {} }, { _client: null }]) {
      assertFault(await visits().send(client), 'staff.not-allowed');
    }
    assert.equal(await ledger.learning(CASE), null);
    sent(await visits().send(clientOf('operator', 'Otto')), LEARNED);
    const acts = await ledger.acts({ limit: 9 });
    assert.deepEqual(
      acts.map(({ act, name, subject, address }) => [act, name, subject, address]),
      [['learning-run', 'Otto', null, '192.0.2.7']],
    );
    // The clock, and an own flow's wish, have nobody.
    sent(await visits().send({}), LEARNED);
    assert.equal((await ledger.acts({ limit: 9 })).length, 1);
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(LEARN, {});
  });
});

describe('the evidence of a visit, of a case that has learned', () => {
  withRuntime();
  const visits = withVisits(LEARN);

  it('comes with what was learned, and with null before anything was', async () => {
    const { id } = await visits().visitIn('closed', { grams: 355 });
    const learned = async () => (await collect(visits().ledger, { visitId: id, overdue: true }, Date.now()))!.learned;
    assert.equal(await learned(), null);
    const learning = learnCase(DEMO, pastVisits({ seed: 2, visits: 50 }), LEARN_NOW);
    await visits().ledger.saveLearning(CASE, learning);
    assert.deepEqual(await learned(), learning);
  });
});

describe('tapcase-order, to forget', () => {
  const NODE = { type: 'tapcase-order', module: orderNode, outputs: 2, what: 'forget' };
  withRuntime();
  const visits = withVisits(NODE);
  const learning = learnCase(DEMO, pastVisits({ seed: 2, visits: 50 }), LEARN_NOW);
  const order = (more: object = {}) => ({ ...OWNER, order: { caseId: CASE, sku: 'cola', ...more } });

  it('takes a product’s mass out of what is used from now on, with who and when', async () => {
    await visits().ledger.saveLearning(CASE, learning);
    const { forgotten } = sent(await visits().send(order()), 0);
    const { atMs, ...rest } = forgotten as { atMs: number };
    assert.deepEqual(rest, { caseId: CASE, sku: 'cola', by: 'Olga' });
    const [act] = await visits().ledger.acts({ limit: 1 });
    assert.deepEqual(
      [act?.act, act?.name, act?.subject, act?.detail],
      ['learning-forgotten', 'Olga', CASE, { sku: 'cola' }],
    );
    const left = await visits().ledger.learning(CASE);
    assert.deepEqual([left?.masses.cola, left?.masses.soda], [undefined, learning.masses.soda]);
    assert.deepEqual(await visits().ledger.forgotten(CASE), [{ sku: 'cola', atMs }]);
  });

  it('takes all of a case where no product is named', async () => {
    await visits().ledger.saveLearning(CASE, learning);
    sent(await visits().send(order({ sku: '' })), 0);
    assert.equal(await visits().ledger.learning(CASE), null);
    sent(await visits().send(order({ sku: undefined })), 0);
  });

  it('refuses a case and a product that there are not, and an order of nobody', async () => {
    await visits().ledger.saveLearning(CASE, learning);
    assertFault(await visits().send(order({ caseId: '999' })), 'case.unknown');
    assertFault(await visits().send(order({ sku: 'gold' })), 'learning.unknown-sku');
    for (const bad of [{ caseId: '' }, { caseId: 7 }, { sku: 7 }, { sku: 'x'.repeat(25) }, { sku: {} }]) {
      assertFault(await visits().send(order(bad)), 'order.invalid');
    }
    assertFault(await visits().send(OWNER), 'message.incomplete');
    for (const who of [{ _client: {} }, clientOf('technician'), clientOf('restocker')]) {
      assertFault(await visits().send({ ...order(), ...who }), 'staff.not-allowed');
    }
    assert.deepEqual(await visits().ledger.learning(CASE), learning);
    await assertMissingConfig(NODE, order());
  });
});

describe('tapcase-order, of a board', () => {
  withRuntime();
  const visits = withVisits({ type: 'tapcase-order', module: orderNode, outputs: 2, what: 'board' });
  const order = (more: object = {}) => ({ ...OWNER, order: { caseId: CASE, device: 'pi', ...more } });

  it('is expected, with who said so', async () => {
    const { board } = sent(await visits().send(order()), 0);
    assert.deepEqual(board, { caseId: CASE, device: 'pi', done: 'expected' });
    const [act] = await visits().ledger.acts({ limit: 1 });
    assert.deepEqual(
      [act?.act, act?.name, act?.subject, act?.detail],
      ['board-expected', 'Olga', CASE, { device: 'pi', waits: false }],
    );
  });

  it('is for who may give orders to devices: a technician may, who fills shelves may not', async () => {
    sent(await visits().send({ ...order(), ...clientOf('technician') }), 0);
    assertFault(await visits().send({ ...order(), ...clientOf('restocker') }), 'staff.not-allowed');
  });

  it('refuses what is no case and no board', async () => {
    assertFault(await visits().send(order({ caseId: '999' })), 'case.unknown');
    assertFault(await visits().send(order({ device: 'fridge' })), 'order.invalid');
    assertFault(await visits().send({ ...OWNER }), 'message.incomplete');
  });
});

describe('tapcase-desk, of cases', () => {
  withRuntime();
  const shown = (show: string) => {
    const visits = withVisits({ type: 'tapcase-desk', module: deskNode, outputs: 1, show });
    return { visits, rows: async () => sent(await visits().send({}), 0).payload as Record<string, unknown>[] };
  };
  const trueGrams = (sku: string, visit: number) =>
    visit < 60 ? undefined : ({ cola: 330, candy: 30 } as Record<string, number>)[sku];
  const learning = learnCase(DEMO, pastVisits({ seed: 3, visits: 260, trueGrams }), LEARN_NOW);

  describe('the products', () => {
    const { visits, rows } = shown('products');
    it('has each with both masses, the error, the pieces, and whether the learned one is used', async () => {
      await visits().ledger.saveLearning(CASE, learning);
      const [cola, soda, , , , candy] = await rows();
      assert.deepEqual([cola?.catalog, cola?.use, cola?.sku, cola?.caseId], ['355 g', 'yes', 'cola', CASE]);
      assert.match(String(cola?.learned), /^3(29|30|31)\.\d g ± \d\.\d$/);
      assert.ok(Number(soda?.pieces) > 20);
      assert.equal(candy?.use, 'no: more than 15 % off, correct the catalog');
    });

    it('says of a case that has learned nothing that none was weighed', async () => {
      const [cola] = await rows();
      assert.deepEqual([cola?.learned, cola?.pieces, cola?.use], ['–', '0', 'no: none weighed yet']);
    });
  });

  describe('the scales', () => {
    const { visits, rows } = shown('scales');
    it('has each with its scatter, from how many visits, and whether that is used', async () => {
      const [before] = await rows();
      assert.deepEqual([before?.scatter, before?.visits, before?.learned], ['not yet known', '0', 'never']);
      assert.equal(before?.use, 'no: fewer than 20 agreed visits');
      const use = async (sigmaGrams: number) => {
        const learnedAtMs = LEARN_NOW + sigmaGrams;
        await visits().ledger.saveLearning(CASE, { ...learning, learnedAtMs, sigmaGrams });
        return (await rows())[0];
      };
      const row = await use(6.04);
      assert.deepEqual([row?.case, row?.scatter, row?.should, row?.use], ['Lobby (123)', '6.0 g', '5.7 g', 'yes']);
      assert.deepEqual([row?.visits, row?.sku, row?.caseId], ['260', '', CASE]);
      assert.equal((await use(0.5))?.use, 'as 1 g: no scale is quieter');
      assert.equal((await use(60))?.use, 'as 30 g: the scale is broken');
    });
  });

  describe('the cases', () => {
    const { visits, rows } = shown('cases');
    const now = () => Math.floor(Date.now() / 1000);
    const status = (part: object) =>
      orThrow(
        parseStatusReport({
          ...{ type: 'status', seq: 1, at: now(), door: 'closed', mass: 0, vcc: 3.7, rssi: -93, fw: '0.2.0' },
          ...part,
        }),
      );

    it('that were never heard of are told as such, in English and Spanish', async () => {
      const [row] = await rows();
      assert.deepEqual([row?.case, row?.heard, row?.state], ['Lobby (123)', 'never', '–']);
      assert.deepEqual([row?.wrong, row?.es], ['not heard of', 'no se sabe de ella']);
    });

    it('say what is wrong, how cold it is, which firmware runs and why it booted', async () => {
      const boot = { cause: 'watchdog', count: 7, watchdogs: 2, state: 'open', safe: false };
      const more = { temp: 4.06, power: 'mains', slot: 'b', state: 'locked_out', faults: ['door.bolt', 'new.code'] };
      await visits().ledger.recordStatus(CASE, status({ ...more, boot }), Date.now());
      const link = { why: 'silent', step: 'power', silent: 95 };
      await visits().ledger.recordStatus(CASE, status({ ...more, seq: 2, link }), Date.now());
      await visits().ledger.recordStatus(CASE, status({ ...more, seq: 3 }), Date.now());
      const [row] = await rows();
      assert.equal(row?.wrong, 'locked out, the bolt is not where it must be, new.code');
      assert.equal(row?.es, 'bloqueada, el pestillo no está donde debe, new.code');
      assert.deepEqual(
        [row?.state, row?.temp, row?.power, row?.firmware],
        ['locked out', '4.1 °C', 'mains', '0.2.0, slot b'],
      );
      assert.equal(row?.boot, 'watchdog, boot 7, 2 watchdogs in a row; radio silent for 95 s, back after power');
    });

    it('that sell and say nothing else have nothing wrong', async () => {
      await visits().ledger.recordStatus(CASE, status({ state: 'locked' }), Date.now());
      const [row] = await rows();
      assert.deepEqual([row?.state, row?.wrong, row?.temp, row?.boot], ['ready', '', '–', '–']);
    });
  });

  describe('what to look at', () => {
    const { visits, rows } = shown('notices');
    it('is told in English and Spanish', async () => {
      assert.deepEqual(await rows(), []);
      await visits().ledger.saveLearning(CASE, learning);
      const [cola, candy] = await rows();
      assert.match(String(cola?.what), /^cola weighs 3\d\d g, the catalog says 355 g/);
      assert.match(String(candy?.es), /^candy pesa \d\d g, el catálogo dice 50 g/);
    });
  });

  describe('the drift', () => {
    const { visits, rows } = shown('drift');
    it('has two points for each visit that was weighed, and nothing about who came', async () => {
      const colas = lightColas();
      for (const [nth, past] of colas.entries()) await decided(visits(), past, (colas.length - nth) * HOUR_MS);
      const points = await rows();
      assert.equal(points.length, 2 * colas.length);
      assert.deepEqual(Object.keys(points[0]!), ['line', 'at', 'off']);
      const mean = (line: string) => {
        const off = points.filter((point) => point.line === line).map((point) => Number(point.off));
        assert.equal(off.length, colas.length);
        return off.reduce((sum, each) => sum + each, 0) / off.length;
      };
      assert.ok(Math.abs(mean('case 123, by the catalog') + 25) < 6);
      assert.ok(Math.abs(mean('case 123, as learned')) < 6);
      assert.ok(Number(points[0]!.at) < Number(points[2]!.at));
    });
  });

  describe('set up wrongly', () => {
    const { visits } = shown('all');
    it('says so on every message', async () => {
      assertFault(await visits().send({}), 'config.invalid');
      await assertMissingConfig({ type: 'tapcase-desk', module: deskNode, outputs: 1, show: 'scales' }, {});
    });
  });
});
