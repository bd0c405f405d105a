// A case to measure: the unmodified firmware in its VM with a quiet network, and a cloud that only acks and unlocks.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type Command,
  Fault,
  openFrame,
  parseDoorReport,
  parseStatusReport,
  sealFrame,
  type Unnumbered,
} from '@tapcase/domain';
import { hmacSha256 as hmac } from '../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import type { ImageFile } from '../scripts/firmware/compile.ts';
import { type Broker, type Frame, startBroker, type Traffic } from '../scripts/week/broker.ts';
import { Device } from '../scripts/week/device.ts';
import { dice } from '../scripts/week/dice.ts';
import { World } from '../scripts/week/world.ts';
import { createBoard } from '../sim/src/case/board.ts';
import { REAL_CLOCK } from '../sim/src/case/clock.ts';
import { mountFlash } from '../sim/src/case/flash.ts';
import { MODEM_UART, tellModem } from '../sim/src/case/modem-pins.ts';
import { Ssd1306Chip } from '../sim/src/case/ssd1306-chip.ts';
import { Sim7080g } from '../sim/src/modem/sim7080g.ts';

const CASE_ID = '123';
const KEY = Buffer.alloc(32, 7);
const CMD = `case/${CASE_ID}/cmd`;
const SECRETS = {
  case: CASE_ID,
  key: KEY.toString('hex'),
  host: 'h',
  port: 1,
  user: 'u',
  password: 'p',
  tls: false,
  fitted: [],
} as const;
/** The receipt of each visit. */
export const SHOWN_ITEMS: [string, number][] = [['cola', 1]];
const WAIT_MS = 60_000;
/** A frame that is no frame, as long as they come. */
const NOISE = Buffer.alloc(900, 0x20);
/** Asked for at this pace, a task shows how late the loop lets it go on. */
const LAG_TASK = `
import asyncio
import time
import lag


async def measure():
    while True:
        started = time.ticks_ms()
        await asyncio.sleep_ms(20)
        lag.note(time.ticks_diff(time.ticks_ms(), started) - 20)


asyncio.create_task(measure())
`;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

type Heard = { readonly type: string; readonly seq: number; readonly id?: string };

/** What the cloud answers by itself. */
class AckingCloud {
  readonly heard: Heard[] = [];
  private seq = 0;
  private readonly publish: (frame: Frame) => void;
  private readonly nowS: () => number;

  constructor(publish: (frame: Frame) => void, nowS: () => number) {
    this.publish = publish;
    this.nowS = nowS;
  }

  send(command: Unnumbered<Command>): void {
    this.seq += 1;
    const { type, ...rest } = command;
    const payload = sealFrame({ topic: CMD, payload: { type, seq: this.seq, ...rest }, key: KEY, hmac });
    if (payload instanceof Fault) throw payload;
    this.publish({ topic: CMD, payload });
  }

  unlock(id: string): void {
    const at = this.nowS();
    this.send({ type: 'unlock', id, at, exp: at + 10 });
  }

  hear({ topic, payload }: Frame): void {
    if (topic.includes('/online/')) return;
    const value = openFrame({ topic, frame: payload, keys: [KEY], hmac });
    const report = topic.endsWith('/door') ? parseDoorReport(value) : parseStatusReport(value);
    if (report instanceof Fault) throw report;
    this.heard.push(report as Heard);
    if (report.type === 'hello') this.send({ type: 'time', at: this.nowS(), nonce: report.nonce });
    else if (topic.endsWith('/door')) this.send({ type: 'ack', at: this.nowS(), topic: 'door', of: report.seq });
  }
}

export class FirmwareBench {
  readonly world = new World(0);
  readonly device: Device;
  private readonly broker: Broker;
  private readonly cloud: AckingCloud;
  private grams = 12_000;
  private shaken = 0;
  private open = false;
  private visits = 0;
  private asked = false;
  private heap = 0;
  private deliveredAt = { ms: 0, realMs: 0 };
  private releasedAt = { ms: 0, realMs: 0 };
  private closedAtMs = 0;
  private conversionsAtMs: number[] = [];

