// The Pi's flows as they are, in a real Node-RED with a real broker: from the wish to look to a report that was acked.
// Around them stand a cloud that signs, two cameras, and the controller's signal line.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, openFrame, parseVisionReport, sealFrame, type VisionReport } from '@tapcase/domain';
import mqtt, { type MqttClient } from 'mqtt';
import { readFlowFiles } from '../../host/flows/disk.ts';
import { joinFlows } from '../../host/flows/tabs.ts';
import detrDetect from '../../nodes/node-red-contrib-detr/src/detr-detect/detr-detect.ts';
import detrModel from '../../nodes/node-red-contrib-detr/src/detr-model/detr-model.ts';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { hmacSha256 } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import hmacVerify from '../../nodes/node-red-contrib-hmac/src/hmac-verify/hmac-verify.ts';
import { cameraSource } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/camera.ts';
import { SOURCE_LIMITS } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/create-camera.ts';
import camera from '../../nodes/node-red-contrib-tapcase-edge/src/camera/look/look.ts';
import videoRecorder from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/video-recorder.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import gpioIn from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio-in/gpio-in.ts';
import technicianView from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/technician.ts';
import tapcaseSend from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/send.ts';
import sceneDiff from '../../nodes/node-red-contrib-tapcase-edge/src/vision/scene-diff/scene-diff.ts';
import { accountsOf, type Broker, startBroker } from '../../sim/src/broker/broker.ts';
import { helper, type Message, type NodeModule, withRuntime } from '../nodes/harness.ts';
import { shelfPng, tinyModelFolder } from '../nodes/tiny-detr.ts';
import { HANG_MS, within } from '../patience.ts';

const require = createRequire(import.meta.url);
const core = (name: string) => require(`@node-red/nodes/core/${name}.js`) as NodeModule;
const MODULES: readonly NodeModule[] = [
  ...['common/20-inject', 'common/25-catch', 'common/25-status', 'common/60-link', 'common/90-comment'].map(core),
  ...['function/10-function', 'function/10-switch', 'function/15-change', 'network/05-tls', 'network/10-mqtt'].map(
    core,
  ),
  ...[
    camera,
    cameraSource({ ...SOURCE_LIMITS, answerMs: HANG_MS, pictureMs: HANG_MS }),
    caseKeys,
    detrDetect,
    detrModel,
    deviceState,
    gpioIn,
    hmacVerify,
  ],
  ...[sceneDiff, tapcaseSend, technicianView, videoRecorder],
];
const FOLDER = join(import.meta.dirname, '..', '..', 'edge-flows', 'core');
const CREDENTIALS = JSON.parse(readFileSync(join(FOLDER, 'credentials.env.json'), 'utf8')) as object;
/** Without the technician's page: a browser's test looks at it. */
const FLOWS = joinFlows(readFlowFiles(FOLDER)).filter(({ type }) => !type.startsWith('ui-'));
const KEY = Buffer.alloc(32, 7);
const COMMANDS = 'case/123/vision/cmd';
const REPORTS = 'case/123/vision';
/** The cloud's clock is ahead by as much, which the Pi allows: on a busy machine too, its cameras look in time. */
const AHEAD_SECONDS = 20;
/** Where the broker itself says who has subscribed to what. */
const SUBSCRIPTIONS = '$SYS/+/new/subscribes';

