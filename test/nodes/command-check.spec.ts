// command-check in a real Node-RED: only a command that is new and of now is obeyed, across restarts too.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import commandCheck from '../../nodes/node-red-contrib-tapcase-edge/src/computer/command-check/command-check.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import { bench, helper, type Outcome, withRuntime, withStoppedClock } from './harness.ts';

const [OBSERVE, ACK, KEEP] = [0, 1, 2];
const DAY_SECONDS = 86_400;

describe('command-check', () => {
  withRuntime();
  withStoppedClock();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'command-check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const load = (state = 'config.state') =>
    bench({
      node: { id: 'check', type: 'command-check', state },
      outputs: 3,
      modules: [deviceState, commandCheck],
      configNodes: [{ id: 'config.state', type: 'tapcase-edge', folder }],
    });

  it('lets a wish to look on, with the visit that it is for', async () => {
    const { send } = await load();
    const at = seconds() - 2;
    const { message, port } = sent(await send({ ...observe(1, { at }), topic: 'kept' }));
    assert.equal(port, OBSERVE);
    assert.deepEqual(message.look, { moment: 'before', visit: 'abc123', askedAtMs: at * 1000 });
    assert.equal(message.topic, 'kept');
  });

  it('lets an ack on by its own way', async () => {
    const { message, port } = sent(await (await load()).send(ack(1, 17)));
    assert.equal(port, ACK);
    assert.equal((message.command as { of: number }).of, 17);
  });

  it('lets a wish to keep a visit’s evidence on, a day late too, and no longer than it is good', async () => {
    const { send } = await load();
    const { message, port } = sent(await send(keep(1, seconds() - DAY_SECONDS)));
    assert.equal(port, KEEP);
    assert.deepEqual(message.clip, { name: 'abc123', action: 'pin' });
    assert.equal((message.command as { type: string }).type, 'keep');
    assert.equal(codeOf(await send(keep(2, seconds() - DAY_SECONDS - 1))), 'frame.expired');
    // Its number must rise all the same, above those of every other command.
    assert.equal(codeOf(await send(keep(1))), 'seq.replayed');
    sent(await send(observe(3)));
    assert.equal(codeOf(await send(keep(3))), 'seq.replayed');
  });

  it('refuses the same command again, and an older one, also after a restart', async () => {
    const { send } = await load();
    sent(await send(observe(5)));
    for (const seq of [5, 4]) assert.equal(codeOf(await send(observe(seq))), 'seq.replayed');
    await helper.unload();
    const restarted = await load();
    assert.equal(codeOf(await restarted.send(observe(5))), 'seq.replayed');
    sent(await restarted.send(observe(6)));
  });

  it('refuses what has expired and what comes from another time, and then still takes the same number', async () => {
    const { send } = await load();
    assert.equal(codeOf(await send(observe(1, { exp: seconds() - 1 }))), 'frame.expired');
    assert.equal(codeOf(await send(observe(1, { at: seconds() - 40 }))), 'frame.clock-skew');
    assert.equal(codeOf(await send(observe(1, { at: seconds() + 40, exp: seconds() + 50 }))), 'frame.clock-skew');
    assert.equal(codeOf(await send(ack(1, 17, seconds() - 40))), 'frame.clock-skew');
    sent(await send(observe(1)));
  });

  it('takes commands again when its file is damaged, in whatever way', async () => {
    for (const [index, damaged] of ['', '{"a":1}', '"text"', '1e999', '[]'].entries()) {
      writeFileSync(join(folder, 'command-seq.json'), damaged);
      sent(await (await load()).send(observe(index + 1)));
      await helper.unload();
    }
  });

  it('refuses what is not a command to look', async () => {
    const { send } = await load();
    const frame = (payload: unknown, channel = 'vision/cmd') => ({ frame: { caseId: '123', channel, payload } });
    assert.equal(codeOf(await send(frame({ type: 'unlock', id: 'abc123', seq: 1, at: seconds() }))), 'payload.invalid');
    assert.equal(codeOf(await send(frame(null))), 'payload.invalid');
    assert.equal(codeOf(await send(frame(observe(1).frame.payload, 'cmd'))), 'frame.wrong-channel');
    assert.equal(codeOf(await send({ payload: 'unverified' })), 'message.incomplete');
  });

  it('obeys nothing that it cannot remember', async () => {
    const { send } = await load();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder was');
    assert.equal(codeOf(await send(observe(1))), 'state.unwritable');
  });

  it('tells Catch when no place to remember is chosen', async () => {
    assert.equal(codeOf(await (await load('')).send(observe(1))), 'config.missing-node');
  });
});

function observe(seq: number, part: { at?: number; exp?: number } = {}) {
  const payload = { type: 'observe', id: 'abc123', seq, at: seconds(), exp: seconds() + 10, ...part };
  return { frame: { caseId: '123', channel: 'vision/cmd', payload } };
}

function keep(seq: number, at = seconds()) {
  const payload = { type: 'keep', id: 'abc123', seq, at, exp: at + DAY_SECONDS };
  return { frame: { caseId: '123', channel: 'vision/cmd', payload } };
}

function ack(seq: number, of: number, at = seconds()) {
  return { frame: { caseId: '123', channel: 'vision/cmd', payload: { type: 'ack', seq, at, topic: 'vision', of } } };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function sent(outcome: Outcome): Extract<Outcome, { kind: 'output' }> {
  assert.ok(outcome.kind === 'output', outcome.kind === 'fault' ? outcome.code : '');
  return outcome;
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : 'no fault';
}
