// Two instances of the cloud on one PostgreSQL and one Mosquitto: each frame is one's to deal with, and a phone hears from whichever
// instance it asked what the other has done.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFrame, sealFrame } from '@tapcase/domain';
import { deriveDeviceKey, hmacSha256 } from '@tapcase/node-red-contrib-hmac';
import mqtt, { type MqttClient } from 'mqtt';
import type { Ledger } from '../../ledger/src/port.ts';
import { openPostgresLedger } from '../../ledger/src/postgres.ts';
import { type Running, start } from '../../prove/process.ts';
import { freePorts, type ProvedShop, planShop } from '../../prove/shop.ts';
import { type RunningMosquitto, startMosquitto } from '../mosquitto.ts';
import { needs } from '../needs.ts';
import { until, within } from '../patience.ts';
import { type RunningPostgres, startPostgres } from '../postgres.ts';
import { signedIn } from '../signed-in.ts';
import { ROOT } from './shop-bench.ts';

const CASE = 'c1';
const CONTROLLER = `${CASE}-controller`;
const FRAMES = 20;
const ACCESS = `user ${CONTROLLER}\ntopic read case/${CASE}/cmd\ntopic write case/${CASE}/door`;

describe('two instances of the cloud', () => {
  const clouds: Running[] = [];
  const shopUrls: string[] = [];
  let folder: string;
  let postgres: RunningPostgres;
  let broker: RunningMosquitto;
  let ledger: Ledger;
  let shop: ProvedShop;
  let controller: MqttClient;

  before(async function () {
    const program = needs(this, 'mosquitto');
    postgres = await startPostgres(needs(this, 'postgres'));
    folder = mkdtempSync(join(tmpdir(), 'tapcase-two-'));
    const databaseUrl = await postgres.database();
    const [first, second, brokerPort] = (await freePorts(3)) as [number, number, number];
    const ports = { shop: first, broker: brokerPort, stripe: 1, push: 1 };
    shop = planShop({ folder, caseIds: [CASE], ports, databaseUrl }, ROOT);
    const { cloud, device } = shop.brokerPasswords;
    const passwords = new Map([
      ['cloud', cloud],
      ['cloud-2', cloud],
      [CONTROLLER, device],
    ]);
    broker = await startMosquitto(program, { passwords, access: ACCESS, clouds: ['cloud-2'], port: brokerPort });
    ledger = await openPostgresLedger({ url: databaseUrl });
    for (const [number, port] of [first, second].entries()) {
      const own = { PORT: String(port), USER_DIR: join(folder, `node-red-${number}`), BROKER_SHARE: 'tapcase' };
      const account = number === 0 ? {} : { BROKER_USER: 'cloud-2' };
      clouds.push(
        start({ script: join(ROOT, 'start.ts'), args: ['cloud'], env: { ...shop.environment, ...own, ...account } }),
      );
      shopUrls.push(`http://127.0.0.1:${port}`);
    }
    for (const instance of clouds) assert.equal(await within('an instance to be ready', instance.ready), true);
    for (const url of shopUrls)
      await until('an instance to hear the cases', async () => (await fetch(`${url}/readyz`)).status === 200);
    controller = await mqtt.connectAsync(`mqtt://127.0.0.1:${brokerPort}`, { username: CONTROLLER, password: device });
  });
  after(async () => {
    await controller?.endAsync(true);
    for (const instance of clouds) await instance.kill();
    await ledger?.close();
    await broker?.close();
    await postgres?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('share what a case says: each report is acked by one of them', async () => {
    const key = deriveDeviceKey(shop.masterKey, CASE, 'controller');
    const acked: number[] = [];
    controller.on('message', (topic, frame) => {
      const { type, of } = openFrame({ topic, frame, keys: [key], hmac: hmacSha256 }) as { type?: string; of?: number };
      if (type === 'ack') acked.push(of!);
    });
    await controller.subscribeAsync(`case/${CASE}/cmd`, { qos: 1 });
    const numbers = Array.from({ length: FRAMES }, (_, index) => index + 1);
    for (const seq of numbers) {
      const topic = `case/${CASE}/door`;
      const payload = { type: 'forced', seq, at: Math.floor(Date.now() / 1000), mass: 0 };
      const frame = sealFrame({ topic, payload, key, hmac: hmacSha256 });
      await controller.publishAsync(topic, Buffer.from(frame as Uint8Array), { qos: 1 });
      await until(`the ack of ${seq}`, () => acked.includes(seq));
    }
    assert.deepEqual(acked, numbers);
  });

  it('tell a phone at the one what the other has done with its visit, to the end', async () => {
    const id = randomUUID().replaceAll('-', '').slice(0, 12);
    await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: Date.now() });
    const card = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
    const opening = { id, caseId: CASE, customerId: 'ann', requestId: randomUUID(), language: 'en' } as const;
    await ledger.openVisit({ ...opening, catalog: shop.catalog, card, holdMinor: 1_000, atMs: Date.now() });
    const cookie = await signedIn(ledger, 'ann');
    const streams = await Promise.all(
      shopUrls.map(async (url) => {
        const { status, body } = await fetch(`${url}/api/visits/${id}/live`, { headers: { cookie } });
        assert.equal(status, 200);
        return phases(body!);
      }),
    );
    for (const stream of streams) assert.equal(await stream.next(), 'requested');
    // As an instance does it that is neither of them.
    const refused = await ledger.advanceVisit(id, { event: 'hold_refused', atMs: Date.now(), visionWaitMs: 0 });
    assert.ok(!(refused instanceof Error), String(refused));
    for (const stream of streams) {
      assert.equal(await stream.next(), 'done');
      assert.equal(await stream.next(), undefined);
    }
  });
});

/** What a stream of events tells of the visit, one after the other; undefined once it has ended. */
function phases(body: ReadableStream<Uint8Array>): { next(): Promise<string | undefined> } {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  return {
    next: async () => {
      for (;;) {
        const found = /^data: (.*)\n/m.exec(text);
        if (found !== null) {
          text = text.slice(found.index + found[0].length);
          return (JSON.parse(found[1]!) as { phase: string }).phase;
        }
        const { done, value } = await within('the next of a stream', reader.read());
        if (done) return undefined;
        text += decoder.decode(value, { stream: true });
      }
    },
  };
}
