// Reports on their way out of tapcase-send: numbered once, signed, kept until acked, and bounded; the queue's rules and the real node.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, openFrame, parseVisionReport, type VisionReport } from '@tapcase/domain';
import fc from 'fast-check';
import type { NodeAPI } from 'node-red';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { hmacSha256 } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import {
  acknowledge,
  enqueue,
  PORTION_MAX,
  QUEUE_MAX,
  type Queue,
  restoreQueue,
  takeDue,
} from '../../nodes/node-red-contrib-tapcase-edge/src/send/reports/queue.ts';
import { tapcaseSend } from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/send.ts';
import { within } from '../patience.ts';
import { bench, helper, type NodeModule, type Outcome, withRuntime, withStoppedClock } from './harness.ts';

const KEY = 'ab'.repeat(32);
const TOPIC = 'case/123/vision';
/** A case that has neither pictures to send nor a serial line. */
const ALONE = { caseId: '123', cloudUrl: 'none', snapshotsFolder: 'none', serialPort: 'none' };
/** What is not asked for does not happen. */
const NEVER_MS = 2 ** 31 - 1;
const FRESH = 'f'.repeat(16);
const FINDING = {
  type: 'report',
  id: 'abc123',
  model: null,
  before: {},
  after: {},
  ms: 9,
};

