// Whether the shop says that it is ready only while it is, and costs little however often it is asked.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { shopApp } from '../../host/http.ts';
import { createReadiness } from '../../host/readiness.ts';

const PORT = Symbol.for('tapcase.port');

function bench(limits: { readonly ledgerMsMax?: number } = {}) {
  let atMs = 0;
  const ledger = { asked: 0, answer: async (): Promise<unknown> => undefined };
  const nodes: Record<string, unknown> = {
    'config.broker': { connected: true },
    'config.ledger': {
      [PORT]: () => ({
        visit: () => {
          ledger.asked += 1;
          return ledger.answer();
        },
      }),
    },
  };
  const readiness = createReadiness({
    ledgers: ['config.ledger'],
    brokers: ['config.broker'],
    nowMs: () => atMs,
    ...limits,
  });
  const later = () => {
    atMs += 1_000;
    return readiness.now();
  };
  return { readiness, ledger, nodes, later, start: () => readiness.started((id) => nodes[id] ?? null) };
}
const ALL = { ledger: true, broker: true, flows: true };

describe('a shop', () => {
  it('is not ready before its flows run, and then at once', async () => {
    const { readiness, start } = bench();
    assert.deepEqual(await readiness.now(), { ledger: false, broker: false, flows: false });
    start();
    assert.deepEqual(await readiness.now(), ALL);
  });

  it('is not ready without its broker or its ledger, and again when they are back', async () => {
    const { nodes, ledger, later, start } = bench();
    start();
    nodes['config.broker'] = { connected: false };
    assert.deepEqual(await later(), { ...ALL, broker: false });
    nodes['config.broker'] = { connected: true };
    ledger.answer = () => Promise.reject(new Error('ECONNREFUSED'));
    assert.deepEqual(await later(), { ...ALL, ledger: false });
    ledger.answer = async () => undefined;
    assert.deepEqual(await later(), ALL);
  });

  it('is not ready while its nodes are being changed, or where their config is wrong', async () => {
    const { nodes, later, start } = bench();
    start();
    nodes['config.broker'] = null;
    nodes['config.ledger'] = {
      [PORT]: () => {
        throw new Error('config.invalid');
      },
    };
    assert.deepEqual(await later(), { ledger: false, broker: false, flows: true });
    nodes['config.ledger'] = null;
    assert.deepEqual(await later(), { ledger: false, broker: false, flows: true });
  });

  it('is not ready where the ledger never answers', async () => {
    const { ledger, later, start } = bench({ ledgerMsMax: 1 });
    start();
    ledger.answer = () => new Promise(() => {});
    assert.deepEqual(await later(), { ...ALL, ledger: false });
  });

  it('asks its ledger once a second, however many want to know', async () => {
    const { readiness, ledger, later, start } = bench();
    start();
    for (const _ of Array.from({ length: 50 })) await readiness.now();
    assert.equal(ledger.asked, 1);
    await later();
    assert.equal(ledger.asked, 2);
  });

  it('tells everybody: alive whenever it answers, and 503 with a time to come back while it is not ready', async () => {
    const { readiness, nodes, later, start } = bench();
    const server = createServer(
      shopApp({ publicUrl: 'http://shop.test', pwaFolder: 'pwa/dist', picturesFolder: 'pictures', readiness }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const ask = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
      return [answer.status, answer.headers.get('retry-after'), await answer.text()];
    };
    try {
      const body = (parts: object, ready: boolean) => JSON.stringify({ ready, ...parts });
      assert.deepEqual(await ask('/healthz'), [200, null, 'ok']);
      assert.deepEqual(await ask('/readyz'), [503, '1', body({ ledger: false, broker: false, flows: false }, false)]);
      start();
      assert.deepEqual(await ask('/readyz'), [200, null, body(ALL, true)]);
      nodes['config.broker'] = { connected: false };
      await later();
      assert.deepEqual(await ask('/readyz'), [503, '1', body({ ...ALL, broker: false }, false)]);
      assert.deepEqual(await ask('/healthz'), [200, null, 'ok']);
    } finally {
      server.close();
    }
  });
});
