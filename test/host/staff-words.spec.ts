// What the log of the staff says of each act, in both languages: something of its own, and with what was written down.
import assert from 'node:assert/strict';
import { ACTS } from '@tapcase/domain';
import { STAFF_WORDS } from '../../pwa/src/staff/words.ts';

/** As the cloud writes it, all at once. */
const DETAIL = {
  ...{ way: 'passkey', browser: 'Firefox', madeBy: 'Ann', role: 'technician', from: 'operator', to: 'owner', ended: 2 },
  ...{ reason: 'it was warm', note: 'one can only', changes: ['tab Evening', 'node Prices'] },
};

describe('what the log says of an act', () => {
  for (const [language, { acts }] of Object.entries(STAFF_WORDS)) {
    it(`has words of its own for each (${language}), and leaves nothing open`, () => {
      const said = ACTS.map((act) => acts[act]?.({ subject: 'abc123', detail: DETAIL }));
      assert.deepEqual(
        ACTS.filter((_, at) => said[at] === undefined || said[at] === '' || said[at]!.includes('?')),
        [],
      );
      assert.equal(new Set(said).size, ACTS.length);
    });

    it(`tells ways in apart (${language}), one at a case’s computer too`, () => {
      const said = ['passkey', 'password', 'invitation'].map((way) =>
        acts['signed-in']!({ subject: null, detail: { way, browser: 'Firefox' } }),
      );
      const atThePi = acts['signed-in']!({ subject: '123', detail: { way: 'edge' } });
      assert.equal(new Set([...said, atThePi]).size, 4);
      assert.doesNotMatch(atThePi, /[?]|passkey|llave/);
    });

    it(`says why an order was given and what a Deploy changed (${language})`, () => {
      for (const act of ['refund', 'waive', 'lower'] as const) {
        assert.match(acts[act]!({ subject: 'abc123', detail: { reason: 'it was warm' } }), /it was warm$/);
      }
      const sums = { refund: { amountMinor: 150 }, waive: { amountMinor: 150 }, lower: { totalMinor: 150 } };
      for (const [act, sum] of Object.entries(sums)) {
        const said = acts[act as keyof typeof sums]!({ subject: 'abc123', detail: { ...sum, currency: 'usd' } });
        assert.match(said, /\b1[.,]50\b/);
        // Acts of before amounts had a currency.
        assert.doesNotMatch(acts[act as keyof typeof sums]!({ subject: 'abc123', detail: sum }), /150|undefined/);
      }
      assert.match(acts['review-decided']!({ subject: 'abc123', detail: { note: 'one can only' } }), /one can only$/);
      const changes = Array.from({ length: 7 }, (_, at) => `tab ${at}`);
      assert.match(acts['flows-deployed']!({ subject: null, detail: { changes } }), /tab 0 · .*tab 4 · …$/);
    });
  }
});
