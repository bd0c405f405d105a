// What the build makes of a contract: fields, headings, hints and tips, checks, and texts that every language must have.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { contract } from '@tapcase/define-node';
import { dialogHtml } from '../../nodes/define-node/build/dialog.ts';
import { withPropertyTable } from '../../nodes/define-node/build/help-table.ts';
import { labelKeys } from '../../nodes/define-node/build/labels.ts';
import { shareFaults } from '../../nodes/define-node/build/shared-faults.ts';

const SHELF = contract({
  type: 'shelf',
  category: 'tests',
  color: '#FFFFFF',
  icon: 'font-awesome/fa-archive',
  align: 'right',
  inputs: 1,
  outputs: [],
  wide: true,
  calledBy: ['kind', 'place'],
  earlier: { properties: ['oldGrams'], until: 'scale' },
  properties: {
    scale: { kind: 'ref', to: 'scale' },
    kind: { kind: 'choice', of: ['', 'cold', 'warm'], default: '', explained: ['facts'] },
    place: { kind: 'text', default: '', hint: true, max: 5, group: 'where' },
    step: { kind: 'number', min: 0.5, max: 9, hint: true, group: 'where', only: { place: 'given' } },
    count: { kind: 'number', default: 3, min: 1, max: 4, whole: true },
    zones: {
      kind: 'rows',
      max: 2,
      of: {
        name: { kind: 'text', default: '', required: true, max: 4 },
        grams: { kind: 'number', default: 1, min: 0, max: 9, unit: 'g' },
        side: { kind: 'choice', of: ['left', 'right'], default: 'left' },
        on: { kind: 'flag', default: true },
      },
    },
  },
});

interface Definition {
  readonly align?: string;
  readonly defaults: Readonly<Record<string, { readonly value: unknown; validate?(value: unknown): boolean }>>;
  label(this: object): string;
}

function definition(): Definition {
  const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(dialogHtml(SHELF))![1]!;
  let found: Definition | undefined;
  const registerType = (_type: string, given: Definition) => {
    found = given;
  };
  runInNewContext(script, { RED: { nodes: { registerType } } });
  return found!;
}