  constructor(folder: string, factory?: readonly ImageFile[]) {
    const { world } = this;
    const nowS = () => Math.floor(world.clock.dateMs() / 1000);
    this.broker = startBroker({
      world,
      random: dice(1, 1),
      calm: true,
      toCloud: (frame) => this.cloud.hear(frame),
      onDelivered: ({ payload }) => {
        if (Buffer.from(payload).includes('"unlock"')) this.deliveredAt = this.moment();
      },
    });
    this.cloud = new AckingCloud((frame) => this.broker.publish(frame), nowS);
    this.device = new Device({
      world,
      random: dice(1, 2),
      folder,
      secrets: SECRETS,
      ...(factory === undefined ? {} : { factory }),
      senses: { massGrams: () => this.feel(), doorOpen: () => this.open },
      dial: this.broker.dial,
      onReleased: () => {
        this.releasedAt = this.moment();
      },
      onReport: (_seq, type) => {
        if (type === 'closed') this.closedAtMs = world.clock.nowMs();
      },
      onReset: (reason) => {
        throw new Error(`the firmware reset itself: ${reason}`);
      },
      onLog: () => {},
    });
  }

  get traffic(): Traffic {
    return this.broker.traffic;
  }

  async start(): Promise<void> {
    this.device.start();
    await this.until('a status', () => this.cloud.heard.some(({ type }) => type === 'status'));
    // The scale has read enough for a baseline.
    await this.world.run(3_000);
  }

  /** Takes so much; the time to the pin counts what the VM computed as well as what it waited. */
  async visit(takenGrams: number): Promise<{ unlockMs: number; weighedMs: number }> {
    const unlockMs = await this.openVisit();
    this.grams -= takenGrams;
    await this.world.run(1_000);
    const shutAtMs = this.world.clock.nowMs();
    const id = this.shut();
    await this.until('the weighed report', () => this.closed(id));
    const weighedMs = this.closedAtMs - shutAtMs;
    const at = Math.floor(this.world.clock.dateMs() / 1000);
    const told = { outcome: 'charged', items: SHOWN_ITEMS, total: 200 } as const;
    this.cloud.send({ type: 'show', id, at, ...told, currency: 'usd', lang: 'en' });
    await this.world.run(2_000);
    return { unlockMs, weighedMs };
  }

  async openVisit(): Promise<number> {
    this.visits += 1;
    this.cloud.unlock(this.id());
    await this.until('an open lock', () => !this.device.locked);
    await this.world.run(500);
    this.open = true;
    await this.world.run(500);
    return this.releasedAt.ms - this.deliveredAt.ms + this.releasedAt.realMs - this.deliveredAt.realMs;
  }

  /** Shut, on a shelf that will not rest, with noise from the broker: conversions that nobody fetched, of how many. */
  async weigh(forMs: number, noiseMs: number, conversionMs: number): Promise<{ lost: number; of: number }> {
    this.shaken = 60;
    const id = this.shut();
    await this.world.run(300);
    this.conversionsAtMs = [this.world.clock.nowMs()];
    for (let ms = 0; ms < forMs; ms += noiseMs) {
      this.broker.publish({ topic: CMD, payload: NOISE });
      await this.world.run(noiseMs);
    }
    const read = [...this.conversionsAtMs];
    this.shaken = 0;
    await this.until('the weighed report', () => this.closed(id));
    await this.world.run(2_000);
    // The chip holds one: a gap of two or more has cost all but one of them.
    const gaps = read.slice(1).map((atMs, n) => Math.floor((atMs - read[n]!) / conversionMs));
    return { lost: gaps.reduce((sum, gap) => sum + Math.max(0, gap - 1), 0), of: read.length };
  }

