// The shop's own figures about currencies against what Stripe publishes: two tables that were written apart.
import assert from 'node:assert/strict';
import { decimalsOf, isChargeable, minimumMinor, stepMinor } from '@tapcase/domain';
import { CREATE_PARAMS, ONLY_WITH_CONFIRM } from '@tapcase/sim/stripe/published/create-params';
import { CURRENCIES } from '@tapcase/sim/stripe/published/currencies';
import { sdkSchema } from './sdk-schema.ts';

describe('Currencies: what the shop knows and what Stripe publishes', () => {
  it('are more than 135, each in lower case with a least amount that is in its steps', () => {
    assert.ok(CURRENCIES.size >= 135, `${CURRENCIES.size}`);
    for (const [code, { minimumMinor: least, stepMinor: step }] of CURRENCIES) {
      assert.match(code, /^[a-z]{3}$/);
      assert.ok(least > 0 && least % step === 0, code);
    }
  });

  it('have the same decimals and the same steps', () => {
    for (const [code, { decimals, stepMinor: step }] of CURRENCIES) {
      assert.deepEqual([decimalsOf(code), stepMinor(code)], [decimals, step], code);
    }
  });

  it('have the same least amount where it is published; elsewhere the shop asks, and hears what Stripe says', () => {
    for (const [code, { minimumMinor: least, isOpen }] of CURRENCIES) {
      assert.equal(minimumMinor(code), isOpen ? 1 : least, code);
      assert.ok(isChargeable(least, code), code);
    }
  });
});

describe('Parameters of a new payment', () => {
  it('are those of the installed SDK, each with a line that says what is done with it', () => {
    const { methods, $defs } = sdkSchema([{ file: 'PaymentIntents', method: 'create' }]);
    const { request } = Object.values(methods)[0]!;
    const name = (request as { $ref: string }).$ref.split('/').at(-1)!;
    const { properties } = $defs[name] as { properties: object };
    const documented = Object.keys(properties).sort();
    assert.deepEqual(Object.keys(CREATE_PARAMS).sort(), documented);
    assert.ok(ONLY_WITH_CONFIRM.every((name) => documented.includes(name)));
  });
});
