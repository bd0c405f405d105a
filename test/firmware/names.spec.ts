// Every name that the firmware takes from MicroPython exists in 1.21 for the ESP32-S3, and every module of its own is there.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRMWARE } from '../../sim/src/case/board.ts';

/** Made by hand from the documentation and the manifest of v1.21.0 (ports/esp32, ESP32_GENERIC_S3). */
const BUILT_IN = JSON.parse(readFileSync(new URL('./names-1.21.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, readonly string[]>
>;
const FOLDERS = [FIRMWARE, join(FIRMWARE, 'app')];

interface Source {
  readonly name: string;
  /** Without comments and strings. */
  readonly code: string;
  /** `module.name` that is only used where it is there. */
  readonly asked: ReadonlySet<string>;
}

const sources: Source[] = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.py'))
    .map((name) => sourceOf(name, readFileSync(join(folder, name), 'utf8'))),
);
const own = new Set(sources.map(({ name }) => name.replace(/\.py$/, '')));

function sourceOf(name: string, text: string): Source {
  const asked = [...text.matchAll(/hasattr\((\w+), "(\w+)"\)/g)].map(([, module, one]) => `${module}.${one}`);
  return { name, code: withoutTexts(text), asked: new Set(asked) };
}

function withoutTexts(text: string): string {
  return text.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#.*/g, (part) =>
    part.startsWith('#') ? '' : '""',
  );
}

/** What the code may do without: an import that is tried, a name that is asked for first. */
function withoutTried(code: string): string {
  return code.replace(
    /^([ ]*)try:\n((?:\1[ ]+\S.*\n|[ ]*\n)+)\1except \(?(?:\w+, )*(?:ImportError|AttributeError)/gm,
    '',
  );
}

function problems({ name, code, asked }: Source): string[] {
  const found: string[] = [];
  const firm = withoutTried(code);
  const imported = new Set<string>();
  for (const [, module = ''] of firm.matchAll(/^\s*import (\w+)$/gm)) imported.add(module);
  for (const [, module = '', line = '', lines = ''] of firm.matchAll(
    /^\s*from (\w+) import (?:([\w, ]+)$|\(([\w,\s]+)\))/gm,
  )) {
    if (own.has(module)) continue;
    const known = BUILT_IN[module];
    if (known === undefined) found.push(`${name}: no module ${module}`);
    for (const one of `${line} ${lines}`.split(/[,\s]+/).filter(Boolean)) {
      if (known !== undefined && !known.includes(one)) found.push(`${name}: no ${module}.${one}`);
    }
  }
  for (const module of imported) {
    if (own.has(module)) continue;
    const known = BUILT_IN[module];
    if (known === undefined) found.push(`${name}: no module ${module}`);
    for (const [, one = ''] of firm.matchAll(new RegExp(`(?<![\\w.])${module}\\.(\\w+)`, 'g'))) {
      if (known !== undefined && !known.includes(one) && !asked.has(`${module}.${one}`))
        found.push(`${name}: no ${module}.${one}`);
    }
  }
  return found;
}

describe('the firmware’s imports', () => {
  for (const source of sources) {
    it(`${source.name} takes nothing that MicroPython 1.21 lacks`, () => {
      assert.deepEqual(problems(source), []);
    });
  }

  it('would be told of a module or a name that is not there', () => {
    const code = 'import hmac\nimport time\nfrom machine import Pin, Laser\ntime.perf_counter()\n';
    assert.deepEqual(problems(sourceOf('x.py', code)), [
      'x.py: no machine.Laser',
      'x.py: no module hmac',
      'x.py: no time.perf_counter',
    ]);
    const tried = 'try:\n    import hmac\nexcept ImportError:\n    hmac = None\n';
    assert.deepEqual(problems(sourceOf('x.py', tried)), []);
  });
});
