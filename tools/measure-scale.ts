// Says how well the simulated shelf is weighed over a door session: the unmodified firmware in its VM, unlocked again and
// again while a known mass is taken. `node tools/measure-scale.ts [visits]` prints what the reports missed, as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DoorReport, openFrame, orThrow, parseDoorReport, sealFrame } from '@tapcase/domain';
import mqtt from 'mqtt';
import { hmacSha256 as hmac } from '../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import { accountsOf, startBroker } from '../sim/src/broker/broker.ts';
import { startController } from '../sim/src/case/controller.ts';

const VISITS = Number(process.argv[2] ?? 200);
const KEY = Buffer.alloc(32, 7);
const TOPIC = 'case/123/cmd';
/** From an unlock to the weighed close takes half a second; the firmware waits 4 s for a shelf that will not rest. */
const PATIENCE_MS = 30_000;
const FULL_GRAMS = 12_000;
/** What visits take, or put back, in turn; the sum is nothing, so that nobody has to fill the case in between. */
const TAKEN_GRAMS = [0, 50, -50, 355, -355, 710, -710, 2_000, -2_000];

const folder = mkdtempSync(join(tmpdir(), 'tapcase-scale-'));
const broker = await startBroker({ port: 0, accounts: accountsOf(['123'], { cloud: 'c', device: () => 'd' }) });
const cloud = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: 'cloud', password: 'c' });
const heard: { type: string; nonce?: string; seq: number }[] = [];
let look = () => {};
let grams = FULL_GRAMS;
let isOpen = false;
let seq = 0;

cloud.on('message', (topic, frame) => {
  const payload = orThrow(openFrame({ topic, frame, keys: [KEY], hmac }) as object) as (typeof heard)[number];
  heard.push(payload);
  if (payload.type === 'hello') send({ type: 'time', nonce: payload.nonce });
  else if (topic.endsWith('/door')) send({ type: 'ack', topic: 'door', of: payload.seq });
  look();
});
await cloud.subscribeAsync(['case/+/status', 'case/+/door']);
const controller = await startController({
  caseId: '123',
  key: KEY,
  broker: { host: '127.0.0.1', port: broker.port, username: '123-controller', password: 'd' },
  cabinet: { massGrams: () => grams, doorOpen: () => isOpen },
  flashFolder: folder,
  onChange: () => look(),
});
try {
  await until(() => controller.face().ready || undefined);
  const visits: { missedGrams: number; statedGrams: number }[] = [];
  for (let n = 0; n < VISITS; n += 1) visits.push(await visit(n));
  const missed = visits.map(({ missedGrams }) => missedGrams);
  const round = (value: number) => Math.round(value * 1_000) / 1_000;
  console.log(
    JSON.stringify({
      visits: visits.length,
      meanGrams: round(missed.reduce((sum, value) => sum + value, 0) / missed.length),
      sigmaGrams: round(Math.sqrt(missed.reduce((sum, value) => sum + value ** 2, 0) / missed.length)),
      worstGrams: round(Math.max(...missed.map(Math.abs))),
      statedGrams: round(visits.reduce((sum, { statedGrams }) => sum + statedGrams, 0) / visits.length),
    }),
  );
} finally {
  await controller.stop();
  await cloud.endAsync(true);
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
}

async function visit(n: number): Promise<{ missedGrams: number; statedGrams: number }> {
  const id = `visit${String(n).padStart(4, '0')}`;
  const takenGrams = TAKEN_GRAMS[n % TAKEN_GRAMS.length]!;
  await until(() => (controller.face().locked && controller.face().line === 0) || undefined);
  send({ type: 'unlock', id, exp: now() + 10 });
  await report('unlocked', id);
  isOpen = true;
  await report('opened', id);
  grams -= takenGrams;
  isOpen = false;
  const closed = await report('closed', id);
  if (closed.type !== 'closed') throw new Error('not a weighing');
  return { missedGrams: closed.dmass - takenGrams, statedGrams: closed.sigma };
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}

function send(payload: object): void {
  seq += 1;
  const sealed = sealFrame({ topic: TOPIC, payload: { seq, at: now(), ...payload }, key: KEY, hmac });
  cloud.publish(TOPIC, Buffer.from(orThrow(sealed)), { qos: 1 });
}

function report(type: DoorReport['type'], id: string): Promise<DoorReport> {
  return until(() => {
    const found = heard.find((entry) => entry.type === type && (entry as { id?: string }).id === id);
    return found === undefined ? undefined : orThrow(parseDoorReport(found));
  });
}

function until<T>(read: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the controller has gone quiet')), PATIENCE_MS);
    look = () => {
      const found = read();
      if (found === undefined) return;
      clearTimeout(timer);
      look = () => {};
      resolve(found);
    };
    look();
  });
}
