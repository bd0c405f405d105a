// The page about hooks cannot go stale: it says what the domain's schemas say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hooksPage } from './hooks-page.ts';

describe('docs/hooks.md', () => {
  it('says what the schemas say', () => {
    const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'hooks.md'), 'utf8');
    assert.equal(page, hooksPage(), 'run: node tools/hooks-page.ts');
  });
});