describe('tapcase-send of reports', () => {
  withRuntime();
  withStoppedClock();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'report-queue-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const load = (computer: object = {}, keys = 'config.keys', tickMs = NEVER_MS, others: readonly NodeModule[] = []) =>
    bench({
      node: { id: 'queue', type: 'tapcase-send', keys, state: 'config.state' },
      outputs: 1,
      modules: [caseKeys, deviceState, tapcaseSend({ tickMs }), ...others],
      configNodes: [
        { id: 'config.keys', type: 'hmac-keys', mode: 'device', caseId: '123', device: 'pi' },
        { id: 'config.state', type: 'tapcase-edge', folder, ...ALONE, ...computer },
      ],
      credentials: { 'config.keys': { deviceKey: KEY } },
    });

  it('sends a report numbered, timed and signed, and keeps it on disk first', async () => {
    const report = reportOf(await (await load()).send({ report: FINDING }));
    assert.deepEqual({ ...report, seq: 0, at: 0, epoch: '' }, { ...FINDING, seq: 0, at: 0, epoch: '' });
    assert.match(String(report.epoch), /^[0-9a-f]{16}$/);
    assert.equal(report.at, Math.floor(Date.now() / 1000));
    assert.match(readFileSync(join(folder, 'report-queue.json'), 'utf8'), new RegExp(`"seq":${report.seq},`));
  });

  it('sends an unacked report again after a restart, the very same, and then numbers on', async () => {
    const first = reportOf(await (await load()).send({ report: FINDING }));
    await helper.unload();
    const { send, collect } = await load();
    assert.deepEqual(reportOf(await send({ payload: 'tick' })), first);
    const [next] = await collect({ report: { ...FINDING, id: 'second' } }, 1);
    assert.equal(reportOf(next!).seq, first.seq + 1);
    assert.equal(reportOf(next!).epoch, first.epoch);
  });

  it('sends what is due by itself, and what comes in at once', async () => {
    const first = reportOf(await (await load()).send({ report: FINDING }));
    await helper.unload();
    const { node } = await load({}, undefined, 5);
    const frame = new Promise((resolve) => helper.getNode('out0').once('input', resolve as never));
    const { topic, payload, qos } = (await within('a frame', frame)) as Record<string, unknown>;
    assert.deepEqual(reportOf({ kind: 'output', port: 0, message: { topic, payload } }), first);
    assert.equal(qos, 1);
    node('queue').receive({ command: { type: 'ack', topic: 'vision', of: first.seq } });
  });

  it('says in its status what waits in both queues', async () => {
    const wanted = [{ visit: 'abc123', sinceMs: Date.now(), done: [] }];
    writeFileSync(join(folder, 'picture-queue.json'), JSON.stringify({ wanted }));
    const told: string[] = [];
    const hear = ({ id, status }: { id: string; status: { text: string } }) => {
      if (id === 'queue') told.push(status.text);
    };
    let events: NodeAPI['events'];
    const listener: NodeModule = (RED) => {
      events = RED.events.on('node-status', hear) as NodeAPI['events'];
    };
    const { send, node } = await load({ cloudUrl: 'https://shop.example' }, undefined, NEVER_MS, [listener]);
    const { seq } = reportOf(await send({ report: FINDING }));
    node('queue').receive({ command: { type: 'ack', topic: 'vision', of: seq } });
    await helper.unload();
    events!.removeListener('node-status', hear);
    assert.deepEqual(told, ['reports 0 pics 1', 'reports 1 pics 1', 'reports 0 pics 1']);
    rmSync(join(folder, 'picture-queue.json'));
  });

  it('goes on without pictures where the cloud’s address is wrong, and says so at the start', async () => {
    const { collect } = await load({ cloudUrl: 'http://shop.example', snapshotsFolder: '' });
    const outcomes = await collect({ report: FINDING }, 2);
    assert.deepEqual(outcomes.map(codeOf).sort(), ['config.invalid', 'no fault']);
  });

  it('keeps a report that no line can carry until the line is set right', async () => {
    const { collect } = await load({ serialPort: 'COM 1' });
    const outcomes = await collect({ report: FINDING }, 2);
    assert.deepEqual(outcomes.map(codeOf), ['config.invalid', 'config.invalid']);
    await helper.unload();
    assert.equal(reportOf(await (await load()).send({ payload: 'tick' })).id, 'abc123');
  });

  it('forgets a report once it is acked', async () => {
    const { send, node } = await load();
    const { seq } = reportOf(await send({ report: FINDING }));
    node('queue').receive({ command: { type: 'ack', topic: 'vision', of: seq + 1 } });
    node('queue').receive({ command: { type: 'ack', topic: 'vision', of: seq } });
    await helper.unload();
    const restarted = await load();
    const [only] = await restarted.collect({ report: { ...FINDING, id: 'second' } }, 1);
    assert.equal(reportOf(only!).id, 'second');
    const kept = JSON.parse(readFileSync(join(folder, 'report-queue.json'), 'utf8')) as Queue;
    assert.deepEqual(
      kept.waiting.map(({ payload }) => payload.id),
      ['second'],
    );
  });

  it('refuses what is no report or fits no frame, and it does not stand in the way of the next', async () => {
    const { send } = await load();
    assert.equal(codeOf(await send({ report: { ...FINDING, id: 'NOT A VISIT' } })), 'payload.invalid');
    const counts = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`a label ${i}`, 1]));
    assert.equal(codeOf(await send({ report: { ...FINDING, before: { 0: counts } } })), 'frame.too-long');
    assert.equal(reportOf(await send({ report: FINDING })).id, 'abc123');
  });

  it('says so when the card cannot be written, and sends nothing that it does not keep', async () => {
    const { send } = await load();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder was');
    assert.equal(codeOf(await send({ report: FINDING })), 'state.unwritable');
  });

  it('drops a report that saw nothing from a full queue, and says so', async () => {
    const waiting = Array.from({ length: QUEUE_MAX }, (_, i) => ({
      payload: { ...FINDING, seq: i + 1, at: 1, ...(i === 3 ? { fault: 'camera.unreachable' } : {}) },
    }));
    writeFileSync(join(folder, 'report-queue.json'), JSON.stringify({ next: QUEUE_MAX + 1, waiting }));
    const outcomes = await (await load()).collect({ report: FINDING }, 1 + PORTION_MAX);
    assert.ok(outcomes.some((outcome) => codeOf(outcome) === 'report.too-many'));
    const kept = JSON.parse(readFileSync(join(folder, 'report-queue.json'), 'utf8')) as Queue;
    assert.equal(kept.waiting.length, QUEUE_MAX);
    assert.ok(!kept.waiting.some(({ payload }) => payload.seq === 4));
  });

  it('tells Catch when case, keys or state are not as they should be', async () => {
    assert.equal(codeOf(await (await load({ caseId: 'no/case' })).send({ report: FINDING })), 'config.invalid');
    await helper.unload();
    assert.equal(codeOf(await (await load({}, '')).send({ report: FINDING })), 'config.missing-node');
    await helper.unload();
    assert.equal(codeOf(await (await load({ caseId: '456' })).send({ report: FINDING })), 'keys.unknown-device');
  });
});

