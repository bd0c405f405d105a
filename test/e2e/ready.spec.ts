// A cloud says that it is ready while its broker is there, and that it is not while it is gone, to whoever asks its customers' listener.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, start } from '../../prove/process.ts';
import { freePorts, planShop } from '../../prove/shop.ts';
import { until, within } from '../patience.ts';
import { ROOT } from './shop-bench.ts';

describe('a cloud whose broker comes and goes', () => {
  const caseIds = ['c1'];
  let folder: string;
  let cloud: Running;
  let broker: Running | undefined;
  let shopPort: number;
  let startBroker: () => Running;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-ready-'));
    const [shop, brokerPort] = (await freePorts(2)) as [number, number];
    shopPort = shop;
    const ports = { shop, broker: brokerPort, stripe: 1, push: 1 };
    const { environment, brokerPasswords } = planShop({ folder, caseIds, ports, databaseUrl: '' }, ROOT);
    const words = [String(brokerPort), caseIds.join(','), brokerPasswords.cloud, brokerPasswords.device];
    startBroker = () => start({ script: join(ROOT, 'prove', 'broker.ts'), args: words });
    cloud = start({ script: join(ROOT, 'start.ts'), args: ['cloud'], env: environment });
    assert.equal(await within('the cloud to be ready', cloud.ready), true);
  });
  after(async () => {
    await cloud?.kill();
    await broker?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const asked = async () => {
    const answer = await fetch(`http://127.0.0.1:${shopPort}/readyz`);
    return { status: answer.status, again: answer.headers.get('retry-after'), body: (await answer.json()) as object };
  };
  const WITHOUT = { status: 503, again: '1', body: { ready: false, ledger: true, broker: false, flows: true } };

  it('is alive and not ready before it is there', async () => {
    assert.equal((await fetch(`http://127.0.0.1:${shopPort}/healthz`)).status, 200);
    assert.deepEqual(await asked(), WITHOUT);
  });

  it('is ready when it has come, not when it is gone, and again when it is back', async () => {
    for (const _ of ['come', 'back']) {
      broker = startBroker();
      await until('the cloud to be ready', async () => (await asked()).status === 200);
      await broker.kill();
      await until('the cloud to be without its broker', async () => (await asked()).status === 503);
      assert.deepEqual(await asked(), WITHOUT);
    }
  });
});
