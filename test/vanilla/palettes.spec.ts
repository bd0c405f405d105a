// Each palette alone, as somebody else has it: its tarball in an empty Node-RED, every node loaded, every example pressed.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installAlone, type Manifest, NODES, PALETTES, packAll } from './packed.ts';
import { ENVIRONMENT, TRIALS } from './trials.ts';
import { needsVanilla, startVanilla, type Vanilla, VERSIONS, versionOf } from './vanilla-node-red.ts';

/** A type of each palette that asks its config node at every message. */
const ASKS: Readonly<Record<string, string>> = {
  'node-red-contrib-stripe': 'stripe-call',
  'node-red-contrib-detr': 'detr-detect',
  'node-red-contrib-hmac': 'hmac-sign',
  'node-red-contrib-tapcase': 'tapcase-price',
  'node-red-contrib-tapcase-edge': 'tapcase-look',
};

describe('a palette alone in a vanilla Node-RED', () => {
  let folder: string;
  let tarballs: ReadonlyMap<string, string>;
  before(async function () {
    needsVanilla(this);
    folder = mkdtempSync(join(tmpdir(), 'tapcase-vanilla-'));
    tarballs = await packAll(folder);
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  for (const palette of PALETTES) {
    describe(palette, () => {
      let userDir: string;
      let manifest: Manifest;
      before(async () => {
        userDir = join(folder, palette);
        mkdirSync(userDir);
        manifest = await installAlone(tarballs.get(palette)!, userDir);
      });

      it('brings its licence, its page with a picture, and says where it comes from', () => {
        const home = join(userDir, 'node_modules', manifest.name);
        const readme = readFileSync(join(home, 'README.md'), 'utf8');
        const pictures = [...readme.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path!);
        assert.ok(pictures.length > 0, 'no picture');
        for (const path of [...pictures, 'LICENSE'])
          assert.ok(existsSync(join(home, path)), `${path} is not in the tarball`);
        assert.equal(manifest.license, 'Apache-2.0');
        assert.ok(manifest.keywords?.includes('node-red'));
      });

      it('says which Node-RED it was tried in', () => {
        const wanted = manifest['node-red']!.version;
        assert.equal(wanted, VERSIONS.map((version) => `^${versionOf(version)}`).join(' || '));
        const readme = readFileSync(join(NODES, palette, 'README.md'), 'utf8');
        for (const version of VERSIONS) assert.ok(readme.includes(versionOf(version)), versionOf(version));
      });

      it('has an example tried for every one that it brings', () => {
        const brought = readdirSync(join(NODES, palette, 'examples')).map((name) => name.replace('.json', ''));
        assert.deepEqual(Object.keys(TRIALS[palette] ?? {}).sort(), brought.sort());
      });

      for (const version of VERSIONS) {
        describe(`in Node-RED ${version}`, () => {
          let vanilla: Vanilla;
          before(async () => {
            vanilla = await startVanilla(version, userDir, ENVIRONMENT);
          });
          after(() => vanilla?.stop());

          it('loads every node', async () => {
            const types = await vanilla.types();
            const named = Object.keys(manifest['node-red']!.nodes);
            assert.deepEqual([...types.keys()].sort(), named.sort());
            for (const type of named) assert.equal(types.get(type), null, type);
          });

          for (const [name, { promise, needs = [], tries }] of Object.entries(TRIALS[palette] ?? {})) {
            if (needs.length > 0) continue;
            it(`${name}: ${promise}`, () => tries(vanilla, userDir));
          }
        });
      }

      it('tells its faults in Spanish where the Node-RED speaks it', async () => {
        const vanilla = await startVanilla(VERSIONS.at(-1)!, userDir, ENVIRONMENT, { lang: 'es' });
        try {
          const at = { z: 'spanish', x: 100, y: 100, name: '' };
          await vanilla.deploy([
            { id: 'spanish', type: 'tab', label: 'Spanish' },
            { ...at, id: 'press', type: 'inject', props: [], repeat: '', once: false, wires: [['asks']] },
            { ...at, id: 'asks', type: ASKS[palette]!, wires: [] },
            { ...at, id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [['said']] },
            {
              ...{ ...at, id: 'said', type: 'debug', name: 'said', active: true, tosidebar: false, console: true },
              ...{ complete: 'error.message', targetType: 'msg', wires: [] },
            },
          ]);
          await vanilla.press('press');
          assert.match(await vanilla.printed('said'), /no hay ningún [a-z-]+ elegido|al mensaje le falta/);
        } finally {
          await vanilla.stop();
        }
      });

      describe('with another palette beside it', () => {
        for (const [name, { promise, needs = [], tries }] of Object.entries(TRIALS[palette] ?? {})) {
          if (needs.length === 0) continue;
          it(`${name}, with ${needs.join(' and ')}: ${promise}`, async () => {
            for (const other of needs) await installAlone(tarballs.get(other)!, userDir);
            const vanilla = await startVanilla(VERSIONS.at(-1)!, userDir, ENVIRONMENT);
            try {
              await tries(vanilla, userDir);
            } finally {
              await vanilla.stop();
            }
          });
        }
      });
    });
  }
});
