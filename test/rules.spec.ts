// What keeps the suite green on any day and on any machine: rules for the tests themselves, read from their sources.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;
/** The one file that waits, and this one, which names what it forbids. */
const EXEMPT = ['patience.ts', 'rules.spec.ts'];

interface Line {
  readonly place: string;
  readonly code: string;
  /** The comment at its end or on the line above says why it may. */
  says(word: string): boolean;
}

const files = globSync('**/*.ts', { cwd: HERE, exclude: ['**/node_modules/**'] })
  .filter((file) => !EXEMPT.includes(file))
  .sort();

function linesOf(file: string): Line[] {
  const lines = readFileSync(join(HERE, file), 'utf8').split('\n');
  return lines.map((code, index) => ({
    place: `test/${file}:${index + 1}`,
    code,
    says: (word) => [code, lines[index - 1] ?? ''].some((line) => line.includes(`// ${word}: `)),
  }));
}

/** The places that break a rule. */
function breaking(pattern: RegExp, excuse: string): string[] {
  return files.flatMap((file) =>
    linesOf(file)
      .filter(({ code, says }) => pattern.test(code) && !/^\s*(\/\/|\*|\/\*\*)/.test(code) && !says(excuse))
      .map(({ place, code }) => `${place}  ${code.trim()}`),
  );
}

describe('the tests themselves', () => {
  it('hold no time limit of their own: one place says how long a test may hang (test/patience.ts)', () => {
    assert.deepEqual(breaking(/\.timeout\(|setDefaultTimeout\(|\btimeout: ?\d/, 'real time'), []);
  });

  it('skip in one place, which says why: a reason that nobody prints is none (test/needs.ts)', () => {
    const places = breaking(/\.skip\(\)/, 'skips').filter((place) => !place.startsWith('test/needs.ts:'));
    assert.deepEqual(places, []);
  });

  it('wait for events: no sleep, or with a reason why no event will do', () => {
    const sleeps = /\bsetTimeout\(|waitForTimeout\(|from 'node:timers\/promises'/;
    assert.deepEqual(breaking(sleeps, 'real time'), []);
  });

  it('know no fixed day beside today’s: a date that is written down grows old', () => {
    const today = /Date\.now\(\)|new Date\(\)/;
    const written =
      /Date\.UTC\(\s*20\d\d|['"`/]20[2-9]\d-?[01]\d-?[0-3]\d|\b1[6-9]\d{8}(_?000)?\b|\b1_[6-9]\d\d_\d{3}_\d{3}/;
    const places = files.flatMap((file) => {
      const lines = linesOf(file);
      if (!lines.some(({ code }) => today.test(code))) return [];
      return lines
        .filter(({ code, says }) => written.test(code) && !says('fixed day'))
        .map(({ place, code }) => `${place}  ${code.trim()}`);
    });
    assert.deepEqual(places, []);
  });
});
