// The nodes of the Pi in a real Node-RED: commands that are new and fresh, reports that wait, pictures that are counted.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFrame, parseVisionReport, sealFrame } from '@tapcase/domain';
import detrDetect from '../../nodes/node-red-contrib-detr/dist/detr-detect/detr-detect.js';
import detrModel from '../../nodes/node-red-contrib-detr/dist/detr-model/detr-model.js';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { hmacSha256 as hmac } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import hmacVerify from '../../nodes/node-red-contrib-hmac/src/hmac-verify/hmac-verify.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import { tapcaseSend } from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/send.ts';
import { seededRandom } from '../../sim/src/shelf/random.ts';
import { createRenderer } from '../../sim/src/shelf/renderer.ts';
import { countItems, randomScene } from '../../sim/src/shelf/scene.ts';
import { type Bench, bench, helper, type Message, type Outcome, withRuntime, withStoppedClock } from './harness.ts';

const KEY = '07'.repeat(32);
/** Neither pictures to send nor a serial line. */
const ALONE = { cloudUrl: 'none', snapshotsFolder: 'none', serialPort: 'none' };
const MODEL = join(import.meta.dirname, '..', '..', 'models', 'demo-shelf');

describe('nodes of the Pi', () => {
  withRuntime();
  withStoppedClock();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-pi-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const now = () => Math.floor(Date.now() / 1000);
  const command = (payload: object) => {
    const topic = 'case/123/vision/cmd';
    const frame = sealFrame({ topic, payload, key: Buffer.from(KEY, 'hex'), hmac }) as Uint8Array;
    return { topic, payload: Buffer.from(frame) };
  };
  const observe = (seq: number, at = now()) => command({ type: 'observe', id: 'visit01', seq, at, exp: at + 10 });
  const configNodes = (computer: object = {}) => [
    { ...{ id: 'the-state', type: 'tapcase-edge', folder, caseId: '123' }, ...ALONE, ...computer },
    { id: 'the-keys', type: 'hmac-keys', mode: 'device', caseId: '123', device: 'pi' },
  ];
  const credentials = { 'the-keys': { deviceKey: KEY } };

  const checks = (config: object = {}): Promise<Bench> =>
    bench({
      node: { id: 'n', type: 'hmac-verify', keys: 'the-keys', replay: 'window', state: 'the-state', ...config },
      outputs: 1,
      modules: [deviceState, caseKeys, hmacVerify],
      configNodes: configNodes(),
      credentials,
    });

  it('hmac-verify lets a new command on once, also after a restart', async () => {
    const node = await checks();
    const at = now();
    const asked = out(await node.send(observe(5, at)), 0).command as { type: string; id: string; at: number };
    assert.deepEqual([asked.type, asked.id, asked.at], ['observe', 'visit01', at]);
    fault(await node.send(observe(5)), 'seq.replayed');
    await helper.unload();
    const restarted = await checks();
    fault(await restarted.send(observe(5)), 'seq.replayed');
    out(await restarted.send(command({ type: 'ack', seq: 6, at: now(), topic: 'vision', of: 1 })), 0);
  });

  it('hmac-verify refuses what is too old, from another time, or no command', async () => {
    const node = await checks();
    fault(await node.send(observe(1, now() - 20)), 'frame.expired');
    fault(await node.send(observe(1, now() + 3_600)), 'frame.clock-skew');
    fault(await node.send(command({ type: 'unlock' })), 'payload.invalid');
    fault(await node.send({}), 'message.incomplete');
  });

  it('hmac-verify says that nothing is chosen that keeps the last number', async () => {
    fault(await (await checks({ state: '' })).send(observe(1)), 'config.missing-node');
  });

  const queue = (computer: object = {}): Promise<Bench> =>
    bench({
      node: { id: 'n', type: 'tapcase-send', keys: 'the-keys', state: 'the-state' },
      outputs: 1,
      modules: [deviceState, caseKeys, tapcaseSend({ tickMs: 2 ** 31 - 1 })],
      configNodes: configNodes(computer),
      credentials,
    });
  const REPORT = {
    type: 'report',
    id: 'visit01',
    model: null,
    before: {},
    after: {},
    ms: 3,
    fault: 'detr.model-missing',
  };
  const opened = ({ payload, topic }: Message) =>
    parseVisionReport(
      openFrame({ topic: String(topic), frame: payload as Buffer, keys: [Buffer.from(KEY, 'hex')], hmac }),
    ) as { seq: number };

  it('tapcase-send signs what the cloud understands, numbers rise, and a restart sends what was not acked', async () => {
    const node = await queue();
    const first = opened(out(await node.send({ report: REPORT }), 0)).seq;
    assert.equal(opened(out(await node.send({ report: { ...REPORT, id: 'visit02' } }), 0)).seq, first + 1);
    node.node('n').receive({ command: { type: 'ack', of: first } });
    await helper.unload();
    const restarted = await queue();
    const again = opened(out(await restarted.send({ report: { ...REPORT, id: 'visit03' } }), 0));
    // The one that was not acked, or the new one: never the acked one, never a number again for something else.
    assert.ok(again.seq > first, `number ${again.seq}`);
  });

  it('tapcase-send takes the report of a visit once, also when it is brought again after a restart', async () => {
    const node = await queue();
    const { seq } = opened(out(await node.send({ report: REPORT }), 0));
    await helper.unload();
    const restarted = await queue();
    assert.equal(opened(out(await restarted.send({ report: REPORT }), 0)).seq, seq);
    const other = await restarted.collect({ report: { ...REPORT, id: 'visit02' } }, 1);
    assert.equal(opened(out(other[0]!, 0)).seq, seq + 1);
  });

  it('tapcase-send says that no case is given', async () => {
    fault(await (await queue({ caseId: '' })).send({ report: REPORT }), 'config.invalid');
  });

  const detector = (config: object = {}, model = MODEL): Promise<Bench> =>
    bench({
      node: { id: 'n', type: 'detr-detect', model: 'the-model', threshold: '0.5', ...config },
      outputs: 1,
      modules: [detrModel, detrDetect],
      configNodes: [{ id: 'the-model', type: 'detr-model', folder: model, threads: '2' }],
    });

  it('detr-detect counts rendered shelves with the real runtime', async () => {
    const node = await detector();
    const renderer = await createRenderer();
    const random = seededRandom(99);
    let right = 0;
    for (let n = 0; n < 10; n += 1) {
      const scene = randomScene(random);
      const { detections } = out(await node.send({ image: renderer.render(scene, 0, random) }), 0) as {
        detections: { boxes: { label: string }[] };
      };
      const seen = countItems(detections.boxes.map(({ label }) => ({ sku: label })));
      if (JSON.stringify([...seen].sort()) === JSON.stringify([...countItems(scene.items)].sort())) right += 1;
    }
    assert.ok(right >= 9, `${right} of 10`);
  });

  it('detr-detect lives on without a model, with a broken one, and with a picture that is none', async () => {
    const image = { width: 2, height: 2, rgb: new Uint8Array(12) };
    fault(await (await detector({}, folder)).send({ image }), 'detr.model-missing');
    await helper.unload();
    for (const name of ['config.json', 'preprocessor_config.json', 'model.onnx'])
      writeFileSync(join(folder, name), '{');
    fault(await (await detector({}, folder)).send({ image }), 'detr.model-broken');
    await helper.unload();
    fault(await (await detector()).send({ image: { width: 2, height: 2, rgb: new Uint8Array(3) } }), 'image.malformed');
    await helper.unload();
    fault(await (await detector({ threshold: '7' })).send({ image }), 'config.invalid');
  });
});

function out(outcome: Outcome, port: number): Message {
  assert.equal(outcome.kind, 'output', outcome.kind === 'fault' ? outcome.code : '');
  assert.equal(outcome.kind === 'output' && outcome.port, port);
  return outcome.message;
}

function fault(outcome: Outcome, code: string): void {
  assert.equal(outcome.kind === 'fault' ? outcome.code : `output ${JSON.stringify(outcome.message)}`, code);
}
