// The nodes of the review queue in a real Node-RED: the list, the form, the decision, and what is learned from it.
import assert from 'node:assert/strict';
import { reconcile, type Visit } from '@tapcase/domain';
import type { ReviewOrder } from '@tapcase/ledger';
import viewNode from '../../nodes/node-red-contrib-tapcase/src/customer/view/view.ts';
import { pushDocument } from '../../nodes/node-red-contrib-tapcase/src/customer/web-push/push-document.ts';
import deskNode from '../../nodes/node-red-contrib-tapcase/src/desk/desk/desk.ts';
import orderNode from '../../nodes/node-red-contrib-tapcase/src/money/order/order.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import {
  assertFault,
  assertMissingConfig,
  clientOf,
  HELD,
  OWNER,
  sent,
  type VisitBench,
  withVisits,
} from './visit-bench.ts';

const ends = () => [];
const SCALE = { removedGrams: 352.5, sigmaGrams: 2 };
const CAMERAS = [{ camera: '0', before: { can: 3 }, after: { can: 2 } }];
/** A can between cola and soda, in doubt; the cameras' label tells neither. */
const DOUBT = {
  ...reconcile({ catalog: DEMO, scale: SCALE, zones: [], cameras: CAMERAS }),
  lines: [],
  verdict: 'disputed',
  scale: SCALE,
  cameras: CAMERAS,
  candidates: [
    { lines: [{ sku: 'cola', count: 1 }], probability: 0.62 },
    { lines: [{ sku: 'soda', count: 1 }], probability: 0.38 },
  ],
} as const;

/** A visit that has ended with its hold let go, and waits for a person. */
async function doubtful({ ledger, visitIn }: VisitBench): Promise<Visit> {
  const { id } = await visitIn('closed', { grams: SCALE.removedGrams });
  const atMs = Date.now();
  const decision = { basket: DOUBT, totalMinor: 0, flagged: true, review: true };
  await ledger.nextMoney(id, { atMs, ends, decision });
  const cancel = { visitId: id, kind: 'cancel', attempt: 1 } as const;
  const released = { ...HELD, status: 'canceled', capturableMinor: 0 };
  const { visit } = await ledger.answerMoney(cancel, { kind: 'done', intent: released }, { atMs, ends });
  assert.equal(visit.outcome, 'in_review');
  return visit;
}

const decideAs = ({ ledger }: VisitBench, { id }: Visit, order: object) =>
  ledger.decideReview(id, { by: 'owner', note: 'seen on a picture', atMs: Date.now(), ...order } as ReviewOrder);