  /** What is live in the VM, after JavaScript has let go of the callbacks that are over. */
  async heapBytes(): Promise<number> {
    const { vm } = this.device;
    if (vm === undefined) throw new Error('the device is dark');
    if (!this.asked) {
      this.asked = true;
      vm.registerJsModule('heap', {
        note: (bytes: number) => {
          this.heap = bytes;
        },
      });
    }
    collect();
    // Finalizers run in turns of their own; the VM collects when it has returned to the top.
    for (const line of ['import gc, heap\ngc.collect()', 'gc.collect()', 'heap.note(gc.mem_alloc())']) {
      await new Promise((resolve) => setImmediate(resolve));
      vm.runPython(line);
    }
    return this.heap;
  }

  private feel(): number {
    this.conversionsAtMs.push(this.world.clock.nowMs());
    this.shaken = -this.shaken;
    return this.grams + this.shaken;
  }

  private id(): string {
    return `b${String(this.visits).padStart(6, '0')}`;
  }

  private shut(): string {
    this.conversionsAtMs = [];
    this.open = false;
    return this.id();
  }

  private closed(id: string): boolean {
    return this.cloud.heard.some((one) => one.type === 'closed' && one.id === id);
  }

  private moment() {
    return { ms: this.world.clock.nowMs(), realMs: Number(process.hrtime.bigint()) / 1e6 };
  }

  private async until(what: string, look: () => boolean): Promise<void> {
    for (let ms = 0; !look(); ms += 100) {
      if (ms > WAIT_MS) throw new Error(`the firmware kept us waiting for ${what}`);
      await this.world.run(100);
    }
  }
}

/** With `factory` the case runs what a board has in its slot: compiled modules; without it the sources. */
export async function startFirmwareBench(folder: string, factory?: readonly ImageFile[]): Promise<FirmwareBench> {
  mkdirSync(folder, { recursive: true });
  const bench = new FirmwareBench(folder, factory);
  await bench.start();
  return bench;
}

/** In real time, connected and served: how many milliseconds late a task comes back, again and again. */
export async function loopLags(folder: string, forMs: number, loadMs: number): Promise<number[]> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify(SECRETS));
  const lags: number[] = [];
  const after = (ms: number, call: () => void) => void setTimeout(call, ms);
  const sleep = (ms: number) => new Promise<void>((resolve) => after(ms, resolve));
  const broker = startBroker({
    world: { clock: REAL_CLOCK, after, sleep },
    random: dice(1, 1),
    calm: true,
    toCloud: (frame) => cloud.hear(frame),
    onDelivered: () => {},
  });
  const cloud = new AckingCloud(
    (frame) => broker.publish(frame),
    () => Math.floor(Date.now() / 1000),
  );
  const modem = new Sim7080g({
    clock: REAL_CLOCK,
    dial: broker.dial,
    send: (bytes) => board.send(MODEM_UART, bytes),
  });
  const board = await createBoard({
    clock: REAL_CLOCK,
    massGrams: () => 12_000,
    doorOpen: () => false,
    uarts: { [MODEM_UART]: modem },
    chips: [new Ssd1306Chip()],
    seed: 1,
    mount: (vm) => mountFlash(vm, folder),
    onPin: (pin, level) => tellModem(modem, pin, level),
    onLed: () => {},
    onLog: () => {},
    onReset: (reason) => {
      throw new Error(`the firmware reset itself: ${reason}`);
    },
  });
  board.boot();
  for (let ms = 0; ms < WAIT_MS && !cloud.heard.some(({ type }) => type === 'status'); ms += 100) await sleep(100);
  board.vm.registerJsModule('lag', { note: (ms: number) => lags.push(ms) });
  board.vm.runPython(LAG_TASK);
  const load = setInterval(() => broker.publish({ topic: CMD, payload: NOISE }), loadMs);
  cloud.unlock('lagged1');
  await sleep(forMs);
  clearInterval(load);
  modem.stop();
  return lags;
}
