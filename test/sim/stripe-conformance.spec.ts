// The conformance suite: the stand-in always, Stripe's test mode where there is a key for it.
import assert from 'node:assert/strict';
import Stripe from 'stripe';
import { type Double, startDouble, stopDouble } from './stripe-bench.ts';
import { asked, differences } from './stripe-conformance.ts';
import { CASES } from './stripe-conformance-cases.ts';

const { STRIPE_TEST_KEY = '' } = process.env;

describe('Conformance with Stripe: the stand-in answers', () => {
  let double: Double;
  beforeEach(async () => {
    double = await startDouble();
  });
  afterEach(() => stopDouble(double));

  for (const { title, expected, observe } of CASES) {
    it(title, async () => {
      const seen = await observe(asked(double.stripe, double.standin.advance));
      assert.deepEqual(JSON.parse(JSON.stringify(seen)), expected);
    });
  }

  it('as itself, so no case differs; on another kind of account those differ that should', async () => {
    assert.deepEqual(await differences(CASES, asked(double.stripe, double.standin.advance)), []);
    Object.assign(double.standin.switches, { partialCapture: 'refunded', increments: true });
    const lines = await differences(CASES, asked(double.stripe));
    assert.match(lines.join('\n'), /lasts a week.*increments "unavailable" here, "available" there;/);
    assert.match(
      lines.join('\n'),
      /shown of the rest \(was a guess\): shownRefunded 0 here, 180 there; refunds 0 here, 1 there;/,
    );
    assert.match(lines.join('\n'), /not asked: why a hold that expired was cancelled/);
  });
});

describe('Conformance with Stripe: its test mode', () => {
  if (STRIPE_TEST_KEY === '') {
    console.log('Stripe itself is not asked how it answers: STRIPE_TEST_KEY is not set.');
    return;
  }
  it('answers as the stand-in does, but for what is printed here', async () => {
    // A live key would move real money.
    assert.match(STRIPE_TEST_KEY, /^[rs]k_test_/);
    const stripe = new Stripe(STRIPE_TEST_KEY, { maxNetworkRetries: 2 });
    const questions = asked(stripe);
    try {
      const lines = await differences(CASES, questions);
      // Something else is wrong when nothing could be asked at all: the key, or the way there.
      assert.ok(lines.filter((line) => line.includes('failed')).length < CASES.length, lines[0]);
      console.log(lines.length === 0 ? `all ${CASES.length} cases agree` : lines.join('\n'));
    } finally {
      await questions.letGo();
    }
  });
});