describe('the dialog that a contract gives', () => {
  const html = dialogHtml(SHELF);

  it('has a field for each property, its heading once, and what an empty one means', () => {
    assert.equal(html.match(/<h4 data-i18n="shelf\.group\.where">/g)?.length, 1);
    assert.match(html, /id="node-input-place" data-i18n="\[placeholder\]shelf\.hint\.place"/);
    assert.match(html, /id="node-input-step" title="0\.5 … 9" data-i18n="\[placeholder\]shelf\.hint\.step"/);
    assert.match(html, /id="node-input-count" title="1 … 4" placeholder="3"/);
    assert.doesNotMatch(html, /shelf\.unit\.(step|count)"/);
    assert.match(html, /<option value="" data-i18n="shelf\.choice\.kind\.empty">/);
    assert.match(html, /data-i18n="shelf\.explain\.facts".*<code id="node-input-kind-facts"/);
    assert.match(html, /<div class="define-node-wide">/);
    assert.match(html, /id="node-input-earlier"/);
  });

  it('names the node by what it is set to, where it has no name', () => {
    const { label, align } = definition();
    const named = (node: object) => label.call({ _: (key: string) => key, ...node });
    assert.equal(named({ name: 'mine', kind: 'cold' }), 'mine');
    assert.equal(named({ kind: 'cold', place: 'left' }), 'shelf.choice.kind.cold');
    assert.equal(named({ kind: '', place: 'left' }), 'shelf.palette left');
    assert.equal(named({}), 'shelf.palette');
    assert.equal(align, 'right');
  });

  it('knows properties of an earlier release, which a new node has not', () => {
    const { oldGrams } = definition().defaults;
    assert.deepEqual({ ...oldGrams }, { value: undefined });
  });

  it('refuses what the runtime would, and takes a variable and what is absent', () => {
    const { defaults } = definition();
    const takes = (name: string, value: unknown) => defaults[name]!.validate!(value);
    for (const [name, value] of [
      ['step', ''],
      ['step', '0.5'],
      ['step', '${STEP}'],
      ['count', undefined],
      ['place', 'top'],
    ]) {
      assert.equal(takes(name!, value), true, `${name}=${value}`);
    }
    for (const [name, value] of [
      ['step', '0.4'],
      ['step', 'x'],
      ['count', '1.5'],
      ['place', 'topmost'],
    ]) {
      assert.equal(takes(name!, value), false, `${name}=${value}`);
    }
  });

  it('checks every cell of a list', () => {
    const { defaults } = definition();
    const takes = (rows: unknown) => defaults.zones!.validate!(rows);
    const good = { name: 'top', grams: '2.5', side: 'left', on: true };
    for (const rows of [undefined, [], [good], [good, { name: 'low' }]]) assert.equal(takes(rows), true);
    const bad = [
      { ...good, grams: 10 },
      { ...good, grams: 'much' },
      { ...good, name: '' },
      { ...good, name: 'upper' },
    ];
    for (const row of bad) assert.equal(takes([good, row]), false, JSON.stringify(row));
    assert.equal(takes([good, good, good]), false);
  });

  it('gives a column the field of its kind', () => {
    assert.match(html, /<input type="number" step="any" min="0" max="9"[^>]*>'\)\.addClass\("row-grams"\)/);
    assert.match(html, /text\(node\._\("shelf\.unit\.zones-grams"\)\)/);
    assert.match(html, /<input type="text" maxlength="4"[^>]*>'\)\.addClass\("row-name"\)/);
    assert.match(html, /<select style="width: auto">'\)\.addClass\("row-side"\)/);
    assert.match(html, /<input type="checkbox"[^>]*>'\)\.addClass\("row-on"\)/);
  });

  it('wants a text for all that it shows', () => {
    const keys = labelKeys(SHELF);
    for (const key of [
      ...['hint.place', 'hint.step', 'group.where', 'tip.earlier', 'choice.kind.empty', 'explain.facts', 'facts.cold'],
      ...['row.zones.grams', 'unit.zones-grams', 'choice.zones-side.right'],
    ]) {
      assert.ok(keys.includes(`shelf.${key}`), key);
    }
    assert.ok(!keys.includes('shelf.unit.count'));
    assert.equal(new Set(keys).size, keys.length);
  });

  it('comes with a table in the help that says what a list’s columns are', () => {
    const labels = {
      shelf: {
        label: { zones: 'Zones', step: 'Step' },
        row: { zones: { name: 'Name', grams: 'Mass', side: 'Side', on: 'On' } },
        unit: { 'zones-grams': 'g' },
      },
    };
    const help = withPropertyTable('### Details\n', SHELF, labels, 'en-US');
    assert.match(help, /\| \*\*Zones\*\* \| list \(Name, Mass 0 … 9 g, Side, On\) \| {2}\| ≤ 2 \|/);
    assert.match(help, /\| \*\*Step\*\* \| number \| {2}\| 0\.5 … 9 \|/);
  });
});

describe('the texts of faults', () => {
  let palette: string;
  beforeEach(() => {
    palette = mkdtempSync(join(tmpdir(), 'palette-'));
  });
  afterEach(() => rmSync(palette, { recursive: true, force: true }));

  it('are put into one node’s catalog, the palette’s own before those of what it depends on', () => {
    const put = (path: string, content: object) => {
      mkdirSync(join(palette, path, '..'), { recursive: true });
      writeFileSync(join(palette, path), JSON.stringify(content));
    };
    put('faults/es.json', { faults: { 'scale.lost': 'propia' } });
    put('node_modules/kit/faults/es.json', {
      faults: { 'scale.lost': 'ajena', 'scale.far': 'lejos' },
      problems: { 'is odd': 'es raro' },
    });
    for (const language of ['es', 'en-US']) {
      for (const type of ['one', 'two'])
        put(`dist/${type}/locales/${language}/${type}.json`, { [type]: { palette: type } });
    }
    const nodes = { one: 'dist/one/one.js', two: 'dist/two/two.js' };
    shareFaults(palette, { name: '@x/scales', dependencies: { kit: '1', absent: '1' }, 'node-red': { nodes } });
    const catalog = (type: string, language = 'es') =>
      JSON.parse(readFileSync(join(palette, `dist/${type}/locales/${language}/${type}.json`), 'utf8')) as unknown;
    assert.deepEqual(catalog('one'), {
      one: { palette: 'one', sharedFaults: '@x/scales/one' },
      faults: { scale: { lost: 'propia', far: 'lejos' } },
      problems: { 'is odd': 'es raro' },
    });
    assert.deepEqual(catalog('two'), { two: { palette: 'two', sharedFaults: '@x/scales/one' } });
    assert.deepEqual(catalog('two', 'en-US'), { two: { palette: 'two' } });
  });
});
