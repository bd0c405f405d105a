// stripe-account in a real Node-RED: which keys and addresses it takes, and that keys stay secret.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import Stripe from 'stripe';
import { parseConfig } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import { type Outcome, withRuntime } from './harness.ts';
import { rung, startStandin, stripeBench } from './stripe-bench.ts';

const NODE = rung('settle', 'settled', 'refused');
const MESSAGE = { settle: { id: 'v', kind: 'cancel', intent: 'pi_none', amountMinor: 0, attempt: 1 } };
/** What Stripe says to an order for an unknown payment: the account got as far as asking. */
const ASKED = 'stripe.refused-request';

describe('stripe-account', () => {
  withRuntime();
  let standin: RunningStripe;
  before(async () => {
    standin = await startStandin();
  });
  after(() => standin.close());

  const send = async (account: Record<string, unknown>, credentials: Record<string, string> = {}): Promise<Outcome> => {
    const node = await stripeBench(standin.port, NODE, account, credentials);
    return node.send(MESSAGE);
  };

  it('takes its key from the credentials', async () => {
    assert.equal(codeOf(await send({}, { secretKey: 'sk_test_standin' })), ASKED);
  });

  it('takes its key from the environment variable that the dialog names', async () => {
    process.env.TEST_STRIPE_KEY = 'sk_test_standin';
    try {
      assert.equal(codeOf(await send({ secretKeyEnv: 'TEST_STRIPE_KEY' })), ASKED);
    } finally {
      delete process.env.TEST_STRIPE_KEY;
    }
  });

  it('says so when there is no key', async () => {
    assert.equal(codeOf(await send({ secretKeyEnv: 'TEST_STRIPE_KEY_NOT_SET' })), 'config.missing-secret');
  });

  it('refuses a key that is none, and one that Stripe does not know, without showing it', async () => {
    for (const secretKey of ['pk_test_public', 'hunter2', 'sk_test_not\nthis', 'sk_test_unknown']) {
      const outcome = await send({}, { secretKey });
      assert.equal(codeOf(outcome), 'stripe.bad-key', secretKey);
      assert.equal(JSON.stringify(outcome.message).includes(secretKey), false, secretKey);
    }
  });

  it('does not touch real money unless the account is marked as live', async () => {
    for (const secretKey of ['sk_live_abc', 'rk_live_abc']) {
      assert.equal(codeOf(await send({}, { secretKey })), 'stripe.live-key');
    }
  });

  it('sends the key of a live account to nobody but Stripe', async () => {
    assert.equal(codeOf(await send({ live: true }, { secretKey: 'sk_live_abc' })), 'config.invalid');
  });

  it('speaks to Stripe itself when no host is given, or its variable is not set', () => {
    for (const host of ['', undefined, '${STRIPE_HOST}']) {
      assert.deepEqual(parseConfig({ host, port: '${STRIPE_PORT}', protocol: 'https' }), {
        live: false,
        address: undefined,
      });
    }
    const address = { host: 'pay.test', port: 8443, protocol: 'https' };
    assert.deepEqual(parseConfig({ host: 'pay.test', port: '8443' }), { live: false, address });
  });

  it('refuses an address that makes no sense', async () => {
    for (const bad of [{ port: '0' }, { port: 'x' }, { port: '' }, { protocol: 'ftp' }, { host: 'a b' }]) {
      assert.equal(codeOf(await send(bad, { secretKey: 'sk_test_standin' })), 'config.invalid', JSON.stringify(bad));
    }
  });

  it('says in its help which API version the SDK speaks', () => {
    for (const language of ['en-US', 'es']) {
      const path = `../../nodes/node-red-contrib-stripe/src/stripe-account/locales/${language}/stripe-account.html`;
      assert.ok(readFileSync(new URL(path, import.meta.url), 'utf8').includes(`\`${Stripe.API_VERSION}\``), language);
    }
  });
});

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : `output ${outcome.port}`;
}
