// A week at one case: the unmodified firmware, the real ledger, people, and all that goes wrong; and whether it held.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatusReport } from '@tapcase/domain';
import { type Broker, startBroker } from './broker.ts';
import { CASE_ID, Cloud } from './cloud.ts';
import { Device } from './device.ts';
import { between, chance, DAY_MS, dice, logBetween, nextMs } from './dice.ts';
import { Door } from './door.ts';
import { DoorEvents } from './events.ts';
import { type Shelf, visit } from './people.ts';
import { quickenTables } from './quick-table.ts';
import { Resets } from './resets.ts';
import { Rough } from './rough.ts';
import { SILENCE_S_MAX, Silence } from './silence.ts';
import { TenSeconds } from './ten-seconds.ts';
import { UpdateServer } from './update-server.ts';
import { World } from './world.ts';

export interface WeekOptions {
  readonly seed: number;
  readonly days: number;
  /** So many times more happens in a day than usual: 1 where not given. */
  readonly haste?: number;
  /** Contacts that bounce, a modem and a broker that fail, swapped boards, a ledger that is put back (rough.ts). */
  readonly rough?: boolean;
  readonly log?: (line: string) => void;
}

export interface WeekResult {
  readonly seed: number;
  readonly days: number;
  /** People whom the door was opened for. */
  readonly visits: number;
  readonly outages: number;
  readonly brownouts: number;
  readonly plugPulls: number;
  readonly alarms: number;
  readonly clockJumps: number;
  /** Lockouts that the case heard of, because it had said itself that it was too warm. */
  readonly lockouts: number;
  /** Signed images that came over the air, started on trial and were kept. */
  readonly updates: number;
  /** By board and number, without what went away inside a board that was swapped or erased. */
  readonly doorEventsSent: number;
  /** In any ledger, those that were replaced by a copy included. */
  readonly doorEventsRecorded: number;
  readonly duplicates: number;
  readonly unexplainedResets: number;
  readonly unlockedWithoutCommand: number;
  /** Visits that were unlocked and never ended in a weighed close or a time-out, but for those whose board was taken away. */
  readonly visitsWithoutEnd: number;
  /** Authentic frames that the cloud took for repetitions and does not have, or acked and does not have. */
  readonly silentDiscards: number;
  /** People whom the lock shut out before their ten seconds were over, while the power was there. */
  readonly lostTenSeconds: number;
  /** Of a powered modem, without a step of its ladder. */
  readonly longestSilenceSeconds: number;
  readonly swaps: number;
  readonly restores: number;
  /** Bytes over the radio in both directions, with topics. */
  readonly radioBytes: number;
  /** What this week did not come to try: it was too short for it, or the radio was away. */
  readonly notTried: readonly string[];
}

const KEY = Buffer.alloc(32, 7);
const VISITS_A_DAY = 60;
const OUTAGES_A_DAY = 3;
const OUTAGE_MS = [3_000, DAY_MS] as const;
const BROWNOUTS_A_DAY = 3;
const PLUG_PULLS_A_DAY = 1;
const UNPLUGGED_MS = [5_000, 2 * 3_600_000] as const;
const DIP_MS = 600;
/** Dips come when they like, while somebody is at the case, or in the middle of a write to the flash. */
const IN_VISIT_SHARE = 0.4;
const IN_WRITE_SHARE = 0.4;
const WRITES_MAX = 14;
const ALARMS_A_DAY = 0.5;
const ALARM_MS = 3 * 3_600_000;
const WARM_CELSIUS = 11;
const COLD_CELSIUS = 4;
/** The cloud locks a case out above this, as its own status says. */
const LIMIT_CELSIUS = 8;
const TEMPERATURE_LOOK_MS = 10_000;
/** The update is there from somewhere in this part of the week on, and asked for again after this. */
const UPDATE_PART = [0.1, 0.4] as const;
const UPDATE_ASK_MS = 600_000;
const UPDATE_COMMAND_S = 60;
/** A trial that was given up, by three power cuts in a row, is released again after this. */
const UPDATE_AGAIN_MS = 2 * 3_600_000;
const CLOCK_JUMPS_A_DAY = 1;
/** A server's clock is put right by NTP; more than this, and every signed frame of the fleet is refused. */
const CLOCK_OFF_MS = 4_000;
/** Somebody sets it by hand: for minutes, until it is put right. */
const CLOCK_WRONG_SHARE = 0.2;
const CLOCK_WRONG_MS = [60_000, 600_000] as const;
const SWEEP_MS = 30_000;
/** A loop at rest that sleeps for two of its watchdog's eight seconds: a month over many seeds is a matter of hours, not of days. */
const ROUGH_LAG_MS = 2_000;
/** Two whole ladders take longer than this. */
const CUT_OFF_MS = 5 * 60_000;
/** The last frames of the week are given this long, with power and radio on. */
const LAST_MS = 1_200_000;

