// Examples of the Stripe palette, as they are imported: pressed, each does what its first line says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import { withRuntime } from './harness.ts';
import { cardHolder, startStandin } from './stripe-bench.ts';
import { type FlowNode, loadFlow, press } from './stripe-flows.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'nodes', 'node-red-contrib-stripe', 'examples');
const example = (name: string, customer = 'cus_none') =>
  JSON.parse(
    readFileSync(join(EXAMPLES, `${name}.json`), 'utf8').replaceAll('cus_REPLACE', customer),
  ) as readonly FlowNode[];

describe('the Stripe palette’s example', () => {
  withRuntime();
  let standin: RunningStripe;
  beforeEach(async () => {
    standin = await startStandin();
  });
  afterEach(() => standin.close());

  it('of any call makes one customer of two presses, and lists what was paid since yesterday', async () => {
    await loadFlow(standin.port, example('stripe-call'));
    for (let times = 0; times < 2; times += 1) {
      const { called } = (await press('call.make.start', 'call.made')) as { called: { object: { email: string } } };
      assert.equal(called.object.email, 'ana@example.com');
    }
    assert.equal(standin.books.customers.size, 1);
    assert.deepEqual((await press('call.list.start', 'call.listed')).called, { list: [] });
  });

  it('of a page to pay on opens one for the hour, and sees that it is open, then paid', async () => {
    const { customer } = await cardHolder(standin.port);
    await loadFlow(standin.port, example('stripe-page-pay', customer));
    const { payPage } = (await press('pay.start', 'pay.opened')) as { payPage: { url: string; session: string } };
    assert.match(await (await fetch(payPage.url)).text(), /6\.00/);
    const look = async () => ((await press('pay.again', 'pay.seen')) as { paid: { state: string } }).paid.state;
    assert.equal(await look(), 'open');
    const body = JSON.stringify({ card: 'visa' });
    const headers = { 'content-type': 'application/json' };
    await fetch(`${standin.url}/sim/checkout/${payPage.session}`, { method: 'POST', headers, body });
    assert.equal(await look(), 'paid');
  });
});
