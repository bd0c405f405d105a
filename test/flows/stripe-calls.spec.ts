// What the shop's own tabs ask of Stripe by a call: the events that no webhook brought, and that a leftover hold is let go.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import { readFlowFiles } from '../../host/flows/disk.ts';
import { joinFlows } from '../../host/flows/tabs.ts';
import { withRuntime } from '../nodes/harness.ts';
import { cardHolder, errorAnswer, scripted, sdk, startStandin } from '../nodes/stripe-bench.ts';
import { type FlowNode, loadFlow, press } from '../nodes/stripe-flows.ts';

const CORE = joinFlows(readFlowFiles(join(import.meta.dirname, '..', '..', 'flows', 'core'))) as readonly FlowNode[];
const core = (id: string, more: object = {}): FlowNode => {
  const node = CORE.find((each) => each.id === id);
  assert.ok(node, `no node ${id}`);
  return { ...node, ...more, z: 'tab', g: undefined };
};
const ON_TAB = { z: 'tab', x: 0, y: 0, wires: [] };
const TAB = { id: 'tab', type: 'tab', label: 'tab' };
const ACCOUNT = { id: 'config.stripe', type: 'stripe-account', live: false };
const FAULTS = [
  { ...ON_TAB, id: 'catch', type: 'catch', scope: null, wires: [['fault']] },
  { ...ON_TAB, id: 'fault', type: 'helper' },
];

describe('a call of the shop’s own tabs', () => {
  withRuntime();
  let standin: RunningStripe;
  beforeEach(async () => {
    standin = await startStandin();
  });
  afterEach(() => standin.close());

  async function hold(): Promise<string> {
    const { customer, paymentMethod } = await cardHolder(standin.port);
    const { id } = await sdk(standin.port).paymentIntents.create({
      amount: 600,
      currency: 'usd',
      customer,
      payment_method: paymentMethod,
      capture_method: 'manual',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { visit: 'visit-1' },
    });
    return id;
  }

  const MISSED = [
    TAB,
    ACCOUNT,
    ...['stripe.ask', 'stripe.list', 'stripe.list-refused', 'stripe.each', 'stripe.event'].map((id) => core(id)),
    { ...ON_TAB, id: 'stripe.apply-missed', type: 'helper' },
    ...FAULTS,
  ];

  it('brings the events that no webhook took, each by itself, as the webhook would have brought it', async () => {
    const intent = await hold();
    await loadFlow(standin.port, MISSED);
    const { event } = (await press('stripe.ask', 'stripe.apply-missed')) as {
      event: { id: string; type: string; object: { id: string; metadata: object } };
    };
    assert.match(event.id, /^evt_\w+$/);
    assert.equal(event.type, 'payment_intent.amount_capturable_updated');
    assert.deepEqual([event.object.id, event.object.metadata], [intent, { visit: 'visit-1' }]);
  });

  it('that Stripe refuses is a fault, and not a silence', async () => {
    const stripe = await scripted(
      errorAnswer(400, { type: 'invalid_request_error', code: 'parameter_unknown', message: 'no' }),
    );
    await loadFlow(stripe.port, MISSED);
    const { error } = (await press('stripe.ask', 'fault')) as { error: { code: string; message: string } };
    assert.equal(error.code, 'stripe.refused-request');
    assert.match(error.message, /parameter_unknown: no/);
    await stripe.close();
  });

  it('lets a leftover hold go', async () => {
    const intent = await hold();
    const letGo = core('books.let-go', { wires: [['end'], ['end']] });
    await loadFlow(standin.port, [TAB, ACCOUNT, letGo, { ...ON_TAB, id: 'end', type: 'helper' }, ...FAULTS]);
    const settle = { id: `orphan-${intent}`, kind: 'cancel', intent, amountMinor: 0, attempt: 1 };
    for (let times = 0; times < 2; times += 1) {
      const { called } = (await press('books.let-go', 'end', { settle })) as { called: { object: { status: string } } };
      assert.equal(called.object.status, 'canceled');
    }
    assert.equal(standin.books.paymentIntents.get(intent)?.status, 'canceled');
  });
});
