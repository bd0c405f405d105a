// hmac-verify in a real Node-RED: what a case signed goes on, anything else is a fault with its name.
import assert from 'node:assert/strict';
import { sealFrame } from '@tapcase/domain';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { deriveDeviceKey, hmacSha256 } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import { TOLD_MAX } from '../../nodes/node-red-contrib-hmac/src/hmac-verify/flood.ts';
import hmacVerify from '../../nodes/node-red-contrib-hmac/src/hmac-verify/hmac-verify.ts';
import { bench, withRuntime } from './harness.ts';
import { assertFault, sent } from './visit-bench.ts';

const MASTER = '07'.repeat(32);
const PREVIOUS = '08'.repeat(32);
const TOPIC = 'case/123/door';
const OPENED = { type: 'opened', id: 'abc123', seq: 16, at: 1_763_678_400 };

describe('hmac-verify', () => {
  withRuntime();

  const start = (credentials: object = { masterKey: MASTER }, config: object = { mode: 'master' }) =>
    bench({
      node: { id: 'n', type: 'hmac-verify', keys: 'the-keys' },
      outputs: 1,
      modules: [caseKeys, hmacVerify],
      configNodes: [{ id: 'the-keys', type: 'hmac-keys', ...config }],
      credentials: { 'the-keys': credentials },
    });
  const frameOf = (masterHex: string, { topic = TOPIC, payload = OPENED as object } = {}) => {
    const key = deriveDeviceKey(Buffer.from(masterHex, 'hex'), '123', 'controller');
    return Buffer.from(sealFrame({ topic, payload, key, hmac: hmacSha256 }) as Uint8Array);
  };

  it('lets on what the controller of the case has signed, and says who it was', async () => {
    const { send } = await start();
    const { frame, topic } = sent(await send({ topic: TOPIC, payload: frameOf(MASTER) }), 0);
    assert.deepEqual(frame, { caseId: '123', channel: 'door', device: 'controller', topic: TOPIC, payload: OPENED });
    assert.equal(topic, TOPIC);
  });

  it('believes the previous key while keys rotate', async () => {
    const { send } = await start({ masterKey: MASTER, previousMasterKey: PREVIOUS });
    sent(await send({ topic: TOPIC, payload: frameOf(PREVIOUS) }), 0);
    sent(await send({ topic: TOPIC, payload: frameOf(MASTER) }), 0);
  });

  it('refuses a frame of another key, for another topic, or of another case', async () => {
    const { send } = await start();
    assertFault(await send({ topic: TOPIC, payload: frameOf(PREVIOUS) }), 'frame.bad-mac');
    assertFault(await send({ topic: 'case/123/status', payload: frameOf(MASTER) }), 'frame.bad-mac');
    assertFault(await send({ topic: 'case/124/door', payload: frameOf(MASTER) }), 'frame.bad-mac');
  });

  it('refuses what is no frame at all', async () => {
    const { send } = await start();
    assertFault(await send({ topic: TOPIC, payload: Buffer.from('open sesame') }), 'frame.malformed');
    assertFault(await send({ topic: TOPIC, payload: Buffer.alloc(1_025) }), 'frame.too-long');
    assertFault(await send({ topic: 'shop/door', payload: frameOf(MASTER) }), 'topic.unknown');
    assertFault(await send({ topic: TOPIC, payload: frameOf(MASTER).toString() }), 'message.incomplete');
    assertFault(await send({ payload: frameOf(MASTER) }), 'message.incomplete');
  });

  it('tells a flood of refused frames once, and lets on what is signed all the while', async () => {
    const { send, done } = await start();
    const junk = (topic: string) => ({ topic, payload: frameOf(PREVIOUS, { topic }) });
    for (let frame = 0; frame < TOLD_MAX; frame += 1) assertFault(await send(junk(TOPIC)), 'frame.bad-mac');
    assertFault(await send(junk(TOPIC)), 'frame.flood');
    for (let frame = 0; frame < 1_000; frame += 1) await done(junk(TOPIC));
    sent(await send({ topic: TOPIC, payload: frameOf(MASTER) }), 0);
    assertFault(await send(junk('case/124/door')), 'frame.bad-mac');
  });

  it('on the Pi, holds the Pi’s key alone', async () => {
    const key = deriveDeviceKey(Buffer.from(MASTER, 'hex'), '123', 'pi');
    const { send } = await start(
      { deviceKey: Buffer.from(key).toString('hex') },
      { mode: 'device', caseId: '123', device: 'pi' },
    );
    const topic = 'case/123/vision/cmd';
    const payload = Buffer.from(
      sealFrame({ topic, payload: { type: 'observe' }, key, hmac: hmacSha256 }) as Uint8Array,
    );
    sent(await send({ topic, payload }), 0);
    assertFault(await send({ topic: TOPIC, payload: frameOf(MASTER) }), 'keys.unknown-device');
    assertFault(await send({ topic: 'case/124/vision/cmd', payload }), 'keys.unknown-device');
  });

  it('says on every message that its keys are missing, malformed or not chosen', async () => {
    const message = { topic: TOPIC, payload: frameOf(MASTER) };
    assertFault(await (await start({})).send(message), 'config.missing-secret');
    await unload();
    assertFault(await (await start({ masterKey: 'xyz' })).send(message), 'keys.malformed');
    await unload();
    assertFault(await (await start({ masterKey: MASTER }, { mode: 'both' })).send(message), 'config.invalid');
    await unload();
    const none = await bench({
      node: { id: 'n', type: 'hmac-verify', keys: '' },
      outputs: 1,
      modules: [caseKeys, hmacVerify],
    });
    assertFault(await none.send(message), 'config.missing-node');
  });
});

async function unload(): Promise<void> {
  const { helper } = await import('./harness.ts');
  await helper.unload();
}
