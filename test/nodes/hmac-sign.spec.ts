// hmac-sign in a real Node-RED: a command becomes the frame that exactly one device believes.
import assert from 'node:assert/strict';
import { openFrame } from '@tapcase/domain';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { deriveDeviceKey, hmacSha256 } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import hmacSign from '../../nodes/node-red-contrib-hmac/src/hmac-sign/hmac-sign.ts';
import { bench, withRuntime } from './harness.ts';
import { assertFault, sent } from './visit-bench.ts';

const MASTER = '07'.repeat(32);
const PREVIOUS = '08'.repeat(32);
const TOPIC = 'case/123/cmd';
const UNLOCK = { type: 'unlock', id: 'abc123', seq: 41, at: 1_763_678_400, exp: 1_763_678_410 };

describe('hmac-sign', () => {
  withRuntime();

  const start = (credentials: object, keys = 'the-keys') =>
    bench({
      node: { id: 'n', type: 'hmac-sign', keys },
      outputs: 1,
      modules: [caseKeys, hmacSign],
      configNodes: [{ id: 'the-keys', type: 'hmac-keys', mode: 'master' }],
      credentials: { 'the-keys': credentials },
    });
  const opened = (frame: unknown, masterHex: string, device: 'controller' | 'pi' = 'controller') =>
    openFrame({
      topic: TOPIC,
      frame: frame as Uint8Array,
      keys: [deriveDeviceKey(Buffer.from(masterHex, 'hex'), '123', device)],
      hmac: hmacSha256,
    });

  it('signs with the key of the device that the topic belongs to, and of no other', async () => {
    const { send } = await start({ masterKey: MASTER });
    const { payload, command, outboxId } = sent(await send({ topic: TOPIC, payload: UNLOCK, outboxId: 5 }), 0);
    assert.ok(Buffer.isBuffer(payload));
    assert.deepEqual(opened(payload, MASTER), UNLOCK);
    assertFault(
      { kind: 'fault', code: (opened(payload, MASTER, 'pi') as { code: string }).code, message: {} },
      'frame.bad-mac',
    );
    assert.deepEqual([command, outboxId], [UNLOCK, 5]);
  });

  it('signs with the newest key while keys rotate', async () => {
    const { send } = await start({ masterKey: MASTER, previousMasterKey: PREVIOUS });
    const { payload } = sent(await send({ topic: TOPIC, payload: UNLOCK }), 0);
    assert.deepEqual(opened(payload, MASTER), UNLOCK);
  });

  it('makes no frame that the modem could not send, and none for a topic that is not a case’s', async () => {
    const { send } = await start({ masterKey: MASTER });
    assertFault(await send({ topic: TOPIC, payload: { text: 'x'.repeat(1_000) } }), 'frame.too-long');
    assertFault(await send({ topic: 'case/+/cmd', payload: UNLOCK }), 'topic.unknown');
    assertFault(await send({ topic: TOPIC, payload: 'unlock' }), 'message.incomplete');
  });

  it('signs nothing without a key', async () => {
    assertFault(await (await start({})).send({ topic: TOPIC, payload: UNLOCK }), 'config.missing-secret');
    const { helper } = await import('./harness.ts');
    await helper.unload();
    assertFault(await (await start({}, '')).send({ topic: TOPIC, payload: UNLOCK }), 'config.missing-node');
  });
});
