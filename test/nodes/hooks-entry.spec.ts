// What an operator's own flow says at the door, in a real Node-RED: who may open, and how much is held.
import assert from 'node:assert/strict';
import visitOpen from '../../nodes/node-red-contrib-tapcase/src/visit/visit-open/visit-open.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { ownFlow } from './own-flow.ts';
import { CASE, HOLD_MINOR, type OwnFlow, sent, sentVisit, type VisitBench, withVisits } from './visit-bench.ts';

const [OPENED, REPEATED, REFUSED] = [0, 1, 2];

/** A case that is there, and whoever asks at its door. */
function open(own: OwnFlow): () => VisitBench {
  const visits = withVisits({ type: 'tapcase-visit-open', module: visitOpen, outputs: 3, own });
  beforeEach(() => visits().hear());
  return visits;
}
const tap = (customer: object) => ({
  req: { params: { case: CASE }, headers: { 'content-type': 'application/json' } },
  customer,
  payload: { requestId: 'tap-00000001', language: 'en' },
});

/** The first frame of a case that was heard of is the time. */
async function said({ ledger }: VisitBench): Promise<object[]> {
  const frames = await ledger.takeFrames(Date.now(), 1_000, 10);
  return frames.filter(({ payload }) => payload.type !== 'time').map(({ topic, payload }) => ({ topic, payload }));
}

describe('who may open, by an own flow', () => {
  withRuntime();

  describe('closed today', () => {
    const say = `{ en: 'Closed on Sundays', es: 'Los domingos cerramos' }`;
    const visits = open(ownFlow('open', `msg.payload = { allow: false, say: ${say} }; return msg;`));

    it('lets nobody in with its sentence in both languages, and writes nothing', async () => {
      const customer = await visits().customer();
      const { refusal } = sent(await visits().send(tap(customer)), REFUSED);
      const shown = { en: 'Closed on Sundays', es: 'Los domingos cerramos' };
      assert.deepEqual(refusal, { code: 'case.not-now', say: shown });
      assert.deepEqual(await visits().ledger.visitsOf(customer.id, 10), []);
    });

    it('has the case’s display say it in the language of the phone, once while it stands there', async () => {
      const customer = await visits().customer();
      const inSpanish = { ...tap(customer), payload: { requestId: 'tap-00000002', language: 'es' } };
      for (const message of [inSpanish, inSpanish, tap(customer)]) sent(await visits().send(message), REFUSED);
      const at = Math.floor(Date.now() / 1000);
      const command = { type: 'say', seq: 2, at, exp: at + 10, text: 'Los domingos cerramos' };
      assert.deepEqual(await said(visits()), [{ topic: `case/${CASE}/cmd`, payload: command }]);
    });

    it('does not shut out the tap that was let in before it closed', async () => {
      const customer = await visits().customer();
      const { ledger } = visits();
      const { id: customerId, card } = customer;
      const opening = { caseId: CASE, customerId, requestId: 'tap-00000001', language: 'en', catalog: DEMO } as const;
      const visit = { ...opening, id: 'visit9001', card: card!, holdMinor: HOLD_MINOR, atMs: Date.now() };
      await ledger.openVisit(visit);
      assert.equal(sentVisit(await visits().send(tap(customer)), REPEATED).id, visit.id);
    });
  });

  describe('a sentence of letters that no display has', () => {
    const visits = open(
      ownFlow('open', `msg.payload = { allow: false, say: { en: '今日は休み', es: 'x' } }; return msg;`),
    );

    it('is the phone’s alone', async () => {
      const { refusal } = sent(await visits().send(tap(await visits().customer())), REFUSED);
      assert.equal((refusal as { say: { en: string } }).say.en, '今日は休み');
      assert.deepEqual(await said(visits()), []);
    });
  });

  describe('a refusal without a sentence', () => {
    const visits = open(ownFlow('open', 'msg.payload = { allow: false }; return msg;'));

    it('counts for nothing: nobody is turned away without a word', async () => {
      const outcomes = await visits().collect(tap(await visits().customer()), 2);
      const [fault, opened] = outcomes;
      assert.equal(fault?.kind === 'fault' && fault.code, 'hook.bad-answer');
      sent(opened!, OPENED);
    });
  });

  describe('by what it knows of the customer', () => {
    const code =
      'msg.payload = { allow: msg.payload.customer.visits === 0, say: { en: JSON.stringify(msg.payload.customer).slice(0, 150), es: "x" } }; return msg;';
    const visits = open(ownFlow('open', code));

    it('is told who asks and how often they came, and nothing of their card', async () => {
      await visits().visitIn('timeout');
      const customer = await visits().customer();
      const { refusal } = sent(await visits().send(tap(customer)), REFUSED);
      const { say } = refusal as { say: { en: string } };
      const told = { id: customer.id, email: customer.email, visits: 1, owesMinor: 0, given: [] };
      assert.deepEqual(JSON.parse(say.en), told);
    });
  });
});

describe('how much is held, by an own flow', () => {
  withRuntime();
  for (const [title, holdMinor, held, faults] of [
    ['less than the case', 400, 400, 0],
    ['more than the phone announced', HOLD_MINOR + 1, HOLD_MINOR, 1],
    ['less than any card can be asked for', 10, HOLD_MINOR, 1],
  ] as const) {
    describe(title, () => {
      const visits = open(ownFlow('hold', `msg.payload = { holdMinor: ${holdMinor} }; return msg;`));

      it(`holds ${held}`, async () => {
        const outcomes = await visits().collect(tap(await visits().customer()), 1 + faults);
        const codes = outcomes.flatMap((outcome) => (outcome.kind === 'fault' ? [outcome.code] : []));
        assert.deepEqual(codes, faults === 0 ? [] : ['hook.bad-answer']);
        assert.equal(sentVisit(outcomes.at(-1)!, OPENED).holdMinor, held);
      });
    });
  }
});