describe('tapcase-desk, of reviews the list', () => {
  const NODE = { type: 'tapcase-desk', module: deskNode, outputs: 1, show: 'open' };
  withRuntime();
  const visits = withVisits(NODE);

  it('shows when, where, mass, explanations, what was charged and where the why page is, and nobody’s name', async () => {
    const { id } = await doubtful(visits());
    const { payload } = sent(await visits().send({}), 0);
    const [row, ...more] = payload as Record<string, string>[];
    assert.equal(more.length, 0);
    assert.match(row!.when!, /^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
    const { when: _, ...rest } = row!;
    assert.deepEqual(rest, {
      case: '123',
      cause: 'not certain',
      mass: '353 g ± 2',
      explanations: '62 % 1 cola · 38 % 1 soda',
      charged: '0.00 usd',
      why: `/why/${id}`,
      choose: 'Choose',
      visit: id,
    });
    assert.doesNotMatch(JSON.stringify(payload), /customer|@/);
  });

  it('shows what a late report weighed', async () => {
    const late = await visits().visitIn('timeout');
    await visits().ledger.nextMoney(late.id, { atMs: Date.now(), ends });
    await visits().door(late, { type: 'closed', dmass: 355, sigma: 3, mass: 0 } as never);
    const { payload } = sent(await visits().send({}), 0);
    const [row] = payload as Record<string, string>[];
    assert.deepEqual(
      [row?.cause, row?.mass, row?.explanations, row?.charged],
      ['late report', '355 g ± 3', 'none fits', 'not yet'],
    );
  });

  it('is empty when nobody has to be asked, and says on every message that no ledger is chosen', async () => {
    assert.deepEqual(sent(await visits().send({}), 0).payload, []);
    await assertMissingConfig(NODE, {});
  });
});

describe('tapcase-desk, of reviews the form', () => {
  withRuntime();
  const visits = withVisits({ type: 'tapcase-desk', module: deskNode, outputs: 1, show: 'one' });

  it('has a field for each product of the visit, those that the evidence names first, and begins with what was charged', async () => {
    const { id } = await doubtful(visits());
    const message = sent(await visits().send({ payload: { visit: id } }), 0);
    const { options } = message.ui_update as { options: { key: string; label: string; required: boolean }[] };
    assert.deepEqual(
      options.map(({ key }) => key),
      ['visit', 'sku cola', 'sku soda', 'sku water', 'sku chips', 'sku juice', 'sku candy', 'note'],
    );
    assert.equal(options[1]?.label, 'cola (2.00 usd, 355 g)');
    assert.deepEqual(
      options.filter(({ required }) => required).map(({ key }) => key),
      ['visit', 'note'],
    );
    const payload = message.payload as Record<string, unknown>;
    assert.deepEqual([payload.visit, payload['sku cola'], payload.note], [id, 0, '']);
    assert.match(String(message.chosen), /case 123: 353 g ± 2; 62 % 1 cola · 38 % 1 soda; charged 0\.00 usd$/);
  });

  it('of a visit that nobody asked about is a fault', async () => {
    assertFault(await visits().send({ payload: { visit: 'nobody' } }), 'review.unknown');
    assertFault(await visits().send({}), 'review.unknown');
    assertFault(await visits().send({ payload: { visit: '../etc' } }), 'request.invalid');
  });
});

describe('tapcase-desk, asked by one browser', () => {
  withRuntime();
  const _client = { socketId: 'of the browser that asked' };
  const lists = ['visits', 'flagged', 'debts', 'audits', 'open', 'cases', 'notices', 'scales', 'products', 'drift'];
  for (const show of lists) {
    describe(`the list of ${show}`, () => {
      const visits = withVisits({ type: 'tapcase-desk', module: deskNode, outputs: 1, show });
      it('is for everybody who looks', async () => {
        const message = sent(await visits().send({ _client }), 0);
        assert.ok(Array.isArray(message.payload));
        assert.equal(message._client, undefined);
      });
    });
  }

  describe('the chosen review', () => {
    const visits = withVisits({ type: 'tapcase-desk', module: deskNode, outputs: 1, show: 'one' });
    it('is for that browser', async () => {
      const { id } = await doubtful(visits());
      assert.deepEqual(sent(await visits().send({ payload: { visit: id }, _client }), 0)._client, _client);
    });
  });
});

describe('tapcase-desk, of reviews the training data', () => {
  withRuntime();
  const visits = withVisits({ type: 'tapcase-desk', module: deskNode, outputs: 1, show: 'training' });
  const asked = (after?: unknown) => ({ req: { query: after === undefined ? {} : { after } } });
  const linesOf = (payload: unknown) =>
    String(payload)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('has a line for each decided review, with the evidence as it was and what the person says', async () => {
    const visit = await doubtful(visits());
    assert.equal(sent(await visits().send(asked()), 0).payload, '');
    await decideAs(visits(), visit, { decision: 'correct', lines: [{ sku: 'soda', count: 1 }] });
    const { payload, statusCode, headers } = sent(await visits().send(asked()), 0);
    assert.equal(statusCode, 200);
    assert.equal((headers as Record<string, string>)['content-type'], 'application/x-ndjson; charset=utf-8');
    assert.equal((headers as Record<string, string>)['x-next-after'], undefined);
    assert.deepEqual(linesOf(payload), [
      {
        id: visit.id,
        at: new Date(visit.createdAtMs).toISOString(),
        catalog: DEMO,
        scale: SCALE,
        zones: [],
        cameras: CAMERAS,
        truth: [{ sku: 'soda', count: 1 }],
        decision: 'correct',
      },
    ]);
  });

  it('has no truth where nobody could tell', async () => {
    await decideAs(visits(), await doubtful(visits()), { decision: 'waive', givesBack: false });
    const [line] = linesOf(sent(await visits().send(asked()), 0).payload);
    assert.deepEqual([line?.decision, 'truth' in line!], ['waive', false]);
  });

  it('comes page by page, and refuses a place in the list that is none', async () => {
    const visit = await doubtful(visits());
    await decideAs(visits(), visit, { decision: 'confirm' });
    assert.equal(linesOf(sent(await visits().send(asked('0~a')), 0).payload).length, 1);
    assert.equal(sent(await visits().send(asked(`${Date.now() + 1_000}~${visit.id}`)), 0).payload, '');
    for (const after of ['', 'x', '1', "1~'", ['1~a', '2~b'], { $gt: 1 }]) {
      assertFault(await visits().send(asked(after)), 'request.invalid');
    }
  });
});

describe('tapcase-desk, set up wrongly', () => {
  withRuntime();
  const visits = withVisits({ type: 'tapcase-desk', module: deskNode, outputs: 1, show: 'all' });

  it('says so on every message', async () => {
    assertFault(await visits().send({}), 'config.invalid');
  });
});

describe('tapcase-order, about a review', () => {
  const NODE = { type: 'tapcase-order', module: orderNode, outputs: 2, what: 'review' };
  const [DECIDED, REFUSED] = [0, 1];
  withRuntime();
  const visits = withVisits(NODE);
  const order = ({ id }: Visit, more: object = {}) => ({
    ...OWNER,
    order: {
      visitId: id,
      decision: 'correct',
      lines: [{ sku: 'cola', count: 1 }],
      note: 'on a picture',
      ...more,
    },
  });

  it('makes the corrected basket a debt that is charged at once, whatever prices and currency the order names', async () => {
    const visit = await doubtful(visits());
    const lines = [{ sku: 'cola', count: 1, priceMinor: 1, currency: 'eur' }];
    const message = order(visit, { lines, currency: 'eur', totalMinor: 1 });
    const { review } = sent(await visits().send(message), DECIDED);
    assert.deepEqual(
      [(review as { totalMinor: number }).totalMinor, (review as { note: string }).note],
      [200, 'on a picture'],
    );
    const { debt } = await visits().ledger.money(visit.id);
    assert.deepEqual([debt?.amountMinor, debt?.currency, debt?.reason], [200, 'usd', 'review']);
    const next = await visits().ledger.nextMoney(visit.id, { atMs: Date.now(), ends });
    assert.equal(next.kind === 'send' && next.step.kind, 'charge');
  });

  it('counts once: the same again changes nothing, another is refused', async () => {
    const visit = await doubtful(visits());
    sent(await visits().send(order(visit)), DECIDED);
    sent(await visits().send(order(visit)), DECIDED);
    const { refused } = sent(await visits().send(order(visit, { decision: 'waive' })), REFUSED);
    assert.equal((refused as { code: string }).code, 'review.decided');
    assert.equal((await visits().ledger.adjustments(visit.id)).length, 1);
    const acts = await visits().ledger.acts({ limit: 10 });
    assert.deepEqual(
      acts.map(({ act, name, subject, detail }) => [act, name, subject, detail.decision]),
      [['review-decided', 'Olga', visit.id, 'correct']],
    );
  });

  it('a confirmation takes the flag away', async () => {
    const first = await doubtful(visits());
    assert.equal(
      (sent(await visits().send(order(first, { decision: 'confirm' })), DECIDED).visit as Visit).flagged,
      false,
    );
  });

  it('refuses a product that was not for sale, and a visit that nobody asked about', async () => {
    const visit = await doubtful(visits());
    const strange = sent(await visits().send(order(visit, { lines: [{ sku: 'gold', count: 1 }] })), REFUSED);
    assert.equal((strange.refused as { code: string }).code, 'review.unknown-sku');
    const nobody = sent(await visits().send(order(visit, { visitId: 'nobody' })), REFUSED);
    assert.equal((nobody.refused as { code: string }).code, 'review.unknown');
  });

  it('takes no order without a note or a decision, none of somebody who may not decide, and no count that cannot be', async () => {
    const visit = await doubtful(visits());
    const counts = [-1, 1_000_000_000, 0.5, 'many', null, Number.NaN];
    const bad = [
      { note: '' },
      { note: '  x ' },
      { note: 'x'.repeat(201) },
      { decision: 'burn' },
      { visitId: '../x' },
      { lines: 'all' },
      { lines: Array(201).fill({ sku: 'cola', count: 1 }) },
      { lines: [null] },
      { lines: [{ sku: 'x'.repeat(25), count: 1 }] },
      { decision: 'waive', givesBack: 'yes' },
      ...counts.map((count) => ({ lines: [{ sku: 'cola', count }] })),
    ];
    for (const each of bad) assertFault(await visits().send(order(visit, each)), 'order.invalid');
    assertFault(await visits().send(OWNER), 'message.incomplete');
    for (const who of [{ _client: {} }, clientOf('technician'), clientOf('restocker')]) {
      assertFault(await visits().send({ ...order(visit), ...who }), 'staff.not-allowed');
    }
    assert.equal((await visits().ledger.review(visit.id))?.review.state, 'open');
    await assertMissingConfig(NODE, order(visit));
  });
});

describe('what the customer sees of a review', () => {
  withRuntime();
  const visits = withVisits({ type: 'tapcase-view', module: viewNode, outputs: 1, what: 'visits' });

  it('the list of visits has the corrected sum and pieces', async () => {
    await decideAs(visits(), await doubtful(visits()), { decision: 'correct', lines: [{ sku: 'cola', count: 2 }] });
    const { payload } = sent(await visits().send({ customer: await visits().customer() }), 0);
    const [first] = (payload as { visits: Record<string, unknown>[] }).visits;
    assert.deepEqual([first?.totalMinor, first?.items, first?.owedMinor], [400, 2, 400]);
  });

  it('a notification says what a person found, in their language', async () => {
    const visit = await doubtful(visits());
    const body = async (language: 'en' | 'es') => {
      const { review, visit: now } = (await visits().ledger.review(visit.id))!;
      const context = { caseName: 'Lobby', publicUrl: 'https://shop.example', language, review, isLetGo: false };
      return pushDocument(now, context)?.notification.body;
    };
    assert.match((await body('en'))!, /A person will look at this visit/);
    await decideAs(visits(), visit, { decision: 'correct', lines: [{ sku: 'cola', count: 2 }] });
    assert.equal(await body('en'), 'A person checked this visit: $4.00 for 2 cola. Tap to see it.');
    assert.match((await body('es'))!, /^Una persona revisó esta visita: /);
  });
});