describe('the Pi’s flows', () => {
  withRuntime();
  let world: World;
  let broker: Broker;
  let cloud: Cloud;
  let stateFolder: string;
  let modelFolder: string;
  const environment = { ...process.env };
  // The helper registers its own Catch and Status once for each one in the flow, which fails at the second: ours stand in.
  const own = (helper as unknown as { _nodeModules: Record<string, NodeModule> })._nodeModules;
  const helpers = { catch: own.catch!, status: own.status! };
  before(() => {
    for (const type of Object.keys(helpers)) delete own[type];
  });
  after(() => {
    Object.assign(own, helpers);
  });

  beforeEach(async () => {
    world = await startWorld();
    broker = await startBroker({ port: 0, accounts: brokerAccounts() });
    cloud = await startCloud(broker.port);
    stateFolder = mkdtempSync(join(tmpdir(), 'edge-state-'));
    modelFolder = tinyModelFolder();
    Object.assign(process.env, {
      CASE_ID: '123',
      DEVICE_KEY: KEY.toString('hex'),
      DEVICE_STATE_DIR: stateFolder,
      MODEL_DIR: modelFolder,
      CAMERA_0: `${world.url}/camera/0`,
      CAMERA_1: `${world.url}/camera/1`,
      SIGNAL_LINE: `${world.url}/line`,
      PIR_LINE: 'none',
      RECORDINGS_DIR: 'none',
      SNAPSHOTS_DIR: join(stateFolder, 'snapshots'),
      CLOUD_URL: 'none',
      SERIAL_PORT: 'none',
      VISION_COMMAND_TOPIC: COMMANDS,
      BROKER_URL: `mqtt://127.0.0.1:${broker.port}`,
      MQTT_CA_FILE: '',
      BROKER_USER: '123-pi',
      BROKER_PASSWORD: 'device',
    });
  });
  afterEach(async () => {
    await helper.unload();
    await cloud.close();
    await broker.close();
    world.close();
    for (const folder of [stateFolder, modelFolder]) rmSync(folder, { recursive: true, force: true });
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
  });

  /** Starts the flows; ready once they hear the cloud and follow the line. */
  const startPi = async (): Promise<Heard> => {
    const subscribed = cloud.listenedTo();
    world.hush();
    await helper.load(MODULES, FLOWS, CREDENTIALS, () => {});
    const heard = listen();
    // The line is down when it is first heard: the cameras look how the shelf stands.
    const looked = looks('after', 2);
    world.speak();
    await Promise.all([subscribed, looked]);
    return heard;
  };
  /** Seen by the Pi: a line that were down again within the debounce would be no change. */
  const lineUp = async () => {
    const seen = at('wake.stay', () => true);
    world.line(1);
    await seen;
  };
  /** A visit: the cameras look at `before`, somebody takes, the door is shut on `after`. */
  const visit = async (id: string, before: Shelf, after: Shelf): Promise<VisionReport> => {
    world.shelf = before;
    await lineUp();
    const looked = looks('before', 2);
    cloud.command({ type: 'observe', id });
    await looked;
    world.shelf = after;
    const report = cloud.report(id);
    world.line(0);
    return await report;
  };

  it('two colas and a soda taken are reported, counted by both cameras, and nothing on the way waits for a second', async () => {
    const letGo = holdTimersFrom(1_000);
    let report: VisionReport;
    try {
      await startPi();
      report = await visit('visit01', { cola: 4, soda: 2 }, { cola: 2, soda: 1 });
    } finally {
      letGo();
    }
    assert.deepEqual(report.before, { 0: { cola: 4, soda: 2 }, 1: { cola: 4, soda: 2 } });
    assert.deepEqual(report.after, { 0: { cola: 2, soda: 1 }, 1: { cola: 2, soda: 1 } });
    assert.equal(report.id, 'visit01');
    assert.match(String(report.model), /^[0-9a-f]{12}$/);
    assert.equal(report.fault, undefined);
  });

  it('nothing taken is reported as nothing', async () => {
    await startPi();
    const { before, after } = await visit('visit01', { cola: 3 }, { cola: 3 });
    assert.deepEqual(before, { 0: { cola: 3 }, 1: { cola: 3 } });
    assert.deepEqual(after, before);
  });

  it('a report is sent again until it is acked, the very same, and then no more', async () => {
    await startPi();
    const first = await visit('visit01', { cola: 1 }, {});
    assert.deepEqual(await cloud.report(), first);
    const acked = at('send.queue', ({ command }) => (command as { type?: string } | undefined)?.type === 'ack');
    cloud.command({ type: 'ack', topic: 'vision', of: first.seq });
    await acked;
    const second = await visit('visit02', { cola: 1 }, {});
    assert.equal(second.id, 'visit02');
    assert.equal(second.seq, first.seq + 1);
    const kept = JSON.parse(readFileSync(join(stateFolder, 'report-queue.json'), 'utf8')) as { waiting: unknown[] };
    assert.equal(kept.waiting.length, 1);
  });

  it('a report that was not acked is sent again after a restart of the Pi', async () => {
    await startPi();
    const first = await visit('visit01', { soda: 1 }, {});
    await helper.unload();
    const again = cloud.report();
    await startPi();
    assert.deepEqual(await again, first);
  });

  it('a report made while nobody can be reached is delivered once somebody can, also after a restart of the Pi', async () => {
    await startPi();
    world.shelf = { cola: 2 };
    await lineUp();
    const looked = looks('before', 2);
    cloud.command({ type: 'observe', id: 'visit01' });
    await looked;
    const { port } = broker;
    await cloud.close();
    await broker.close();
    world.shelf = { cola: 1 };
    const queued = at('send.queue', ({ report }) => report !== undefined);
    world.line(0);
    await queued;
    await helper.unload();
    broker = await startBroker({ port, accounts: brokerAccounts() });
    cloud = await startCloud(port);
    const report = cloud.report();
    await startPi();
    const { id, before, after } = await report;
    assert.deepEqual([id, before?.[0], after?.[0]], ['visit01', { cola: 2 }, { cola: 1 }]);
  });

  it('without a model the report says so, claims nothing, and the fault is told', async () => {
    process.env.MODEL_DIR = join(modelFolder, 'not-there');
    const { faults } = await startPi();
    const report = await visit('visit01', { cola: 1 }, {});
    assert.deepEqual([report.fault, report.model, report.before], ['detr.model-missing', null, {}]);
    assert.ok(faults.includes('detr.model-missing'));
  });

  it('with one camera dead the other decides; with both dead the report says so', async () => {
    await startPi();
    world.dead.add('1');
    const one = await visit('visit01', { cola: 2 }, { cola: 1 });
    assert.deepEqual([one.before, one.after, one.fault], [{ 0: { cola: 2 } }, { 0: { cola: 1 } }, undefined]);
    cloud.command({ type: 'ack', topic: 'vision', of: one.seq });
    world.dead.add('0');
    const none = await visit('visit02', { cola: 2 }, { cola: 1 });
    assert.deepEqual([none.before, none.after, none.fault], [{}, {}, 'camera.unreachable']);
  });

  it('a command with a wrong signature, a repeated one and a stale one make nobody look', async () => {
    const { faults, hears } = await startPi();
    const wishes: unknown[] = [];
    helper.getNode('wake.look-before').on('input', ((message: Message) => wishes.push(message)) as never);
    const looked = looks('before', 2);
    const { seq } = cloud.command({ type: 'observe', id: 'visit01' });
    await looked;
    cloud.command({ type: 'observe', id: 'visit02' }, { key: Buffer.alloc(32, 8) });
    cloud.command({ type: 'observe', id: 'visit03' }, { seq });
    const long = Math.floor(Date.now() / 1000) - 600;
    cloud.command({ type: 'observe', id: 'visit04' }, { at: long });
    await hears(3);
    assert.deepEqual([...faults].sort(), ['frame.bad-mac', 'frame.expired', 'seq.replayed']);
    assert.equal(wishes.length, 1);
    const { look, command } = wishes[0] as { look: unknown; command: { at: number } };
    assert.deepEqual(look, { moment: 'before', visit: 'visit01', askedAtMs: command.at * 1000 });
  });
});

