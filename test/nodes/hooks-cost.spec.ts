// What an operator's own flow does to a price, in a real Node-RED: what it takes off is charged less and printed, and
// whatever is wrong with it, the sale goes on as shipped and a fault names it.
import assert from 'node:assert/strict';
import { type Basket, formatMinor, type Visit, visitView } from '@tapcase/domain';
import price from '../../nodes/node-red-contrib-tapcase/src/visit/price/price.ts';
import { basketOf, DEMO, linesOf } from '../domain/demo-catalog.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { decider, HOOK, type OwnOptions, ownFlow } from './own-flow.ts';
import { asked, PLAN } from './plan-node.ts';
import { type OwnFlow, type VisitBench, withVisits } from './visit-bench.ts';

const LIST = 200;
const TEN_PERCENT = `msg.payload = { adjustments: [{ label: { en: 'Evening', es: 'Noche' }, percent: 10 }] }; return msg;`;
const answers = (adjustment: string) =>
  `msg.payload = { adjustments: [{ label: { en: 'Off', es: 'Menos' }, ${adjustment} }] }; return msg;`;

/** The basket of one cola, 2.00 dollars. */
const COLA = basketOf(linesOf({ cola: 1 }));

/** Priced, then planned, as on the shop's tab. */
const plan = (own: OwnFlow) => {
  const ahead = { type: 'tapcase-price', module: price };
  return withVisits({ ...PLAN, ahead, own });
};

interface Settled {
  readonly visit: Visit;
  readonly amountMinor: number;
  readonly faults: readonly string[];
}

/** Settles a visit and waits for as many faults as are expected beside its next step. */
async function settle(bench: VisitBench, basket: Basket, faultsExpected = 0): Promise<Settled> {
  const visit = await bench.visitIn('closed', { grams: 1 });
  const outcomes = await bench.collect({ visit, basket }, 1 + faultsExpected);
  const output = outcomes.find(({ kind }) => kind === 'output')!;
  const { amountMinor } = asked(output, 'settle').settle as { amountMinor: number };
  return { visit: (await bench.ledger.visit(visit.id))!, amountMinor, faults: faultsOf(outcomes) };
}

function faultsOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((outcome) => {
    if (outcome.kind !== 'fault') return [];
    const { message } = outcome.message.error as { message: string };
    if (outcome.code !== 'hook.no-question') assert.match(message, new RegExp(HOOK), 'the fault names the hook');
    return [outcome.code];
  });
}

