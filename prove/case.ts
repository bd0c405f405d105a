// One display case as the broker knows it: controller and Pi, who sign, count, and send again until they are acked.
import { type Catalog, Fault, openFrame, sealFrame } from '@tapcase/domain';
import { deriveDeviceKey, hmacSha256 } from '@tapcase/node-red-contrib-hmac';
import mqtt, { type MqttClient } from 'mqtt';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import { countsOf, gramsOf, HALF_SEEN, type Story } from './stories.ts';

export interface CaseOptions {
  readonly id: string;
  readonly masterKey: Buffer;
  readonly brokerPort: number;
  readonly password: string;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly random: Random;
}

interface Waiting {
  readonly seq: number;
  readonly frame: Buffer;
}

/** How often, by the proof's clock, what is not acked is sent again: who is slow to ack is not drowned in it. */
const RESEND_MS = 400;
const STATUS_MS = 1_000;

export class Case {
  readonly #options: CaseOptions;
  readonly #devices: Readonly<Record<'controller' | 'pi', Device>>;
  readonly #stories = new Map<string, Story>();
  readonly #unlocked = new Set<string>();
  readonly #observed = new Set<string>();
  /** Visits whose goods were reported, and the reports acked. */
  readonly told = new Set<string>();
  readonly #endStatus: () => void;

