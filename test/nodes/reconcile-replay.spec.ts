// The dialog's question of tapcase-policy: what other thresholds would have done on visits that have ended.
import assert from 'node:assert/strict';
import { type Basket, DEFAULT_MODEL, orThrow, type Visit } from '@tapcase/domain';
import type { Policy } from '../../nodes/node-red-contrib-tapcase/src/shop/tapcase-policy/contract.ts';
import {
  CHANGES_MAX,
  REPLAY_MS_MAX,
  type Replay,
  replay,
  type Sources,
  VISITS_MAX,
} from '../../nodes/node-red-contrib-tapcase/src/shop/tapcase-policy/replay.ts';
import tapcasePolicy from '../../nodes/node-red-contrib-tapcase/src/shop/tapcase-policy/tapcase-policy.ts';
import weightReconcile from '../../nodes/node-red-contrib-tapcase/src/visit/weight-reconcile/weight-reconcile.ts';
import { basketOf, linesOf } from '../domain/demo-catalog.ts';
import { helper, type NodeModule, withRuntime } from './harness.ts';
import { CASE, withVisits } from './visit-bench.ts';

type RED = Parameters<NodeModule>[0];
/** The permission that the route asks for, and whether the person who asks has it. */
const door = { wanted: '', isOpen: true };
/** Node-RED's own check needs its whole editor; test/browser/stories/replay.ts has that. */
const guarded: NodeModule = (RED) => {
  const needsPermission = (permission: string) => {
    door.wanted = permission;
    return (_request: unknown, response: { sendStatus(status: number): void }, next: () => void) =>
      door.isOpen ? next() : response.sendStatus(401);
  };
  tapcasePolicy({ ...RED, auth: { needsPermission } } as unknown as RED);
};
/** Nine to one is enough. */
const THRESHOLDS = { charge: 0.9, certain: 0.9 };
const NODE = {
  type: 'weight-reconcile',
  module: weightReconcile,
  outputs: 4,
  policy: 'the-policy',
  beside: { modules: [guarded], configNodes: [{ id: 'the-policy', type: 'tapcase-policy', ...THRESHOLDS }] },
};

const LEDGER = 'the-ledger';
const POLICY: Policy = { model: DEFAULT_MODEL, thresholds: THRESHOLDS, asksAlone: false };
const BOLD: Policy = { ...POLICY, thresholds: { charge: 0.5, certain: 0.5 } };
/** Between a cola of 355 g and a soda of 350 g: charged from 0.5 on, for a person at 0.9. */
const DOUBTFUL_GRAMS = 355;

