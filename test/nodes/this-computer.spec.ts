// What is set of a case's computer once, in tapcase-edge: who reads it, whose value counts, and what a wrong one stops.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineNode, fillEmpty, type Inherits, isGiven, type Settings } from '@tapcase/define-node';
import { Fault, openFrame } from '@tapcase/domain';
import sharp from 'sharp';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { hmacSha256 } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import {
  fillRing,
  parseConfig as parseRing,
  type RecorderConfig,
  videoRecorder,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/contract.ts';
import {
  edge,
  parseConfig as parseComputer,
} from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/contract.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import {
  fillLine,
  type GpioInConfig,
  gpioInContract,
  parseConfig as parseLine,
} from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio-in/contract.ts';
import { technician } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/contract.ts';
import { parseHealthConfig } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/health.ts';
import { parseCarrier } from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/frame.ts';
import { parsePictures } from '../../nodes/node-red-contrib-tapcase-edge/src/send/pictures/pictures.ts';
import { fillSend, parseCase } from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/contract.ts';
import tapcaseSend from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/send.ts';
import { fillAlbum, parseAlbum } from '../../nodes/node-red-contrib-tapcase-edge/src/vision/picture/picture.ts';
import { sceneDiff as sceneContract } from '../../nodes/node-red-contrib-tapcase-edge/src/vision/scene-diff/contract.ts';
import sceneDiff from '../../nodes/node-red-contrib-tapcase-edge/src/vision/scene-diff/scene-diff.ts';
import { bench, helper, type Outcome, withRuntime } from './harness.ts';

const KEY = Buffer.alloc(32, 7);
/** Neither pictures to send nor a serial line. */
const ALONE = { cloudUrl: 'none', snapshotsFolder: 'none', serialPort: 'none' };
const FINDING = { type: 'report', id: 'abc123', model: null, before: {}, after: {}, ms: 9 };
/** As the dialog of a new node stores them, and the environment fills them in. */
const ENVIRONMENT = { caseId: '123', signalLine: 'gpio:18', motionLine: 'none', recordingsFolder: '/ring' };
const PLACES = { snapshotsFolder: '/album', serialPort: 'none', cloudUrl: 'none', folder: '/state' };
const COMPUTER = settingsOf({ ...valuesOf(edge.defaults), ...ENVIRONMENT, ...PLACES });

describe('what is set of this computer', () => {
  withRuntime();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'computer-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const queueOf = (own: object, computer: object) =>
    bench({
      node: { id: 'n', type: 'tapcase-send', keys: 'the-keys', state: 'the-computer', ...own },
      outputs: 1,
      modules: [caseKeys, deviceState, tapcaseSend],
      configNodes: [
        { id: 'the-keys', type: 'hmac-keys', mode: 'device', caseId: '123', device: 'pi' },
        { ...{ id: 'the-computer', type: 'tapcase-edge', folder }, ...ALONE, ...computer },
      ],
      credentials: { 'the-keys': { deviceKey: KEY.toString('hex') } },
    });
  const topicOf = async (own: object, computer: object): Promise<unknown> => {
    const outcome = await (await queueOf(own, computer)).send({ report: FINDING });
    await helper.unload();
    if (outcome.kind === 'fault') return outcome.code;
    const { topic, payload } = outcome.message;
    const opened = openFrame({ topic: String(topic), frame: payload as Buffer, keys: [KEY], hmac: hmacSha256 });
    assert.ok(!(opened instanceof Fault));
    return topic;
  };

  it('a report is of the computer’s case', async () => {
    assert.equal(await topicOf({}, { caseId: '123' }), 'case/123/vision');
  });

  it('without a case anywhere the node says so on every message, and so it does without its computer', async () => {
    assert.equal(await topicOf({}, { caseId: '${NOBODY_SET_THIS}' }), 'config.invalid');
    assert.equal(await topicOf({}, {}), 'config.invalid');
    assert.equal(await topicOf({ state: 'gone' }, { caseId: '123' }), 'config.missing-node');
  });

  it('a wrong value stops the node that reads it and no other', async () => {
    assert.equal(await topicOf({}, { caseId: '123', ringHours: 'long', signalLine: 'pir' }), 'case/123/vision');
  });

  const pictureBy = async (computer: object): Promise<Outcome> => {
    const { send } = await bench({
      node: { id: 'n', type: 'tapcase-scene-diff', state: 'the-computer' },
      outputs: 2,
      modules: [deviceState, sceneDiff],
      configNodes: [{ id: 'the-computer', type: 'tapcase-edge', folder, ...computer }],
    });
    const create = { width: 64, height: 48, channels: 3, background: 'red' } as const;
    const encoded = await sharp({ create }).jpeg().toBuffer();
    const look = { visit: 'abc123', moment: 'before' };
    const detections = { model: '0123456789ab', boxes: [], ms: 7 };
    const outcome = await send({ image: { encoded, camera: '0', atMs: Date.now() }, detections, look });
    await helper.unload();
    return outcome;
  };

  it('a picture is kept where the computer says, in the size that it says', async () => {
    const album = join(folder, 'album');
    const outcome = await pictureBy({ snapshotsFolder: album, snapshotEdge: '64', snapshotQuality: '1' });
    assert.equal(outcome.kind === 'output' && outcome.port, 1);
    assert.deepEqual(readdirSync(album).sort(), ['abc123-before-0.jpg', 'abc123-before-0.json']);
    const wrong = await pictureBy({ snapshotsFolder: album, snapshotEdge: 'wide' });
    assert.equal(wrong.kind === 'fault' && wrong.code, 'config.invalid');
    const shipped = await pictureBy({ snapshotsFolder: 'none', snapshotEdge: '' });
    assert.equal(shipped.kind, 'output');
  });
});

describe('a setting of this computer', () => {
  const wellRead: readonly (readonly [string, Inherits['fill'], (raw: unknown) => unknown])[] = [
    ['tapcase-video-recorder', fillRing, parseRing],
    ['tapcase-scene-diff', fillAlbum, parseAlbum],
    ['tapcase-gpio-in', fillLine, parseLine],
    ['tapcase-gpio-in, motion', (_own, theirs) => fillLine({ which: 'motion' }, theirs), parseLine],
    [
      'tapcase-technician',
      fillEmpty({ diskFreeMbMin: 'diskFreeMbMin' }),
      (raw) => parseHealthConfig({ folder: '/', ...Object(raw) }),
    ],
    ['tapcase-send for its case', fillSend, parseCase],
    ['tapcase-send for pictures', fillSend, parsePictures],
    ['tapcase-send for its line', fillSend, parseCarrier],
  ];
  for (const [node, fill, parse] of wellRead) {
    it(`as shipped is one that ${node} takes`, () => {
      const config = parse(fill({}, COMPUTER));
      assert.ok(!(config instanceof Fault), String(config));
    });
  }

  it('counts also where a node lacks the property: what then stands in for it is no value of its own', () => {
    const lacking: readonly (readonly [object, Inherits['fill']])[] = [
      [videoRecorder.defaults, fillRing],
      [gpioInContract.defaults, fillLine],
      [technician.defaults, fillEmpty({ diskFreeMbMin: 'diskFreeMbMin' })],
      [sceneContract.defaults, fillEmpty({ cameras: 'cameras' })],
    ];
    for (const [stored, fill] of lacking) {
      const standsIn = valuesOf(stored as typeof edge.defaults);
      assert.deepEqual(fill(standsIn, COMPUTER), { ...standsIn, ...fill({}, COMPUTER) });
    }
  });

  it('is asked for by a name that the computer has', () => {
    const asked = new Set<string>();
    const watched = new Proxy(COMPUTER, {
      get: (target, name: string) => {
        asked.add(name);
        return target[name];
      },
    });
    for (const [, fill] of wellRead) fill({}, watched);
    for (const name of asked) assert.ok(Object.hasOwn(edge.defaults, name), name);
    assert.ok(asked.size > 20);
  });

  it('counts where the node’s own is empty; a node’s own counts for it alone', () => {
    const ring = (own: Settings, theirs: Settings) => parseRing(fillRing(own, theirs)) as RecorderConfig;
    const theirs = { ...COMPUTER, ringHours: '48', continuous: false, recordingsFolder: '/ring' };
    assert.equal(ring({ ringHours: '', continuous: '' }, theirs).ringMs, 48 * 3_600_000);
    assert.equal(ring({ ringHours: ' ' }, theirs).ringMs, 48 * 3_600_000);
    assert.equal(ring({ ringHours: 2 }, theirs).ringMs, 2 * 3_600_000);
    assert.equal(ring({ preRollSeconds: 0 }, theirs).preRollMs, 0);
    assert.equal(ring({}, theirs).folder, '/ring');
    assert.equal(ring({ folder: 'none' }, theirs).folder, undefined);
    for (const [own, records] of [
      ['', false],
      [true, true],
      ['true', true],
    ] as const) {
      assert.equal(ring({ continuous: own }, theirs).continuous, records);
      assert.equal(ring({ continuous: false }, { ...theirs, continuous: true }).continuous, false);
    }
  });

  it('is the shipped one where no computer is chosen', () => {
    const { ringMs, continuous, folder } = parseRing(fillRing({}, {})) as RecorderConfig;
    assert.deepEqual([ringMs, continuous, folder], [24 * 3_600_000, true, undefined]);
  });

  it('of a line comes with its resistor and level; a line of the node’s own with the node’s', () => {
    const theirs = { ...COMPUTER, signalLine: 'gpio:5', signalPull: 'up', signalActiveLow: true };
    const own = { pull: 'down', activeLow: false };
    const signal = parseLine(fillLine({ ...own, line: '' }, theirs)) as GpioInConfig;
    assert.deepEqual([signal.line, signal.pull, signal.isActiveLow], [{ kind: 'pin', bcm: 5 }, 'up', true]);
    const motion = parseLine(fillLine({ ...own, which: 'motion' }, theirs)) as GpioInConfig;
    assert.deepEqual(motion.line, { kind: 'none' });
    const other = parseLine(fillLine({ ...own, line: 'gpio:7' }, theirs)) as GpioInConfig;
    assert.deepEqual([other.line, other.pull, other.isActiveLow], [{ kind: 'pin', bcm: 7 }, 'down', false]);
    for (const nonsense of [{ which: 'door' }, { which: 'constructor' }, { line: '${NOBODY_SET_THIS}' }]) {
      assert.ok(parseLine(fillLine(nonsense, theirs)) instanceof Fault, JSON.stringify(nonsense));
    }
  });

  it('of a computer of an earlier release, which stores only its folder, is the shipped one', () => {
    const { ringHours, cameras, signalLine } = settingsOf({ folder: '/state' });
    assert.deepEqual([ringHours, cameras], [24, 2]);
    // A reference to the environment that no dialog has stored is nobody's value.
    assert.ok(parseLine(fillLine({}, { signalLine })) instanceof Fault);
  });
});

describe('settings that a node leaves to a config node', () => {
  withRuntime();
  const taker = defineNode<Settings, unknown, 'out'>({
    type: 'taker',
    outputs: ['out'],
    parseConfig: (raw) => raw as Settings,
    parseMessage: (raw) => raw,
    inherits: { from: 'state', type: 'tapcase-edge', fill: fillEmpty({ own: 'caseId' }, { own: 'shipped' }) },
    build:
      ({ own }) =>
      () => ({ to: 'out', add: { payload: own } }),
  });
  const payloadOf = async (stored: object, computer: object = {}) => {
    const { send } = await bench({
      node: { id: 'n', type: 'taker', ...stored },
      outputs: 1,
      modules: [deviceState, taker],
      configNodes: [{ id: 'the-computer', type: 'tapcase-edge', folder: '/nowhere', caseId: 'theirs', ...computer }],
    });
    const outcome = await send({});
    await helper.unload();
    return outcome.kind === 'fault' ? outcome.code : outcome.message.payload;
  };

  it('its own first, then the config node’s, then the shipped', async () => {
    assert.equal(await payloadOf({ own: 'mine', state: 'the-computer' }), 'mine');
    assert.equal(await payloadOf({ own: '', state: 'the-computer' }), 'theirs');
    assert.equal(await payloadOf({ own: '' }), 'shipped');
    assert.equal(await payloadOf({ own: '', state: 'the-computer' }, { caseId: '' }), 'shipped');
  });

  it('a config node that is gone, of another type or broken is the node’s fault on every message', async () => {
    assert.equal(await payloadOf({ own: 'mine', state: 'gone' }), 'config.missing-node');
    assert.equal(await payloadOf({ own: 'mine', state: 'n' }), 'config.missing-node');
    assert.equal(await payloadOf({ own: '', state: 'the-computer' }, { folder: '' }), 'state.no-folder');
  });

  it('zero and false are values, blanks are none', () => {
    const given: readonly unknown[] = [0, false, 'x', Number.NaN];
    for (const value of given) assert.equal(isGiven(value), true, String(value));
    for (const value of [undefined, null, '', ' \t']) assert.equal(isGiven(value), false);
  });
});

function valuesOf(properties: Readonly<Record<string, { readonly value: unknown }>>): Settings {
  return Object.fromEntries(Object.entries(properties).map(([name, { value }]) => [name, value]));
}

function settingsOf(stored: object): Settings {
  const computer = parseComputer(stored);
  assert.ok(!(computer instanceof Fault));
  return computer.settings;
}
