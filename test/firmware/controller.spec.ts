// The unmodified firmware in the MicroPython VM, with its modem on a real broker: what opens the door, and what never does.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFrame, parseDoorReport, parseStatusReport, sealFrame } from '@tapcase/domain';
import mqtt, { type MqttClient } from 'mqtt';
import { hmacSha256 as hmac } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import { accountsOf, type Broker, startBroker } from '../../sim/src/broker/broker.ts';
import { startController } from '../../sim/src/case/controller.ts';
import type { Controller, ControllerFace } from '../../sim/src/case/types.ts';
import { HANG_MS, until } from '../patience.ts';

const KEY = Buffer.alloc(32, 7);
const TOPIC = 'case/123/cmd';
/** A case that gives a customer more time than a test ever takes, and one that gives him next to none. */
const PATIENT = { open_within_ms: 2 * HANG_MS, open_too_long_ms: 300, status_ms: 1_000 } as const;
const HASTY = { ...PATIENT, open_within_ms: 300 } as const;
/** A command that is signed is obeyed in the first 30 s anyhow; nothing here is about the end of its life. */
const LIFE_S = 600;

type Report = Readonly<Record<string, unknown>> & { readonly type: string; readonly seq: number };

describe('the controller', () => {
  let folder: string;
  let broker: Broker;
  let cloud: MqttClient;
  let controller: Controller;
  let mass = 5_000;
  let doorOpen = false;
  let seq = 0;
  let acking = true;
  /** The cloud keeps the time to itself until a test lets it tell. */
  let telling = false;
  const faces: ControllerFace[] = [];
  const reports: Report[] = [];
  /** All that the case's log has ever had: it keeps the last lines only. */
  const logged = new Set<string>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-flash-'));
    broker = await startBroker({ port: 0, accounts: accountsOf(['123'], { cloud: 'c', device: () => 'd' }) });
    cloud = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: 'cloud', password: 'c' });
    cloud.on('message', (topic, frame) => hear(topic, frame));
    await cloud.subscribeAsync(['case/+/status', 'case/+/door']);
    await start(PATIENT);
  });
  after(async () => {
    await controller?.stop();
    await cloud?.endAsync(true);
    await broker?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (limits: typeof PATIENT | typeof HASTY) => {
    controller = await startController({
      caseId: '123',
      key: KEY,
      broker: { host: '127.0.0.1', port: broker.port, username: '123-controller', password: 'd' },
      cabinet: { massGrams: () => mass, doorOpen: () => doorOpen },
      flashFolder: folder,
      onChange: (face) => {
        faces.push(face);
        for (const { kind, what } of controller?.log() ?? []) logged.add(`${kind} ${what}`);
      },
      limits,
    });
  };

  function hear(topic: string, frame: Uint8Array): void {
    const payload = openFrame({ topic, frame, keys: [KEY], hmac });
    const report = topic.endsWith('/door') ? parseDoorReport(payload) : parseStatusReport(payload);
    assert.ok(!(report instanceof Error), `the cloud does not understand ${frame.toString()}`);
    reports.push(report as Report);
    if (report.type === 'hello') tellTime(report.nonce);
    else if (acking && topic.endsWith('/door')) send({ type: 'ack', topic: 'door', of: report.seq });
  }

  const now = () => Math.floor(Date.now() / 1000);
  const publish = (frame: Uint8Array | string) => cloud.publish(TOPIC, Buffer.from(frame), { qos: 1 });
  const seal = (payload: object) => {
    seq += 1;
    return sealFrame({ topic: TOPIC, payload: { seq, at: now(), ...payload }, key: KEY, hmac }) as Uint8Array;
  };
  const send = (payload: object) => publish(seal(payload));
  const unlock = (id: string) => seal({ type: 'unlock', id, exp: now() + LIFE_S });
  const tellTime = (nonce: unknown) => telling && send({ type: 'time', nonce });

  const report = (type: string, id: string) =>
    until(`${type} of ${id}`, () => reports.find((entry) => entry.type === type && entry.id === id));
  const locked = (is: boolean) =>
    until(`a lock that is ${is ? 'shut' : 'open'}`, () => controller.face().locked === is);
  const line = (level: 0 | 1) => until(`the line at ${level}`, () => controller.face().line === level);
  /** A customer comes, looks, and takes nothing. */
  const looksIn = async (id: string) => {
    publish(unlock(id));
    await report('unlocked', id);
    doorOpen = true;
    await report('opened', id);
    doorOpen = false;
    await report('closed', id);
    await locked(true);
  };
  /** What was sent so far opened nothing: the next customer is served, and commands are obeyed one after the other. */
  const openedNothing = async (sinceReports: number, sinceFaces: number, nextId: string) => {
    await looksIn(nextId);
    const unlocked = reports.slice(sinceReports).filter(({ type }) => type === 'unlocked');
    assert.deepEqual(
      unlocked.map(({ id }) => id),
      [nextId],
    );
    const shown = faces.slice(sinceFaces);
    assert.equal(shown.filter((face, at) => !face.locked && shown[at - 1]?.locked !== false).length, 1);
  };

  it('drives the lock to its safe level before it does anything else', () => {
    assert.equal(faces[0]!.locked, true);
    assert.equal(
      faces.every(({ locked }) => locked),
      true,
    );
  });

  it('opens nothing before the signed time has come', async () => {
    const hello = await until('the question for the time', () => reports.find(({ type }) => type === 'hello'));
    publish(unlock('tooearly'));
    telling = true;
    tellTime(hello.nonce);
    await until('a status, which needs the time', () => reports.find(({ type }) => type === 'status'));
    await openedNothing(0, 0, 'visit00');
  });

  it('opens for exactly what the cloud signs, and weighs what went (defect 3)', async () => {
    publish(unlock('visit01'));
    await report('unlocked', 'visit01');
    await locked(false);
    await line(1);
    doorOpen = true;
    await report('opened', 'visit01');
    mass -= 710;
    doorOpen = false;
    const closed = await report('closed', 'visit01');
    assert.ok(Math.abs(Number(closed.dmass) - 710) < 10, `dmass ${String(closed.dmass)}`);
    await locked(true);
    await line(0);
  });

  it('a captured unlock opens nothing the second time (defect 6)', async () => {
    const frame = unlock('visit02');
    publish(frame);
    await report('unlocked', 'visit02');
    doorOpen = true;
    await report('opened', 'visit02');
    doorOpen = false;
    await report('closed', 'visit02');
    await locked(true);
    const before = [reports.length, faces.length] as const;
    publish(frame);
    await openedNothing(...before, 'visit12');
  });

  it('an unsigned, a forged, an expired and a future unlock open nothing', async () => {
    const before = [reports.length, faces.length] as const;
    publish('unlock:abc123');
    const forged = unlock('visit03');
    forged[10]! ^= 1;
    publish(forged);
    // Clocks are whole seconds here and there: one second late is not late yet.
    publish(seal({ type: 'unlock', id: 'visit04', at: now() - 13, exp: now() - 3 }));
    publish(seal({ type: 'unlock', id: 'visit05', at: now() + 3_600, exp: now() + 3_610 }));
    await openedNothing(...before, 'visit13');
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
    await line(0);
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

  it('a plug pulled in the middle of a visit leaves a dark case, and what went is weighed once it is in again', async () => {
    publish(unlock('visit11'));
    await report('unlocked', 'visit11');
    doorOpen = true;
    await report('opened', 'visit11');
    controller.change({ power: 'none', displayGone: true });
    assert.equal(controller.dark(), true);
    assert.deepEqual(controller.face().led, [0, 0, 0]);
    assert.equal(controller.brownOut(), false);
    mass -= 355;
    controller.change({ power: 'mains' });
    assert.equal(controller.brownOut(), true);
    await until('a device that runs again', () => !controller.dark());
    doorOpen = false;
    const closed = await report('closed', 'visit11');
    assert.ok(Math.abs(Number(closed.dmass) - 355) < 10, `dmass ${String(closed.dmass)}`);
    assert.ok(controller.face().oled.every((byte) => byte === 0));
    for (const wanted of ['power none', 'power mains', 'power brown-out', 'power boot', 'sends closed', 'hears ack'])
      await until(wanted, () => logged.has(wanted));
    assert.ok(controller.log().length <= 24);
  });

  it('a case that is locked out stays so through a pulled plug, refuses what the cloud signs, and serves again after', async () => {
    send({ type: 'lockout', on: true, reason: 'too warm' });
    await until('a locked out case', () => reports.find(({ state }) => state === 'locked_out'));
    await controller.stop();
    const before = reports.length;
    await start(HASTY);
    const says = (state: string) => {
      const look = () => reports.slice(before).find((entry) => entry.state === state);
      return until(`a status that says ${state}`, look);
    };
    await says('locked_out');
    publish(unlock('visit09'));
    send({ type: 'lockout', on: false, reason: '' });
    await says('locked');
    assert.equal(controller.face().locked, true);
    const told = reports.slice(before);
    const ofIts = told.filter(({ id }) => id === 'visit09');
    assert.deepEqual(
      ofIts.map(({ type, code }) => [type, code]),
      [['refused', 'case.locked-out']],
    );

    // Free again, it serves; and locks again when nobody opens the door.
    publish(unlock('visit10'));
    await report('unlocked', 'visit10');
    await report('timeout', 'visit10');
    await locked(true);
  });

  it('another board in its place says that it is another one, and counts from the beginning', async () => {
    const hellos = () => reports.filter(({ type }) => type === 'hello');
    const was = hellos().at(-1)!;
    controller.swapBoard();
    const is = await until('a hello of another board', () => hellos().find(({ epoch }) => epoch !== was.epoch));
    assert.match(String(is.epoch), /^[0-9a-f]{16}$/);
    assert.deepEqual([is.seq, is.last, is.ledger], [1, 0, undefined]);
    assert.ok(Number(was.seq) > 1);
    publish(unlock('visit14'));
    await report('unlocked', 'visit14');
  });
});
