// Each palette alone, as somebody else has it: its tarball installed into an empty Node-RED, every node loaded, an example run.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import { cardHolder, SECRET_KEY, startStandin, WEBHOOK_SECRET } from '../nodes/stripe-bench.ts';
import { shelfPng, writeTinyModel } from '../nodes/tiny-detr.ts';
import {
  example,
  type FlowNode,
  installAlone,
  needsVanilla,
  startVanilla,
  type Vanilla,
  VERSIONS,
} from './vanilla-node-red.ts';

const NODES = join(import.meta.dirname, '..', '..', 'nodes');

interface Trial {
  readonly palette: string;
  /** Presses an example and looks at what it promises. */
  readonly tries: (vanilla: Vanilla, userDir: string) => Promise<void>;
}

describe('a palette alone in a vanilla Node-RED', () => {
  before(function () {
    needsVanilla(this);
  });
  let stripe: RunningStripe | undefined;
  afterEach(async () => {
    await stripe?.close();
    stripe = undefined;
  });

  const TRIALS: readonly Trial[] = [
    {
      palette: 'node-red-contrib-stripe',
      tries: async (vanilla) => {
        stripe = await startStandin();
        const { port } = stripe;
        const { customer, paymentMethod } = await cardHolder(port);
        const here = { host: '127.0.0.1', port: String(port), protocol: 'http' };
        const nodes = example('node-red-contrib-stripe', 'stripe-capture', (node) =>
          node.type === 'stripe-account' ? here : replaced(node, { cus_REPLACE: customer, pm_REPLACE: paymentMethod }),
        );
        await vanilla.deploy(nodes);
        await vanilla.press('capture.start');
        assert.match(await vanilla.printed('taken'), /receivedMinor: 320,\s+owedMinor: 0/);
        await vanilla.deploy(
          example('node-red-contrib-stripe', 'stripe-call', ({ type }) => (type === 'stripe-account' ? here : {})),
        );
        await vanilla.press('call.make.start');
        assert.match(await vanilla.printed('customer'), /email: 'ana@example.com'/);
      },
    },
    {
      palette: 'node-red-contrib-detr',
      tries: async (vanilla, userDir) => {
        writeTinyModel(join(userDir, 'model'));
        writeFileSync(join(userDir, 'shelf.jpg'), await shelfPng({ cola: 2 }));
        const nodes = example('node-red-contrib-detr', 'detr-detect', (node) =>
          node.type === 'detr-model'
            ? { folder: join(userDir, 'model') }
            : replaced(node, { 'shelf.jpg': join(userDir, 'shelf.jpg') }),
        );
        await vanilla.deploy(nodes);
        await vanilla.press('detr-detect-in');
        assert.match(await vanilla.printed('Result'), /label: 'cola'/);
      },
    },
    {
      palette: 'node-red-contrib-tapcase',
      tries: async (vanilla) => {
        await vanilla.deploy(example('node-red-contrib-tapcase', 'record-reports'));
        await vanilla.press('reports-example.hello');
        assert.match(await vanilla.printed('what came of it'), /nonce: '0123456789abcdef'/);
      },
    },
  ];

  for (const { palette, tries } of TRIALS) {
    describe(palette, () => {
      let folder: string;
      let userDir: string;
      before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'tapcase-vanilla-'));
        userDir = await installAlone(palette, folder);
      });
      after(() => {
        if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      });

      for (const version of VERSIONS) {
        it(`loads every node in Node-RED ${version}, and its example does what it says`, async () => {
          const vanilla = await startVanilla(version, userDir, {
            STRIPE_SECRET_KEY: SECRET_KEY,
            STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
          });
          try {
            const manifest = JSON.parse(readFileSync(join(NODES, palette, 'package.json'), 'utf8')) as {
              'node-red': { nodes: Record<string, string> };
            };
            const types = await vanilla.types();
            for (const type of Object.keys(manifest['node-red'].nodes)) assert.equal(types.get(type), null, type);
            await tries(vanilla, userDir);
          } finally {
            await vanilla.stop();
          }
        });
      }
    });
  }
});

/** The node with these words in all its properties. */
function replaced(node: FlowNode, words: Readonly<Record<string, string>>): object {
  let text = JSON.stringify(node);
  for (const [word, by] of Object.entries(words)) text = text.replaceAll(word, by);
  return JSON.parse(text) as object;
}