describe('what a visit costs, by an own flow', () => {
  withRuntime();

  describe('10 % off', () => {
    const visits = plan(ownFlow('cost', TEN_PERCENT));

    it('2.00 costs 1.80 every time: nothing of one visit reaches the next', async () => {
      const visit = await visits().visitIn('closed', { grams: 1 });
      const step = asked(await visits().send({ visit, basket: COLA }), 'settle').settle as { amountMinor: number };
      assert.equal(step.amountMinor, 180);
      const decided = (await visits().ledger.visit(visit.id))!;
      assert.equal(decided.totalMinor, 180);
      assert.deepEqual(decided.catalog.products.find(({ sku }) => sku === 'cola')?.priceMinor, LIST);
    });

    it('is frozen with the visit, and a line of its own on the receipt, with the hook that gave it', async () => {
      const { visit } = await settle(visits(), COLA);
      const { adjustments, lines, totalMinor } = visitView(visit, 'Lobby', await visits().ledger.money(visit.id));
      assert.deepEqual(adjustments, [{ label: { en: 'Evening', es: 'Noche' }, minor: 20 }]);
      assert.deepEqual([lines[0]?.priceMinor, totalMinor], [LIST, 180]);
      assert.equal(visit.basket?.changedBy, HOOK);
      assert.equal(formatMinor(totalMinor, visit.catalog.currency), '1.80 usd');
    });

    it('is not asked again for a basket that is decided', async () => {
      const { visit } = await settle(visits(), COLA);
      await visits().collect({ visit, basket: basketOf(linesOf({ cola: 3 })) }, 1);
      assert.equal((await visits().ledger.visit(visit.id))?.totalMinor, 180);
    });
  });

  describe('an answer that is another object, after a delay', () => {
    const code = TEN_PERCENT.replace('msg.payload = ', 'return { payload: ').replace('; return msg;', ' };');
    const visits = plan(ownFlow('cost', code, { delayMs: 5 }));

    it('still finds its question', async () => {
      assert.equal((await settle(visits(), COLA)).amountMinor, 180);
    });
  });

  describe('all of it taken off, and more', () => {
    const visits = plan(ownFlow('cost', answers('minor: 5000')));

    it('costs nothing, never less, and the hold is let go', async () => {
      const { amountMinor, visit } = await settle(visits(), COLA);
      assert.deepEqual([amountMinor, visit.totalMinor], [0, 0]);
    });
  });

  const WRONG: readonly (readonly [title: string, code: string, fault: string, options?: OwnOptions])[] = [
    ['throws', `throw new Error('boom');`, 'hook.threw', { limitMs: 1_000 }],
    ['says nothing', 'return null;', 'hook.late', { limitMs: 50 }],
    ['loops for ever', 'while (true) {}', 'hook.threw', { limitMs: 2_000, functionSeconds: 0.1 }],
    ['takes NaN percent off', answers('percent: NaN'), 'hook.bad-answer'],
    ['wants a negative price', answers('minor: -100'), 'hook.bad-answer'],
    ['takes more than all off', answers('percent: 101'), 'hook.bad-answer'],
    ['says percent and an amount', answers('percent: 1, minor: 1'), 'hook.bad-answer'],
    ['answers 10 MB', answers(`minor: 1, label: { en: 'x'.repeat(10e6), es: 'x' }`), 'hook.bad-answer'],
    [
      'answers a million adjustments',
      'msg.payload = { adjustments: new Array(1e6).fill({}) }; return msg;',
      'hook.bad-answer',
    ],
    ['answers text', `msg.payload = 'ten percent'; return msg;`, 'hook.bad-answer'],
    [
      'answers for another visit',
      `msg.payload = { visit: { id: 'another1' }, adjustments: [] }; return msg;`,
      'hook.other-visit',
    ],
  ];

  for (const [title, code, fault, options] of WRONG) {
    describe(`an own flow that ${title}`, () => {
      const visits = plan(ownFlow('cost', code, options));

      it(`changes no price, and is counted as ${fault}`, async () => {
        const { amountMinor, visit, faults } = await settle(visits(), COLA, 1);
        assert.deepEqual([amountMinor, visit.totalMinor, visit.basket?.adjustments], [LIST, LIST, undefined]);
        assert.deepEqual(faults, [fault]);
      });
    });
  }

  describe('an own flow that answers twice', () => {
    const visits = plan(ownFlow('cost', TEN_PERCENT.replace('return msg;', 'node.send(msg); return msg;')));

    it('is taken at its first word, and the second is counted', async () => {
      const { amountMinor, faults } = await settle(visits(), COLA, 1);
      assert.deepEqual([amountMinor, faults], [180, ['hook.answered-twice']]);
    });
  });

  describe('an own flow that answers too late', () => {
    const visits = plan(ownFlow('cost', TEN_PERCENT, { limitMs: 50, delayMs: 100 }));

    it('changes nothing any more, and both are counted', async () => {
      const { amountMinor, faults } = await settle(visits(), COLA, 2);
      assert.deepEqual([amountMinor, faults], [LIST, ['hook.late', 'hook.answered-late']]);
    });
  });

  describe('two own flows for one question', () => {
    const own = ownFlow('cost', TEN_PERCENT);
    const visits = plan({ ...own, nodes: [...own.nodes, decider('own.second', 'cost', 1_000)] });

    it('are both not asked, which is told at the start and at each question', async () => {
      const { amountMinor, faults } = await settle(visits(), COLA, 2);
      assert.deepEqual([amountMinor, faults], [LIST, ['hook.two-deciders', 'hook.two-deciders']]);
    });
  });

  describe('an own flow that makes the shop ask itself', () => {
    const [catalog, basket] = [JSON.stringify(DEMO), JSON.stringify(COLA)];
    const again = `return { visit: { id: msg.payload.visit.id, catalog: ${catalog} }, basket: ${basket} };`;
    const visits = plan(ownFlow('cost', again, { limitMs: 1_000, to: 'ahead' }));

    it('comes to an end, three questions deep, and the list price counts', async () => {
      const visit = await visits().visitIn('closed', { grams: 1 });
      // Four plans of one visit, of which three waited for their answer in vain.
      const faults = faultsOf(await visits().collect({ visit, basket: COLA }, 8));
      assert.deepEqual(faults.sort(), ['hook.late', 'hook.late', 'hook.late', 'hook.too-deep']);
      assert.equal((await visits().ledger.visit(visit.id))?.totalMinor, LIST);
    });
  });

  describe('an answer to no question', () => {
    const visits = plan(ownFlow('cost', TEN_PERCENT));

    it('is counted', async () => {
      const caught = visits().collect({ visit: await visits().visitIn('closed'), basket: basketOf([]) }, 2);
      visits()
        .node('own.answer')
        .receive({ payload: { adjustments: [] } });
      assert.deepEqual(faultsOf(await caught), ['hook.no-question']);
    });
  });
});

describe('charge or let a person look, by an own flow', () => {
  withRuntime();

  describe('that wants a person to look', () => {
    const why = `{ en: 'A new colleague fills the case', es: 'Repone alguien nuevo' }`;
    const visits = plan(ownFlow('charge', `msg.payload = { ruling: 'review', why: ${why} }; return msg;`));

    it('charges nothing, lets the hold go, and a person has the basket and the reason', async () => {
      const { amountMinor, visit } = await settle(visits(), COLA);
      assert.deepEqual([amountMinor, visit.totalMinor, visit.review, visit.flagged], [0, 0, true, true]);
      assert.equal(visit.basket?.reason.en, 'A new colleague fills the case');
      assert.deepEqual(visit.basket?.candidates[0]?.lines, COLA.lines);
      assert.equal((await visits().ledger.money(visit.id)).review?.cause, 'disputed');
    });
  });

  describe('that wants more charged than is certain', () => {
    const visits = plan(ownFlow('charge', `msg.payload = { ruling: 'charge' }; return msg;`));

    it('is counted, and nothing of a doubtful basket is charged', async () => {
      const chips = basketOf(linesOf({ chips: 1 }), 'disputed');
      const { amountMinor, faults } = await settle(visits(), chips, 1);
      assert.deepEqual([amountMinor, faults], [150, ['hook.bad-answer']]);
    });
  });
});
