// hmac-verify where commands count once: only one that is new and of now is obeyed, across restarts too.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealFrame } from '@tapcase/domain';
import hmacKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { deriveDeviceKey, hmacSha256 } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import hmacVerify from '../../nodes/node-red-contrib-hmac/src/hmac-verify/hmac-verify.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import { bench, helper, type Outcome, withRuntime, withStoppedClock } from './harness.ts';

const MASTER = '07'.repeat(32);
const COMMANDS = 'case/123/vision/cmd';
const DAY_SECONDS = 86_400;

describe('hmac-verify of commands that count once', () => {
  withRuntime();
  withStoppedClock();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hmac-verify-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const load = (state = 'config.state', replay = 'window') =>
    bench({
      node: { id: 'verify', type: 'hmac-verify', keys: 'config.keys', replay, state },
      outputs: 1,
      modules: [deviceState, hmacKeys, hmacVerify],
      configNodes: [
        { id: 'config.state', type: 'tapcase-edge', folder },
        { id: 'config.keys', type: 'hmac-keys', mode: 'master' },
      ],
      credentials: { 'config.keys': { masterKey: MASTER } },
    });

  it('lets a wish to look on, with the visit that it is for', async () => {
    const { send } = await load();
    const at = seconds() - 2;
    const { message } = sent(await send({ ...observe(1, { at }), other: 'kept' }));
    const command = { type: 'observe', id: 'abc123', seq: 1, at, exp: seconds() + 10 };
    assert.deepEqual(message.command, command);
    assert.deepEqual((message.frame as { payload: unknown }).payload, command);
    assert.deepEqual([message.topic, message.other], [COMMANDS, 'kept']);
  });

  it('lets an ack on', async () => {
    const { message } = sent(await (await load()).send(ack(1, 17)));
    const { type, of } = message.command as { type: string; of: number };
    assert.deepEqual([type, of], ['ack', 17]);
  });

  it('lets a wish to keep a visit’s evidence on, a day late too, and no longer than it is good', async () => {
    const { send } = await load();
    const { message } = sent(await send(keep(1, seconds() - DAY_SECONDS)));
    const { type, id } = message.command as { type: string; id: string };
    assert.deepEqual([type, id], ['keep', 'abc123']);
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
    const unlock = { type: 'unlock', id: 'abc123', seq: 1, at: seconds() };
    assert.equal(codeOf(await send(signed(unlock))), 'payload.invalid');
    assert.equal(codeOf(await send(signed(null as never))), 'payload.invalid');
    assert.equal(codeOf(await send(signed(unlock, 'case/123/cmd'))), 'frame.wrong-channel');
    assert.equal(codeOf(await send({ payload: 'unverified' })), 'message.incomplete');
  });

  it('refuses what nobody has signed before it looks at its number', async () => {
    const { send } = await load();
    const { payload } = observe(1);
    payload[payload.length - 1] = payload.at(-1) === 0x30 ? 0x31 : 0x30;
    assert.equal(codeOf(await send({ topic: COMMANDS, payload })), 'frame.bad-mac');
    sent(await send(observe(1)));
  });

  it('keeps no number where replays are another’s business', async () => {
    const { send } = await load('', 'none');
    for (const seq of [5, 5, 4]) assert.equal('command' in sent(await send(observe(seq))).message, false);
    assert.deepEqual(readdirSync(folder), []);
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
  return signed({ type: 'observe', id: 'abc123', seq, at: seconds(), exp: seconds() + 10, ...part });
}

function keep(seq: number, at = seconds()) {
  return signed({ type: 'keep', id: 'abc123', seq, at, exp: at + DAY_SECONDS });
}

function ack(seq: number, of: number, at = seconds()) {
  return signed({ type: 'ack', seq, at, topic: 'vision', of });
}

/** A message as MQTT brings it. */
function signed(payload: object, topic = COMMANDS): { readonly topic: string; readonly payload: Buffer } {
  const device = topic === COMMANDS ? 'pi' : 'controller';
  const key = deriveDeviceKey(Buffer.from(MASTER, 'hex'), '123', device);
  return { topic, payload: Buffer.from(sealFrame({ topic, payload, key, hmac: hmacSha256 }) as Uint8Array) };
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