describe('what other thresholds would have done', () => {
  withRuntime();
  const shop = withVisits(NODE);
  beforeEach(() => {
    door.isOpen = true;
  });

  /** A visit that has ended: what the scale said, and what was decided then. */
  const past = async (grams: number, basket: Basket): Promise<Visit> => {
    const { ledger } = shop();
    const { id } = await shop().visitIn('closed', { grams });
    const at = { atMs: Date.now(), visionWaitMs: 0 };
    for (const change of [
      { event: 'basket_decided', set: { basket } },
      { event: 'settle_started' },
      { event: 'settled' },
    ] as const) {
      orThrow(await ledger.advanceVisit(id, { ...change, ...at }));
    }
    return (await ledger.visit(id))!;
  };
  const ask = async (body: object): Promise<{ status: number; body: unknown }> => {
    const { status, body: answer } = await request().post('/tapcase-policy/replay').send(body);
    return { status, body: answer };
  };
  const asked = async (part: object = {}) => {
    const { status, body } = await ask({
      ledger: LEDGER,
      caseId: null,
      before: THRESHOLDS,
      after: THRESHOLDS,
      ...part,
    });
    assert.equal(status, 200, JSON.stringify(body));
    return body as Replay;
  };

  it('counts how visits would have ended, and what would have been charged without a person', async () => {
    await past(70, basketOf(linesOf({ chips: 1 }), 'weight_decided'));
    await past(0, basketOf([]));
    const doubtful = await past(DOUBTFUL_GRAMS, basketOf([], 'disputed'));
    const { found, lookedAt, decided, before, after, changed, changes } = await asked({
      after: { charge: '0,5', certain: 0.5 },
    });
    assert.deepEqual([found, lookedAt, changed], [3, 3, 1]);
    const counts = { agreed: 1, alone: 1, partly: 0, review: 1, nothing: 1, charged: ['1.50 usd'] };
    assert.deepEqual(decided, counts);
    assert.deepEqual(before, counts);
    assert.deepEqual(after, { ...counts, agreed: 2, alone: 2, review: 0, charged: ['3.50 usd'] });
    const [change] = changes;
    assert.deepEqual(
      [change?.visitId, change?.endedAtMs, change?.from, change?.to],
      [
        doubtful.id,
        doubtful.endedAtMs,
        { ruling: 'review', charged: '0.00 usd' },
        { ruling: 'agreed', charged: '2.00 usd' },
      ],
    );
    assert.deepEqual(change?.best, [{ count: 1, name: { en: 'cola', es: 'cola' } }]);
    assert.ok(change.probability > 0.5 && change.probability < 0.95);
  });

  it('finds nothing to change where nothing was typed, even where history ended otherwise', async () => {
    await past(70, basketOf([], 'disputed'));
    const { decided, before, changed, changes } = await asked();
    assert.deepEqual([decided.review, before.agreed, changed, changes], [1, 1, 0, []]);
  });

  it('looks at one case where one is chosen', async () => {
    await past(70, basketOf(linesOf({ chips: 1 })));
    assert.equal((await asked({ caseId: CASE })).found, 1);
    const none = await asked({ caseId: 'elsewhere' });
    assert.deepEqual([none.found, none.lookedAt, none.after.charged], [0, 0, []]);
  });

  it('writes nothing: the visit and its money are as they were', async () => {
    const { ledger } = shop();
    const { id } = await past(DOUBTFUL_GRAMS, basketOf([], 'disputed'));
    const all = async () => [await ledger.visit(id), await ledger.money(id), await ledger.visitEvents(id)];
    const before = await all();
    await asked({ after: { charge: 0.5 } });
    assert.deepEqual(await all(), before);
  });

  it('answers only those who may change flows', async () => {
    assert.equal(door.wanted, 'tapcase-policy.write');
    door.isOpen = false;
    const { status, body } = await ask({ ledger: LEDGER, caseId: null, before: {}, after: {} });
    assert.deepEqual([status, body], [401, {}]);
  });

  it('refuses values that a Deploy would refuse, and says which', async () => {
    for (const [part, code, words] of [
      [{ after: { charge: 0.4 } }, 'reconcile.bad-thresholds', /charge/],
      [{ after: { certain: 'high' } }, 'reconcile.bad-thresholds', /certain/],
      [{ before: { scaleSigmaGrams: -1 } }, 'reconcile.bad-model', /scale\.sigmaGrams/],
      [{ after: { temperature: 9 } }, 'reconcile.bad-model', /temperature/],
      [{ caseId: '../123' }, 'request.invalid', /caseId/],
      [{ caseId: undefined }, 'request.invalid', /caseId/],
      [{ ledger: 'nobody' }, 'config.missing-node', /ledger/],
      [{ ledger: 'the-shop' }, 'config.missing-node', /ledger/],
    ] as const) {
      const { status, body } = await ask({
        ledger: LEDGER,
        caseId: null,
        before: THRESHOLDS,
        after: THRESHOLDS,
        ...part,
      });
      const { error } = body as { error: { code: string; message: string } };
      assert.deepEqual([status, error.code], [400, code]);
      assert.match(error.message, words);
    }
  });

  it('lets one person ask at a time, and the next when the first has an answer', async () => {
    await past(70, basketOf(linesOf({ chips: 1 })));
    const question = { ledger: LEDGER, caseId: null, before: {}, after: {} };
    const answers = await Promise.all([ask(question), ask(question), ask(question)]);
    const busy = answers.filter(({ status }) => status !== 200);
    assert.equal(busy.length, 2);
    for (const { body } of busy)
      assert.equal((body as { error: { code: string } }).error.code, 'reconcile.replay-busy');
    assert.equal((await ask(question)).status, 200);
    assert.equal((await ask({ ...question, before: { charge: 2 } })).status, 400);
    assert.equal((await ask(question)).status, 200, 'a refused question keeps nobody waiting');
  });

  describe('within bounds', () => {
    /** As many visits as one likes, all the same one. */
    const many = async (count: number, part: Partial<Sources> = {}) => {
      const visit = await past(DOUBTFUL_GRAMS, basketOf([], 'disputed'));
      const evidence = await shop().ledger.evidence(visit.id);
      const wanted: number[] = [];
      const ledger: Sources['ledger'] = {
        decidedVisits: async ({ limit }) => {
          wanted.push(limit);
          return Array.from({ length: Math.min(count, limit) }, (_, i) => `visit${i}`);
        },
        visit: async () => visit,
        evidence: async () => evidence,
      };
      return { wanted, sources: { ledger, now: () => 0, ...part } };
    };
    const question = { caseId: null, before: POLICY, after: BOLD };

    it('reads 200 visits at most, and names the 20 newest that change', async () => {
      const { sources, wanted } = await many(1_000);
      const { found, lookedAt, changed, changes } = await replay(sources, question);
      assert.deepEqual(wanted, [VISITS_MAX]);
      assert.deepEqual([found, lookedAt, changed], [VISITS_MAX, VISITS_MAX, VISITS_MAX]);
      assert.deepEqual(
        changes.map(({ visitId }) => visitId),
        Array.from({ length: CHANGES_MAX }, (_, i) => `visit${i}`),
      );
    });

    it('stops when its time is over, and says how far it came', async () => {
      let reads = 0;
      // Each look at the clock is a second later than the one before.
      const now = () => 1_000 * reads++;
      const { sources } = await many(100, { now });
      const { found, lookedAt, before } = await replay(sources, question);
      assert.deepEqual([found, lookedAt, before.review], [100, REPLAY_MS_MAX / 1_000, REPLAY_MS_MAX / 1_000]);
    });

    it('lets the shop work between two visits', async () => {
      const { sources } = await many(10);
      let turns = 0;
      let isOver = false;
      const turn = () => {
        turns += 1;
        if (!isOver) setImmediate(turn);
      };
      setImmediate(turn);
      await replay(sources, question);
      isOver = true;
      assert.ok(turns >= 20, `${turns} turns of the event loop in 10 visits under two policies`);
    });

    it('judges with what the case has learned today', async () => {
      const popularity = { cola: 1_000, soda: 0.5 };
      const learned = { visits: 40, learnedAtMs: 1, sigmaGrams: null, masses: {}, popularity };
      const { sources } = await many(1, { learnedOf: async () => learned });
      const { before } = await replay(sources, question);
      assert.deepEqual([before.agreed, before.review], [1, 0]);
    });
  });
});

/** supertest on the editor's server. */
function request() {
  interface Post {
    post(path: string): { send(body: object): Promise<{ status: number; body: unknown }> };
  }
  return (helper as unknown as { request(): Post }).request();
}