/** The test also hears who subscribes, to know when the Pi listens. */
function brokerAccounts() {
  const accounts = accountsOf(['123'], { cloud: 'cloud', device: () => 'device' });
  return { ...accounts, cloud: { ...accounts.cloud!, subscribe: [...accounts.cloud!.subscribe, SUBSCRIPTIONS] } };
}

/** Timers of so many milliseconds and more never fire, those of `within` excepted; until the returned function is called. */
function holdTimersFrom(ms: number): () => void {
  const real = { setTimeout, setInterval };
  const holding = <T extends typeof setTimeout | typeof setInterval>(set: T): T => {
    const held = (action: () => void, afterMs = 0, ...args: unknown[]) =>
      (set as typeof setTimeout)(action, afterMs >= ms && afterMs < HANG_MS ? 0x7fff_ffff : afterMs, ...(args as []));
    return Object.defineProperties(held, Object.getOwnPropertyDescriptors(set)) as unknown as T;
  };
  Object.assign(globalThis, { setTimeout: holding(setTimeout), setInterval: holding(setInterval) });
  return () => void Object.assign(globalThis, real);
}

interface Heard {
  /** Codes that came to the tab of faults. */
  readonly faults: readonly string[];
  hears(count: number): Promise<void>;
}

function listen(): Heard {
  const faults: string[] = [];
  const news = new EventEmitter();
  helper.getNode('faults.line').on('input', ((message: Message) => {
    faults.push(String((message.error as { code?: string }).code));
    news.emit('fault');
  }) as never);
  return {
    faults,
    hears: async (count) => {
      while (faults.length < count) await within('a fault on its tab', once(news, 'fault'));
    },
  };
}

