// The node that define-node's README shows, taken out of it word for word: built as a palette, and run.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildDialogs } from '../../nodes/define-node/build/main.ts';
import { bench, type NodeModule, withRuntime } from './harness.ts';

const KIT = join(import.meta.dirname, '..', '..', 'nodes', 'define-node');
const LINES_MAX = 25;

describe('the node in define-node’s README', () => {
  withRuntime();
  const [contract, node, texts] = Array.from(
    readFileSync(join(KIT, 'README.md'), 'utf8').matchAll(/```(?:js|json)\n([\s\S]*?)```/g),
    ([, code]) => code ?? '',
  ) as [string, string, string];
  let palette: string;

  beforeEach(() => {
    // Inside the tree, so that the kit's name is found; in a folder that git ignores.
    palette = mkdtempSync(join(KIT, 'dist', 'readme-'));
    const locale = join(palette, 'locales', 'en-US');
    mkdirSync(locale, { recursive: true });
    const manifest = { type: 'module', 'node-red': { nodes: { postage: 'postage.js' } } };
    writeFileSync(join(palette, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(palette, 'contract.js'), contract);
    writeFileSync(join(palette, 'postage.js'), node);
    writeFileSync(join(locale, 'postage.json'), texts);
    writeFileSync(join(locale, 'postage.html'), HELP);
  });
  afterEach(() => rmSync(palette, { recursive: true, force: true }));

  it(`has ${LINES_MAX} lines`, () => {
    const lines = `${contract}${node}`.split('\n').filter((line) => line.trim() !== '');
    assert.ok(lines.length <= LINES_MAX, `${lines.length} lines`);
  });

  it('prices a parcel, puts a heavy one aside, and says what it wants', async () => {
    const { default: postage } = (await import(pathToFileURL(join(palette, 'postage.js')).href)) as {
      default: NodeModule;
    };
    const { send } = await bench({ node: { id: 'n', type: 'postage' }, outputs: 2, modules: [postage] });
    const priced = await send({ parcel: { grams: 250 } });
    assert.deepEqual([priced.kind === 'output' && priced.port, priced.message.cents], [0, 120]);
    const heavy = await send({ parcel: { grams: 30_000 } });
    assert.equal(heavy.kind === 'output' && heavy.port, 1);
    const fault = await send({ parcel: {} });
    assert.equal(fault.kind === 'fault' && fault.code, 'postage.bad-property');
  });

  it('gets its dialog and the table of its help from the build', async () => {
    assert.deepEqual(await buildDialogs(palette), ['postage']);
    const dialog = readFileSync(join(palette, 'postage.html'), 'utf8');
    for (const field of ['name', 'grams', 'gramsType', 'limitGrams', 'express']) {
      assert.ok(dialog.includes(`id="node-input-${field}"`), field);
    }
    const help = readFileSync(join(palette, 'locales', 'en-US', 'postage.html'), 'utf8');
    assert.match(help, /\| \*\*Limit\*\* \| number, g \| `20000` \| 1 … 100000 \|/);
  });

  it('is not built while a text is missing', async () => {
    const file = join(palette, 'locales', 'en-US', 'postage.json');
    writeFileSync(file, texts.replace('"express": "Express"', '"expres": "Express"'));
    await assert.rejects(buildDialogs(palette), /postage has no text in en-US for postage.label.express/);
  });
});

const HELP = `<script type="text/markdown" data-help-name="postage">
Prices a parcel.

### Details

None.
</script>
`;