export async function runWeek({
  seed,
  days,
  haste = 1,
  rough = false,
  log = () => {},
}: WeekOptions): Promise<WeekResult> {
  quickenTables();
  // A ledger that waits for a disk at each commit would make the disk the clock of the week.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tapcase-week-'));
  try {
    return await new Week({ seed, days, haste, rough, log }, folder).run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a week must never show. */
export function broken(week: WeekResult): readonly string[] {
  const wrong: [boolean, string][] = [
    [week.doorEventsRecorded !== week.doorEventsSent, 'not every door event was recorded exactly once'],
    [week.duplicates > 0, 'a door event was recorded twice'],
    [week.unexplainedResets > 0, 'the firmware reset itself'],
    [week.unlockedWithoutCommand > 0, 'the door was unlocked without a command'],
    [week.updates === 0, 'the signed update never came to run'],
    [week.visitsWithoutEnd > 0, 'a visit never ended in a weighed close'],
    [week.silentDiscards > 0, 'an authentic frame was discarded without a word'],
    [week.lostTenSeconds > 0, 'somebody was robbed of his ten seconds'],
    [week.longestSilenceSeconds > SILENCE_S_MAX, 'a modem was silent for ten minutes and nobody did anything'],
  ];
  return wrong.filter(([is]) => is).map(([, words]) => words);
}

class Week {
  private readonly seed: number;
  private readonly days: number;
  private readonly haste: number;
  private readonly log: (line: string) => void;
  private readonly folder: string;
  private readonly world: World;
  private readonly shelf: Shelf = { grams: 12_000, open: false };
  private readonly counts = {
    visits: 0,
    outages: 0,
    brownouts: 0,
    plugPulls: 0,
    alarms: 0,
    clockJumps: 0,
    lockouts: 0,
    updates: 0,
  };
  private readonly events = new DoorEvents((line) => this.say(line));
  private readonly silence = new Silence(
    () => this.world.clock.nowMs(),
    (line) => this.say(line),
  );
  private readonly tenSeconds = new TenSeconds(
    () => this.world.clock.nowMs(),
    (line) => this.say(line),
  );
  private readonly rough: Rough | undefined;
  private readonly door = new Door(() => this.world.clock.nowMs());
  private temperatureC = COLD_CELSIUS;
  private clockOffMs = 0;
  private over = false;
  /** What the case has last said it feels. */
  private saidCelsius = COLD_CELSIUS;
  private updateFailed = false;
  private server!: UpdateServer;
  private readonly resets = new Resets({
    nowMs: () => this.world.clock.nowMs(),
    isUpdating: () => this.server.number > 1,
    isCutOff: () => this.world.clock.nowMs() - this.silence.carriedAtMs > CUT_OFF_MS,
    say: (line) => this.say(line),
  });
  private broker!: Broker;
  private cloud!: Cloud;
  private device!: Device;

  constructor({ seed, days, haste, rough, log }: Required<WeekOptions>, folder: string) {
    this.world = new World(rough ? ROUGH_LAG_MS : undefined);
    this.seed = seed;
    this.days = days;
    this.haste = haste;
    this.folder = folder;
    this.log = log;
    this.rough = rough ? this.roughly() : undefined;
  }

  private roughly(): Rough {
    return new Rough({
      seed: this.seed,
      haste: this.haste,
      world: this.world,
      device: () => this.device,
      cloud: () => this.cloud,
      broker: () => this.broker,
      isOver: () => this.over,
      isBusy: () => this.shelf.open || !this.device.locked,
      often: (random, perDay, act) => this.often(random, perDay, act),
      inTime: (work) => this.inTime(work),
      onSwap: () => {
        this.events.retire(this.device.epoch, this.door.released);
        this.door.keepsOut(false);
      },
      say: (line) => this.say(line),
    });
  }

  async run(): Promise<WeekResult> {
    const { world } = this;
    await this.begin();
    this.device.start();
    for (const task of [
      this.people,
      this.outages,
      this.brownouts,
      this.plugs,
      this.alarms,
      this.jumps,
      this.sweeps,
      this.updates,
      ...(this.rough?.tasks() ?? []),
    ])
      world.spawn(task.call(this));
    await world.run(this.days * DAY_MS);
    this.over = true;
    this.clockOffMs = 0;
    this.rough?.calm();
    this.device.radio(true);
    this.device.start();
    await world.run(LAST_MS);
    this.silence.end();
    return this.result();
  }

  private say(line: string): void {
    this.log(`${new Date(this.world.clock.dateMs()).toISOString()} ${line}`);
  }

  private async begin(): Promise<void> {
    const { world, seed, folder, shelf } = this;
    this.broker = startBroker({
      world,
      random: dice(seed, 1),
      toCloud: (frame) => {
        if (this.rough?.cloudIsDown !== true) world.hold(this.cloud.hear(frame));
      },
      onDelivered: (frame) => {
        this.door.delivered(frame);
        this.carried();
      },
      onTaken: () => this.carried(),
    });
    this.cloud = await Cloud.open({
      folder,
      key: KEY,
      nowMs: () => this.cloudMs(),
      publish: (frame) => this.broker.publish(frame),
      onStatus: (report) => this.told(report),
    });
    this.server = await UpdateServer.make(world, dice(seed, 9), folder);
    const secrets = {
      case: CASE_ID,
      key: KEY.toString('hex'),
      host: 'week',
      port: 1883,
      user: 'u',
      password: 'p',
      tls: false,
      fitted: ['bolt', 'temp', 'power_fail'],
      update_key: this.server.publicKey,
    } as const;
    this.device = new Device({
      world,
      random: dice(seed, 2),
      folder,
      secrets,
      factory: this.server.factory,
      dialHttp: this.server.dial,
      senses: {
        massGrams: () => shelf.grams,
        doorOpen: () => this.rough?.door.read(shelf.open) ?? shelf.open,
        temperatureC: () => this.temperatureC,
        ...(this.rough === undefined ? {} : { boltHome: () => this.rough!.bolt.read(this.device.locked) }),
      },
      dial: this.broker.dial,
      onReleased: () => {
        this.door.release((line) => this.say(line));
        this.tenSeconds.released();
        this.rough?.coil();
      },
      onLocked: () => {
        this.tenSeconds.locked('the lock shut');
        this.rough?.locked();
      },
      onDark: () => {
        this.tenSeconds.dark();
        this.silence.end();
      },
      onStep: () => this.silence.step(),
      onLockout: (on) => this.door.keepsOut(on),
      onReport: (seq, type, visit) => this.events.put({ board: this.device.epoch, seq, type, visit }),
      onAcked: (seq) => this.events.acked(this.device.epoch, seq),
      onBoot: (cause) => {
        this.resets.booted(cause);
        this.silence.step();
      },
      onReset: (reason, mark) => {
        this.tenSeconds.locked(`the board reset itself, ${reason}`);
        this.resets.reset(reason, mark);
      },
      onLog: (line) => this.say(`device: ${line}`),
    });
  }

  /** Something crossed the radio, and the controller heard of it. */
  private carried(): void {
    if (this.device.hears) this.silence.carried();
  }

  private told(report: Extract<StatusReport, { type: 'status' }>): void {
    if (report.boot !== undefined) this.resets.told(report.boot);
    if (report.temp !== undefined) this.saidCelsius = report.temp;
    this.updateFailed = report.faults?.includes('update.failed') ?? false;
    if (report.slot === 'b' && this.counts.updates === 0) {
      this.counts.updates = 1;
      this.say('runs the update');
    }
  }

  /** A signed image is there; the case is told to look for it until it runs it. */
  private async updates(): Promise<void> {
    const random = dice(this.seed, 10);
    await this.world.sleep(between(random, ...UPDATE_PART) * this.days * DAY_MS);
    let offeredMs = Number.NEGATIVE_INFINITY;
    while (!this.over && this.counts.updates === 0) {
      const nowMs = this.world.clock.nowMs();
      if (this.server.number === 1 || (this.updateFailed && nowMs - offeredMs > UPDATE_AGAIN_MS / this.haste)) {
        this.server.offer();
        offeredMs = nowMs;
        this.say(`offers update ${this.server.number}`);
      }
      const exp = Math.floor(this.cloudMs() / 1000) + UPDATE_COMMAND_S;
      await this.inTime(this.cloud.command({ type: 'ota', exp }));
      await this.world.sleep(UPDATE_ASK_MS / this.haste);
    }
  }

  private cloudMs(): number {
    return Math.floor(this.world.clock.dateMs() + this.clockOffMs);
  }

  /** Again and again, so many a day, until the week is over. */
  private async often(random: () => number, perDay: number, act: () => Promise<void> | void): Promise<void> {
    for (;;) {
      await this.world.sleep(nextMs(random, perDay * this.haste));
      if (this.over) return;
      await act();
    }
  }

  private people(): Promise<void> {
    const random = dice(this.seed, 3);
    let number = 0;
    return this.often(random, VISITS_A_DAY, async () => {
      number += 1;
      const id = `w${String(number).padStart(6, '0')}`;
      this.world.stir();
      await visit(id, {
        world: this.world,
        random,
        shelf: this.shelf,
        locked: () => this.device.locked,
        onOpened: () => this.tenSeconds.opened(),
        tap: async (visitId) => this.rough?.cloudIsDown !== true && this.inTime(this.cloud.tap(visitId)),
        onUnlocked: () => {
          this.counts.visits += 1;
        },
        onTaken: (visitId, grams) => this.say(`${visitId} took ${grams} g`),
      });
      await this.inTime(this.cloud.receipt(id));
    });
  }

  private outages(): Promise<void> {
    const random = dice(this.seed, 4);
    return this.often(random, OUTAGES_A_DAY, async () => {
      this.counts.outages += 1;
      const ms = Math.min(logBetween(random, ...OUTAGE_MS) / this.haste, (this.days * DAY_MS) / 3);
      this.say(`no radio for ${Math.round(ms / 1000)} s`);
      this.device.radio(false);
      await this.world.sleep(ms);
      this.device.radio(true);
    });
  }

  private brownouts(): Promise<void> {
    const random = dice(this.seed, 5);
    return this.often(random, BROWNOUTS_A_DAY, () => this.cutSomehow(random, DIP_MS, 'brownouts'));
  }

  private plugs(): Promise<void> {
    const random = dice(this.seed, 6);
    return this.often(random, PLUG_PULLS_A_DAY, () =>
      this.cutSomehow(random, logBetween(random, ...UNPLUGGED_MS) / this.haste, 'plugPulls'),
    );
  }

  private async cutSomehow(random: () => number, darkMs: number, kind: 'brownouts' | 'plugPulls'): Promise<void> {
    if (chance(random, IN_VISIT_SHARE)) {
      await this.world.until(() => this.over || this.shelf.open || !this.device.locked, DAY_MS, 500);
      await this.world.sleep(between(random, 0, 9_000));
    }
    const back = () => {
      this.counts[kind] += 1;
      this.say(`${kind} for ${Math.round(darkMs)} ms`);
      this.world.after(darkMs, () => this.device.start());
    };
    if (this.over || this.device.dark) return;
    if (chance(random, IN_WRITE_SHARE)) return this.device.cutAtWrite(1 + Math.floor(random() * WRITES_MAX), back);
    this.device.cut();
    back();
  }

  /** The fridge gets warm for hours: the cloud locks it out until it is cold again, where both know how. */
  private alarms(): Promise<void> {
    const random = dice(this.seed, 7);
    return this.often(random, ALARMS_A_DAY, async () => {
      this.counts.alarms += 1;
      this.temperatureC = WARM_CELSIUS;
      this.say('too warm');
      const isTold = await this.world.until(
        () => this.saidCelsius > LIMIT_CELSIUS,
        ALARM_MS / this.haste,
        TEMPERATURE_LOOK_MS,
      );
      if (isTold) await this.lockOut(true);
      await this.world.sleep(ALARM_MS / this.haste);
      this.temperatureC = COLD_CELSIUS;
      await this.world.until(() => this.over || this.saidCelsius < LIMIT_CELSIUS, DAY_MS, TEMPERATURE_LOOK_MS);
      await this.lockOut(false);
    });
  }

  /** Said again until it was heard: a case without radio hears nothing. */
  private async lockOut(on: boolean): Promise<void> {
    while (!this.over && this.door.lockedOut !== on) {
      const reason = on ? 'temperature' : 'cold again';
      // A ledger that was just put back knows of no visit that could carry it.
      const isSaid = await this.inTime(this.cloud.command({ type: 'lockout', on, reason }));
      if (!isSaid && this.rough === undefined) return;
      await this.world.sleep(SWEEP_MS);
    }
    if (on && this.door.lockedOut) this.counts.lockouts += 1;
  }

  private jumps(): Promise<void> {
    const random = dice(this.seed, 8);
    return this.often(random, CLOCK_JUMPS_A_DAY, async () => {
      this.counts.clockJumps += 1;
      if (chance(random, CLOCK_WRONG_SHARE)) {
        const offMs = between(random, ...CLOCK_WRONG_MS);
        this.clockOffMs = chance(random, 0.5) ? offMs : -offMs;
        this.say(`the cloud's clock is off by ${Math.round(this.clockOffMs / 1000)} s`);
        await this.world.sleep(between(random, ...CLOCK_WRONG_MS));
      }
      this.clockOffMs = between(random, -CLOCK_OFF_MS, CLOCK_OFF_MS);
    });
  }

  private async sweeps(): Promise<void> {
    while (!this.over) {
      await this.world.sleep(SWEEP_MS);
      await this.inTime(this.cloud.sweep());
    }
  }

  /** The cloud thinks in no time. */
  private inTime<T>(work: Promise<T>): Promise<T> {
    this.world.hold(work);
    return work;
  }

  private async result(): Promise<WeekResult> {
    const { counts, broker, door, rough } = this;
    const tally = await this.cloud.close();
    const events = this.events.reckon(tally.ledgers, door.released);
    for (const [code, times] of this.cloud.faults) this.say(`cloud refused ${times} times: ${code}`);
    return {
      seed: this.seed,
      days: this.days,
      visits: counts.visits,
      outages: counts.outages,
      brownouts: counts.brownouts,
      plugPulls: counts.plugPulls,
      alarms: counts.alarms,
      clockJumps: counts.clockJumps,
      doorEventsSent: events.sent,
      doorEventsRecorded: events.recorded,
      duplicates: events.duplicates,
      lockouts: counts.lockouts,
      updates: counts.updates,
      unexplainedResets: this.resets.unexplained,
      unlockedWithoutCommand: door.withoutCommand,
      visitsWithoutEnd: events.withoutEnd,
      radioBytes: broker.traffic.payloadBytes + broker.traffic.topicBytes,
      silentDiscards: tally.silentDiscards + events.ackedAndGone,
      lostTenSeconds: this.tenSeconds.lost,
      longestSilenceSeconds: Math.round(this.silence.longestMs / 1_000),
      swaps: rough?.swaps ?? 0,
      restores: rough?.restores ?? 0,
      notTried: this.notTried(),
    };
  }

  private notTried(): readonly string[] {
    const { counts, rough, server } = this;
    const tried: [boolean, string][] = [
      [counts.lockouts > 0, 'lockout'],
      [server.bytes > 0, 'ota'],
      [rough === undefined || rough.swaps > 0, 'swap'],
      [rough === undefined || rough.restores > 0, 'restore'],
    ];
    return tried.filter(([is]) => !is).map(([, name]) => name);
  }
}
