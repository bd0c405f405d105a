// The unmodified firmware in the MicroPython VM, with its modem on a real broker: what opens the door, and what never does.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFrame, parseDoorReport, parseStatusReport, sealFrame } from '@tapcase/domain';
import mqtt, { type MqttClient } from 'mqtt';
import { hmacSha256 as hmac } from '../../nodes/node-red-contrib-tapcase/src/case-keys/keys.ts';
import { accountsOf, type Broker, startBroker } from '../../sim/src/broker/broker.ts';
import { startController } from '../../sim/src/case/controller.ts';
import type { Controller, ControllerFace } from '../../sim/src/case/types.ts';

const KEY = Buffer.alloc(32, 7);
const TOPIC = 'case/123/cmd';
const WAIT_MS = 15_000;
/** A modem that was cut off in the middle of something may want its power key. */
const BOOT_WAIT_MS = 30_000;
/** Longer than the firmware takes to obey a good command, so that "nothing happened" means something. */
const NOTHING_MS = 700;

type Report = Readonly<Record<string, unknown>> & { readonly type: string; readonly seq: number };

describe('the controller', function () {
  this.timeout(60_000);
  let folder: string;
  let broker: Broker;
  let cloud: MqttClient;
  let controller: Controller;
  let mass = 5_000;
  let doorOpen = false;
  let seq = 0;
  let acking = true;
  const faces: ControllerFace[] = [];
  const reports: Report[] = [];
  const waiting = new Set<() => void>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-flash-'));
    broker = await startBroker({ port: 0, accounts: accountsOf(['123'], { cloud: 'c', device: () => 'd' }) });
    cloud = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: 'cloud', password: 'c' });
    cloud.on('message', (topic, frame) => hear(topic, frame));
    await cloud.subscribeAsync(['case/+/status', 'case/+/door']);
    await start();
  });
  after(async () => {
    await controller?.stop();
    await cloud?.endAsync(true);
    await broker?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async () => {
    controller = await startController({
      caseId: '123',
      key: KEY,
      broker: { host: '127.0.0.1', port: broker.port, username: '123-controller', password: 'd' },
      cabinet: { massGrams: () => mass, doorOpen: () => doorOpen },
      flashFolder: folder,
      onChange: (face) => {
        faces.push(face);
        for (const look of waiting) look();
      },
      limits: { open_within_ms: 1_500, open_too_long_ms: 900, status_ms: 1_000 },
    });
  };

  function hear(topic: string, frame: Uint8Array): void {
    const payload = openFrame({ topic, frame, keys: [KEY], hmac });
    const report = topic.endsWith('/door') ? parseDoorReport(payload) : parseStatusReport(payload);
    assert.ok(!(report instanceof Error), `the cloud does not understand ${frame.toString()}`);
    reports.push(report as Report);
    if (report.type === 'hello') send({ type: 'time', nonce: report.nonce });
    else if (acking && topic.endsWith('/door')) send({ type: 'ack', topic: 'door', of: report.seq });
    for (const look of waiting) look();
  }

  const now = () => Math.floor(Date.now() / 1000);
  const publish = (frame: Uint8Array | string) => cloud.publish(TOPIC, Buffer.from(frame), { qos: 1 });
  const seal = (payload: object) => {
    seq += 1;
    return sealFrame({ topic: TOPIC, payload: { seq, at: now(), ...payload }, key: KEY, hmac }) as Uint8Array;
  };
  const send = (payload: object) => publish(seal(payload));
  const unlock = (id: string) => seal({ type: 'unlock', id, exp: now() + 10 });

  function until<T>(what: string, look: () => T | undefined, waitMs = WAIT_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(check);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiting.delete(check);
        reject(new Error(`waited in vain for ${what}; last reports ${JSON.stringify(reports.slice(-4))}`));
      }, waitMs);
      waiting.add(check);
      check();
    });
  }
  const report = (type: string, id: string) =>
    until(`${type} of ${id}`, () => reports.find((entry) => entry.type === type && entry.id === id));
  const staysShut = async () => {
    const before = reports.length;
    await new Promise((resolve) => setTimeout(resolve, NOTHING_MS));
    assert.equal(controller.face().locked, true);
    assert.deepEqual(
      reports.slice(before).filter(({ type }) => type === 'unlocked'),
      [],
    );
  };

  it('drives the lock to its safe level before it does anything else', () => {
    assert.equal(faces[0]!.locked, true);
    assert.equal(
      faces.every(({ locked }) => locked),
      true,
    );
  });

  it('opens nothing before the signed time has come', async () => {
    publish(unlock('tooearly'));
    await until('a status, which needs the time', () => reports.find(({ type }) => type === 'status'));
    assert.equal(
      reports.some(({ type }) => type === 'unlocked'),
      false,
    );
  });

  it('opens for exactly what the cloud signs, and weighs what went (defect 3)', async () => {
    publish(unlock('visit01'));
    await report('unlocked', 'visit01');
    await until('an open lock', () => (controller.face().locked ? undefined : true));
    await until('the line up', () => (controller.face().line === 1 ? true : undefined));
    doorOpen = true;
    await report('opened', 'visit01');
    mass -= 710;
    doorOpen = false;
    const closed = await report('closed', 'visit01');
    assert.ok(Math.abs(Number(closed.dmass) - 710) < 10, `dmass ${String(closed.dmass)}`);
    await until('a locked door', () => (controller.face().locked ? true : undefined));
    await until('the line down', () => (controller.face().line === 0 ? true : undefined));
  });

  it('a captured unlock opens nothing the second time (defect 6)', async () => {
    const frame = unlock('visit02');
    publish(frame);
    await report('unlocked', 'visit02');
    await report('timeout', 'visit02');
    publish(frame);
    await staysShut();
  });

  it('an unsigned, a forged, an expired and a future unlock open nothing', async () => {
    publish('unlock:abc123');
    const forged = unlock('visit03');
    forged[10]! ^= 1;
    publish(forged);
    // Clocks are whole seconds here and there: one second late is not late yet.
    publish(seal({ type: 'unlock', id: 'visit04', at: now() - 13, exp: now() - 3 }));
    publish(seal({ type: 'unlock', id: 'visit05', at: now() + 3_600, exp: now() + 3_610 }));
    await staysShut();
  });

  it('locks again when nobody opens the door', async () => {
    publish(unlock('visit06'));
    await report('timeout', 'visit06');
    await until('a locked door', () => (controller.face().locked ? true : undefined));
  });

  it('a door held open is told, and still ends in a weighed close (defect 7)', async () => {
    publish(unlock('visit07'));
    await report('unlocked', 'visit07');
    doorOpen = true;
    await report('open_too_long', 'visit07');
    mass -= 70;
    doorOpen = false;
    const closed = await report('closed', 'visit07');
    assert.ok(Math.abs(Number(closed.dmass) - 70) < 10, `dmass ${String(closed.dmass)}`);
  });

  it('a door that opens without us is forced', async () => {
    doorOpen = true;
    await until('a forced door', () => reports.find(({ type }) => type === 'forced'));
    doorOpen = false;
  });

  it('a report waits through a lost radio until the cloud has acked it', async () => {
    publish(unlock('visit08'));
    await report('unlocked', 'visit08');
    doorOpen = true;
    await report('opened', 'visit08');
    acking = false;
    controller.radio(false);
    mass -= 260;
    doorOpen = false;
    await until('a shut door', () => (controller.face().line === 0 ? true : undefined));
    controller.radio(true);
    const first = await report('closed', 'visit08');
    const again = await until(
      'the same report again',
      () => reports.filter(({ type, id }) => type === 'closed' && id === 'visit08')[1],
    );
    assert.equal(again.seq, first.seq);
    acking = true;
    send({ type: 'ack', topic: 'door', of: first.seq });
  });

  it('a case that is locked out stays so through a pulled plug, and refuses what the cloud signs', async () => {
    send({ type: 'lockout', on: true, reason: 'too warm' });
    await until('a locked out case', () => reports.find(({ state }) => state === 'locked_out'));
    await controller.stop();
    const before = reports.length;
    await start();
    const says = (state: string) => {
      const look = () => reports.slice(before).find((entry) => entry.state === state);
      return until(`a status that says ${state}`, look, BOOT_WAIT_MS);
    };
    await says('locked_out');
    publish(unlock('visit09'));
    await staysShut();
    const told = reports.slice(before);
    assert.ok(told.every(({ type, id }) => type === 'status' || type === 'hello' || id !== 'visit09'));
    send({ type: 'lockout', on: false, reason: '' });
    await says('locked');
    publish(unlock('visit10'));
    await report('unlocked', 'visit10');
    await report('timeout', 'visit10');
  });
});
