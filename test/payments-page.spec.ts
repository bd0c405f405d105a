// The public test plan cannot go stale: every test that it names is there, and the page says what the list says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAYMENT_CASES, paymentsPage } from './payment-cases.ts';

const ROOT = join(import.meta.dirname, '..');

describe('docs/payments.md', () => {
  for (const { area, what, shownBy } of PAYMENT_CASES) {
    it(`${area}: ${what}`, () => {
      assert.ok(shownBy.length > 0);
      for (const [file, title] of shownBy) {
        const text = readFileSync(join(ROOT, file), 'utf8');
        // Titles of tests that run for several stores or cases carry a variable.
        const known = text.includes(title) || text.includes(title.replace(/^on (sqlite|postgres):/, 'on ${store}:'));
        assert.ok(known, `${file} has no test "${title}"`);
      }
    });
  }

  it('says what the list says', () => {
    const page = readFileSync(join(ROOT, 'docs', 'payments.md'), 'utf8');
    assert.equal(page, paymentsPage(), 'run: node tools/payments-page.ts');
  });
});
