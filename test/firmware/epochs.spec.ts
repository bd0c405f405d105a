// A board is swapped, a ledger is put back: the unmodified firmware in virtual time, with the real ledger, and the next sale is
// right.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../scripts/week/broker.ts';
import { CASE_ID, Cloud, type Tally } from '../../scripts/week/cloud.ts';
import { Device } from '../../scripts/week/device.ts';
import { dice } from '../../scripts/week/dice.ts';
import { World } from '../../scripts/week/world.ts';

const KEY = Buffer.alloc(32, 7);
const SECRETS = { host: 'h', port: 1883, user: 'u', password: 'p', tls: false, fitted: ['bolt'] } as const;
const FULL_GRAMS = 12_000;
const COLA_GRAMS = 355;
/** A connection, a hello and its answer; and a question that is due once a minute. */
const WAKE_MS = 30_000;
const DOUBT_MS = 60_000;

describe('a case whose numbers begin anew', () => {
  let folder: string;
  let world: World;
  let cloud: Cloud;
  let broker: Broker;
  let device: Device;
  let tally: Tally | undefined;
  const shelf = { grams: FULL_GRAMS, open: false };
  /** What each board promised to tell, under its own numbers. */
  const sent = new Set<string>();
  let board = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tapcase-epochs-'));
    world = new World();
    Object.assign(shelf, { grams: FULL_GRAMS, open: false });
    sent.clear();
    tally = undefined;
    broker = startBroker({
      world,
      random: dice(1, 1),
      calm: true,
      toCloud: (frame) => world.hold(cloud.hear(frame)),
      onDelivered: () => {},
    });
    cloud = await Cloud.open({
      folder,
      key: KEY,
      nowMs: () => Math.floor(world.clock.dateMs()),
      publish: (frame) => broker.publish(frame),
      onStatus: () => {},
    });
    device = new Device({
      world,
      random: dice(1, 2),
      folder,
      secrets: { case: CASE_ID, key: KEY.toString('hex'), ...SECRETS },
      senses: { massGrams: () => shelf.grams, doorOpen: () => shelf.open, temperatureC: () => 4 },
      dial: broker.dial,
      onReleased: () => {},
      onReport: (seq, type) => {
        sent.add(`${board} ${seq} ${type}`);
      },
      onReset: () => {},
      onLog: () => {},
    });
    device.start();
    await world.run(WAKE_MS);
  });
  afterEach(async () => {
    device.cut();
    if (tally === undefined) await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Lets virtual time pass while somebody does something in it. */
  const during = async <T>(ms: number, work: Promise<T>): Promise<T> => {
    world.spawn(work);
    await world.run(ms);
    return work;
  };
  const tap = (id: string): Promise<boolean> => {
    const asked = cloud.tap(id);
    world.hold(asked);
    return asked;
  };
  /** Taps, takes a can, shuts the door; false where the case was not theirs, or its lock stayed shut. */
  const buy = (id: string): Promise<boolean> =>
    during(
      40_000,
      (async () => {
        world.stir();
        if (!(await tap(id)) || !(await world.until(() => !device.locked, 8_000))) return false;
        shelf.open = true;
        world.stir();
        await world.sleep(2_000);
        shelf.grams -= COLA_GRAMS;
        shelf.open = false;
        world.stir();
        await world.sleep(20_000);
        return true;
      })(),
    );
  const swap = async () => {
    board += 1;
    device.swap();
    device.start();
    await world.run(WAKE_MS);
  };
  const force = async () => {
    shelf.open = true;
    world.stir(10_000);
    await world.run(3_000);
    shelf.open = false;
    world.stir(10_000);
    await world.run(7_000);
  };
  const phase = async (id: string) => (await cloud.visit(id))?.phase;
  const counted = (code: string) => cloud.faults.get(code) ?? 0;

  it('sells nothing with a board that nobody expected, keeps what it says, and sells again when staff say that it is right', async () => {
    assert.equal(await buy('visit01'), true);
    assert.equal(await phase('visit01'), 'closed');
    await swap();
    assert.ok(counted('device.unexpected-board') >= 1);
    assert.equal(await buy('visit02'), false);
    assert.equal(await phase('visit02'), undefined);
    // Its first number is one that the old board has said something else under.
    await force();
    assert.equal(await cloud.held(), 1);
    assert.equal(await cloud.newBoard(), 'accepted');
    assert.equal(await buy('visit03'), true);
    assert.equal(await phase('visit03'), 'closed');
    tally = await cloud.close();
    // Every event of either board stands in the ledger, once.
    assert.equal(tally.recorded, sent.size);
  });

  it('sells at once with a board that staff expected', async () => {
    assert.equal(await buy('visit01'), true);
    assert.equal(await cloud.newBoard(), 'expected');
    await swap();
    assert.equal(await buy('visit02'), true);
    assert.deepEqual([await phase('visit02'), await cloud.held()], ['closed', 0]);
    assert.equal(counted('device.unexpected-board'), 0);
  });

  it('lets the next customer in half a minute after a plug was pulled between tap and unlock', async () => {
    const asked = tap('visit01');
    device.cut();
    await world.run(2_000);
    assert.equal(await asked, true);
    device.start();
    await world.run(WAKE_MS);
    await cloud.sweep();
    assert.equal(await phase('visit01'), 'reconciled');
    assert.equal(await buy('visit02'), true);
    assert.equal(await phase('visit02'), 'closed');
  });

  it('obeys a ledger that was put back within a minute, and a person is told that it was', async () => {
    assert.equal(await buy('visit01'), true);
    await cloud.backup();
    for (const id of ['visit02', 'visit03']) assert.equal(await buy(id), true);
    await cloud.restore();
    assert.equal(await phase('visit03'), undefined);
    // The first who comes is not let in: no number of yesterday is taken, and the case asks.
    await buy('visit04');
    await world.run(DOUBT_MS + WAKE_MS);
    assert.equal(counted('ledger.restored'), 1);
    // What was held for them is let go when the case has been silent for two minutes.
    await world.run(150_000);
    await cloud.sweep();
    assert.equal(await buy('visit05'), true);
    assert.equal(await phase('visit05'), 'closed');
  });
});