  constructor(options: CaseOptions) {
    this.#options = options;
    this.#devices = {
      controller: new Device(options, 'controller', 'door', (command) => this.#commanded(command)),
      pi: new Device(options, 'pi', 'vision', (command) => this.#wished(command)),
    };
    this.#endStatus = options.clock.every(STATUS_MS, () => this.#report());
  }

  /** The visit that a customer was let in for. */
  expect(visitId: string, story: Story): void {
    this.#stories.set(visitId, story);
    // The unlock may have come before the answer to the phone.
    if (this.#unlocked.has(visitId)) this.#act(visitId, story);
    if (this.#observed.has(visitId)) this.#see(visitId, story);
  }

  /** Whether everything that was said is acked. */
  get isQuiet(): boolean {
    return this.#devices.controller.isQuiet && this.#devices.pi.isQuiet;
  }

  async close(): Promise<void> {
    this.#endStatus();
    await Promise.all([this.#devices.controller.close(), this.#devices.pi.close()]);
  }

  #report(): void {
    const shelf = { door: 'closed', mass: 0, vcc: 3.7, rssi: -80, fw: 'proof' };
    this.#devices.controller.say('status', { type: 'status', ...shelf }, false);
  }

  #commanded(command: { type: string; id?: string; exp?: number }): void {
    const { type, id, exp } = command;
    if (type !== 'unlock' || id === undefined || this.#unlocked.has(id)) return;
    // A controller opens for nobody whose unlock is too old.
    if (this.#options.clock.seconds() > (exp ?? 0)) return;
    this.#unlocked.add(id);
    const story = this.#stories.get(id);
    if (story !== undefined) this.#act(id, story);
  }

  #wished({ type, id }: { type: string; id?: string }): void {
    if (type !== 'observe' || id === undefined || this.#observed.has(id)) return;
    this.#observed.add(id);
    const story = this.#stories.get(id);
    if (story !== undefined) this.#see(id, story);
  }

  #act(id: string, story: Story): void {
    const { controller } = this.#devices;
    const { catalog } = this.#options;
    controller.say('door', { type: 'unlocked', id, mass: 0 });
    if (story.kind === 'silent') return;
    if (story.kind === 'never-opened') return controller.say('door', { type: 'timeout', id, mass: 0 });
    controller.say('door', { type: 'opened', id });
    if (story.kind === 'left-open') return;
    if (story.kind === 'held-open') controller.say('door', { type: 'open_too_long', id });
    const dmass = gramsOf(story.taken, catalog);
    controller.say('door', { type: 'closed', id, mass: -dmass, dmass, sigma: 2.1 });
    this.told.add(id);
  }

  #see(id: string, story: Story): void {
    if (story.kind === 'no-cameras' || story.kind === 'silent' || story.kind === 'never-opened') return;
    const taken = story.kind === 'half-seen' ? HALF_SEEN : story.taken;
    const seen = { model: '0123456789ab', ...countsOf(taken, this.#options.catalog), ms: 90 };
    const blind = { model: null, before: {}, after: {}, ms: 0, fault: 'camera.no-picture' };
    this.#devices.pi.say('vision', { type: 'report', id, ...(story.kind === 'doubtful' ? blind : seen) });
  }
}

/** A connection of its own, an outbox of its own, numbers of its own. */
class Device {
  readonly #client: MqttClient;
  readonly #key: Uint8Array;
  readonly #options: CaseOptions;
  readonly #waiting: Waiting[] = [];
  readonly #sent: { readonly topic: string; readonly frame: Buffer }[] = [];
  readonly #endSending: () => void;
  readonly #seqs = new Map<string, number>();
  readonly #channel: 'door' | 'vision';

  constructor(
    options: CaseOptions,
    name: 'controller' | 'pi',
    channel: 'door' | 'vision',
    onCommand: (command: { type: string; id?: string; exp?: number }) => void,
  ) {
    this.#options = options;
    this.#channel = channel;
    this.#key = deriveDeviceKey(options.masterKey, options.id, name);
    const commands = `case/${options.id}/${name === 'pi' ? 'vision/cmd' : 'cmd'}`;
    this.#client = mqtt.connect(`mqtt://127.0.0.1:${options.brokerPort}`, {
      username: `${options.id}-${name}`,
      password: options.password,
      reconnectPeriod: 200,
      queueQoSZero: false,
    });
    // A broker that is being restarted refuses; the client comes back by itself.
    this.#client.on('error', () => {});
    this.#client.on('connect', () => this.#client.subscribe(commands, { qos: 1 }));
    this.#client.on('message', (topic, bytes) => {
      const command = openFrame({ topic, frame: bytes, keys: [this.#key], hmac: hmacSha256 });
      if (command instanceof Fault) throw command;
      this.#hear(command as { type: string; seq: number; of?: number; topic?: string });
      onCommand(command as { type: string });
    });
    this.#endSending = options.clock.every(RESEND_MS, () => this.#sendAll());
  }

  get isQuiet(): boolean {
    return this.#waiting.length === 0;
  }

  say(topicEnd: 'door' | 'vision' | 'status', payload: object, untilAcked = true): void {
    const topic = `case/${this.#options.id}/${topicEnd}`;
    const seq = (this.#seqs.get(topicEnd) ?? 0) + 1;
    this.#seqs.set(topicEnd, seq);
    const { type, ...rest } = payload as { type: string };
    const at = this.#options.clock.seconds();
    const sealed = sealFrame({ topic, payload: { type, seq, at, ...rest }, key: this.#key, hmac: hmacSha256 });
    if (sealed instanceof Fault) throw sealed;
    const frame = Buffer.from(sealed);
    if (!untilAcked) return void this.#publish(topic, frame);
    this.#waiting.push({ seq, frame });
    this.#sent.push({ topic, frame });
    this.#sendAll();
  }

  async close(): Promise<void> {
    this.#endSending();
    await this.#client.endAsync(true);
  }

  #hear({ type, of, topic }: { type: string; of?: number; topic?: string }): void {
    if (type !== 'ack' || topic !== this.#channel) return;
    const at = this.#waiting.findIndex(({ seq }) => seq === of);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** Out of order, some twice, and now and then one from long ago. */
  #sendAll(): void {
    const { random, id } = this.#options;
    const topic = `case/${id}/${this.#channel}`;
    for (const { frame } of random.shuffled(this.#waiting)) {
      if (random.chance(0.2)) continue;
      this.#publish(topic, frame);
      if (random.chance(0.2)) this.#publish(topic, frame);
    }
    if (this.#sent.length > 0 && random.chance(0.05)) {
      const old = random.pick(this.#sent);
      this.#publish(old.topic, old.frame);
    }
  }

  #publish(topic: string, frame: Buffer): void {
    if (this.#client.connected) this.#client.publish(topic, frame, { qos: 1 });
  }
}