describe('the queue of reports', () => {
  const NOW = 1_763_678_400_000; // fixed day: the queue is given the time.
  const payload = (seq: number, part: Partial<VisionReport> = {}) =>
    parseVisionReport({ ...FINDING, seq, at: 1, ...part }) as VisionReport;
  const filled = (count: number): Queue => {
    let queue: Queue = { epoch: 'e'.repeat(16), next: 1, waiting: [], reported: [] };
    for (let seq = 1; seq <= count; seq += 1) ({ queue } = enqueue(queue, payload(seq), NOW));
    return queue;
  };
  const seqs = (entries: Queue['waiting']) => entries.map(({ payload: { seq } }) => seq);

  it('begins at the clock on a new or damaged card, so that no number is given twice', () => {
    for (const kept of [
      undefined,
      null,
      'text',
      {},
      { next: 'one', waiting: [] },
      { next: 5 },
      { next: 0.5, waiting: [] },
      // Above all that the cloud takes: whoever counted on from there would never be heard again.
      { next: 2 ** 40 + 1, waiting: [] },
      { next: 2 ** 53 - 1, waiting: [] },
    ]) {
      const begun = { epoch: FRESH, next: NOW / 1000, waiting: [], reported: [] };
      assert.deepEqual(restoreQueue(kept, NOW, FRESH), begun);
    }
  });

  it('takes up what was kept, everything due at once, and leaves out what cannot be read', () => {
    const kept = {
      next: 9,
      waiting: [{ payload: payload(7), tries: 4, dueAtMs: NOW + 60_000 }, { payload: 'x' }, null],
      reported: ['visit01', 7],
    };
    const queue = restoreQueue(JSON.parse(JSON.stringify(kept)), NOW, FRESH);
    // An earlier release kept no epoch.
    assert.deepEqual(queue, {
      epoch: FRESH,
      next: 9,
      waiting: [{ payload: payload(7), tries: 0, dueAtMs: 0 }],
      reported: ['visit01'],
    });
  });

  it('tries again after 2, 4, 8, 16, 32 seconds, then every minute', () => {
    let queue = filled(1);
    let nowMs = NOW;
    const waits: number[] = [];
    for (let time = 0; time < 7; time += 1) {
      const taken = takeDue(queue, nowMs);
      assert.equal(taken.due.length, 1);
      queue = taken.queue;
      const dueAtMs = queue.waiting[0]!.dueAtMs;
      assert.equal(takeDue(queue, dueAtMs - 1).due.length, 0);
      waits.push((dueAtMs - nowMs) / 1000);
      nowMs = dueAtMs;
    }
    assert.deepEqual(waits, [2, 4, 8, 16, 32, 60, 60]);
  });

  it('sends a long queue in portions, the oldest first', () => {
    const { due, queue } = takeDue(filled(50), NOW);
    assert.deepEqual(
      seqs(due),
      Array.from({ length: PORTION_MAX }, (_, i) => i + 1),
    );
    assert.equal(takeDue(queue, NOW).due[0]?.payload.seq, PORTION_MAX + 1);
  });

  it('when full gives up the oldest that saw nothing, else the oldest', () => {
    const full = filled(QUEUE_MAX);
    assert.equal(enqueue(full, payload(QUEUE_MAX + 1), NOW).dropped?.payload.seq, 1);
    const waiting = full.waiting.map((entry) =>
      entry.payload.seq === 30 ? { ...entry, payload: payload(30, { fault: 'detr.model-missing' }) } : entry,
    );
    assert.equal(enqueue({ ...full, waiting }, payload(QUEUE_MAX + 1), NOW).dropped?.payload.seq, 30);
  });

  it('whatever is reported and acked, numbers rise, and what waits is what was not acked', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('report' as const), fc.integer({ min: 1, max: 30 }))), (story) => {
        let queue: Queue = { epoch: 'e'.repeat(16), next: 1, waiting: [], reported: [] };
        const expected: number[] = [];
        for (const step of story) {
          if (step === 'report') {
            expected.push(queue.next);
            ({ queue } = enqueue(queue, payload(queue.next), NOW));
          } else {
            queue = acknowledge(queue, step);
            if (expected.includes(step)) expected.splice(expected.indexOf(step), 1);
          }
          assert.deepEqual(seqs(queue.waiting), expected);
          const again = restoreQueue(JSON.parse(JSON.stringify(queue)), NOW, FRESH);
          assert.deepEqual([again.next, again.epoch], [queue.next, queue.epoch]);
        }
      }),
    );
  });
});

/** The report in the frame that went out, its signature checked. */
function reportOf(outcome: Outcome): VisionReport {
  assert.ok(outcome.kind === 'output', outcome.kind === 'fault' ? outcome.code : '');
  assert.equal(outcome.message.topic, TOPIC);
  const opened = openFrame({
    topic: TOPIC,
    frame: outcome.message.payload as Buffer,
    keys: [Buffer.from(KEY, 'hex')],
    hmac: hmacSha256,
  });
  assert.ok(!(opened instanceof Fault), String(opened));
  const report = parseVisionReport(opened);
  assert.ok(!(report instanceof Fault), String(report));
  return report;
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : 'no fault';
}