/** So many cameras have answered, with what they saw or with why not. */
async function looks(moment: 'before' | 'after', count: number): Promise<void> {
  let answers = 0;
  const answered = at('see.diff', ({ look, detections, error }) => {
    const isAnswer =
      (look as { moment?: string } | undefined)?.moment === moment && (detections ?? error) !== undefined;
    if (isAnswer) answers += 1;
    return isAnswer && answers === count;
  });
  await answered;
}

/** The next message at a node that is the wanted one, once the node has dealt with it. */
function at(id: string, wanted: (message: Message) => boolean): Promise<void> {
  const came = new Promise<void>((resolve) => {
    helper.getNode(id).on('input', ((message: Message) => {
      if (wanted(message)) setImmediate(resolve);
    }) as never);
  });
  return within(`a message at ${id}`, came);
}

interface Cloud {
  command(
    command: Readonly<Record<string, unknown>>,
    wrong?: { readonly key?: Buffer; readonly seq?: number; readonly at?: number },
  ): { readonly seq: number };
  /** The next report, or the next of a visit: one that was not acked in time comes again. Its signature is checked. */
  report(visit?: string): Promise<VisionReport>;
  /** Somebody has subscribed to the commands. */
  listenedTo(): Promise<void>;
  close(): Promise<void>;
}

async function startCloud(port: number): Promise<Cloud> {
  const client: MqttClient = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    username: 'cloud',
    password: 'cloud',
  });
  await client.subscribeAsync([REPORTS, SUBSCRIPTIONS], { qos: 1 });
  let seq = 0;
  const news = new EventEmitter();
  client.on('message', (topic, frame) => {
    if (topic !== REPORTS) {
      if (String(frame).includes(COMMANDS)) news.emit('subscribed');
      return;
    }
    const report = parseVisionReport(openFrame({ topic, frame, keys: [KEY], hmac: hmacSha256 }));
    news.emit('report', report);
  });
  return {
    command: (
      command,
      { key = KEY, at: atSeconds = Math.floor(Date.now() / 1000) + AHEAD_SECONDS, seq: given } = {},
    ) => {
      if (given === undefined) seq += 1;
      const { type, id, ...rest } = command;
      const exp = type === 'observe' ? { exp: atSeconds + 10 } : {};
      const visit = id === undefined ? {} : { id };
      const payload = { type, ...visit, seq: given ?? seq, at: atSeconds, ...exp, ...rest };
      const frame = sealFrame({ topic: COMMANDS, payload, key, hmac: hmacSha256 });
      assert.ok(!(frame instanceof Fault));
      client.publish(COMMANDS, Buffer.from(frame), { qos: 1 });
      return { seq: given ?? seq };
    },
    report: async (visit) => {
      for (;;) {
        const [report] = (await within(`a report of ${visit ?? 'a visit'}`, once(news, 'report'))) as [
          VisionReport | Fault,
        ];
        assert.ok(!(report instanceof Fault), String(report));
        if (visit === undefined || report.id === visit) return report;
      }
    },
    listenedTo: async () => {
      await within('the Pi’s subscription', once(news, 'subscribed'));
    },
    close: async () => {
      await client.endAsync(true);
    },
  };
}

type Shelf = { readonly cola?: number; readonly soda?: number };

interface World {
  readonly url: string;
  shelf: Shelf;
  /** Cameras that answer with an error. */
  readonly dead: Set<string>;
  line(level: 0 | 1): void;
  /** Whoever follows the line hears nothing until `speak`. */
  hush(): void;
  speak(): void;
  close(): void;
}

async function startWorld(): Promise<World> {
  const followers = new Set<ServerResponse>();
  const dead = new Set<string>();
  let level: 0 | 1 = 0;
  let pictures = 0;
  let speaks = true;
  const say = (response: ServerResponse) => response.write(`event: line\ndata: ${level}\n\n`);
  const server: Server = createServer(async ({ url = '' }, response) => {
    if (url === '/line') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      followers.add(response.on('close', () => followers.delete(response)));
      if (speaks) say(response);
      return;
    }
    const [, number = ''] = /^\/camera\/(\d)$/.exec(url) ?? [];
    if (dead.has(number)) response.writeHead(500).end();
    else response.end(await shelfPng(world.shelf, 40 + (pictures++ % 8)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const world: World = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shelf: {},
    dead,
    line: (next) => {
      level = next;
      for (const response of followers) say(response);
    },
    hush: () => {
      speaks = false;
    },
    speak: () => {
      speaks = true;
      for (const response of followers) say(response);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return world;
}
