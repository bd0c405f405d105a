// What makes a week a rough one: contacts that bounce, a modem and a broker that fail in every way, boards that are swapped, and a
// ledger that is put back to a copy. Each has chance of its own, so that one more visit does not change the weather.
import type { ModemSwitches } from '../../sim/src/modem/switches.ts';
import { wellBehaved } from '../../sim/src/modem/switches.ts';
import type { Broker } from './broker.ts';
import type { Cloud } from './cloud.ts';
import { Contact } from './contact.ts';
import type { Device } from './device.ts';
import { between, chance, dice, logBetween, pick, type Random } from './dice.ts';
import type { World } from './world.ts';

/** A shaken case at rest; while somebody is at it, the contacts bounce every few seconds. */
const SHAKES_A_DAY = 60;
const SHAKE_EVERY_MS = [300, 4_000] as const;
const SHAKE_LOOK_MS = 500;
/** After the coil has switched. */
const COIL_SHARE = 0.7;
const COIL_MS = 40;
/** A door that falls shut shakes the case while it is weighed. */
const WEIGHED_MS = [100, 1_200] as const;

const MODEM_TROUBLES_A_DAY = 8;
const SWAPS_A_DAY = 0.5;
/** A person with a screwdriver or a cable takes minutes; whatever the network still had of the old board has come by then. */
const SWAP_MS = [120_000, 30 * 60_000] as const;
/** Of them staff know beforehand; of the others they hear, and somebody gets around to it. */
const EXPECTED_SHARE = 0.4;
const STAFF_LOOK_MS = 60_000;
const STAFF_MS = [2 * 60_000, 2 * 3_600_000] as const;
const BACKUPS_A_DAY = 3;
const RESTORES_A_DAY = 0.5;
/** The cloud is down while its ledger is put back. */
const RESTORE_MS = [30_000, 30 * 60_000] as const;

type Trouble =
  | { readonly kind: 'mute'; readonly how: 'deaf' | 'hung' }
  | { readonly kind: 'broker'; readonly how: keyof Broker['trouble'] }
  | { readonly kind: 'switches'; readonly name: string; readonly make: (random: Random) => Partial<ModemSwitches> };

const switches = (name: string, make: (random: Random) => Partial<ModemSwitches>) =>
  ({ kind: 'switches', name, make }) as const;

/** Every way in which modem, network or broker can fail (sim/src/modem/switches.ts). */
const TROUBLES: readonly (readonly [number, Trouble])[] = [
  [4, { kind: 'mute', how: 'deaf' }],
  [2, { kind: 'mute', how: 'hung' }],
  [2, { kind: 'broker', how: 'mute' }],
  [2, { kind: 'broker', how: 'stuck' }],
  [1, switches('no SIM', () => ({ sim: 'none' }))],
  [1, switches('SIM wants its PIN', () => ({ sim: 'pin' }))],
  [1, switches('SIM busy', (random) => ({ simBusy: Math.ceil(between(random, 1, 40)) }))],
  [1, switches('searching', () => ({ registration: 2 }))],
  [1, switches('refused by the network', () => ({ registration: 3 }))],
  [1, switches('no time of the network', () => ({ networkTime: false, ntp: 65 }))],
  [1, switches('slow answers', (random) => ({ answerMs: Math.round(logBetween(random, 200, 8_000)) }))],
  [1, switches('slow to connect', (random) => ({ connectMs: Math.round(logBetween(random, 5_000, 90_000)) }))],
  [1, switches('refuses to connect', () => ({ refuseConnect: true }))],
  [1, switches('lines between', () => ({ interleave: ['+CPIN: READY', '', '+CGEV: NW DETACH'] }))],
  [2, switches('a bad line', (random) => ({ mangle: mangler(random, logBetween(random, 0.0002, 0.02)) }))],
  [1, switches('no prompt', () => ({ promptless: true }))],
  [1, switches('switches itself off', (random) => ({ powerDownAt: chance(random, 0.5) ? /^AT\+SMPUB/ : /^AT\+CSQ/ }))],
];
const TROUBLE_MS = [20_000, 2 * 3_600_000] as const;

export interface RoughOptions {
  readonly seed: number;
  /** So many times more happens in a day than usual. */
  readonly haste: number;
  readonly world: World;
  readonly device: () => Device;
  readonly cloud: () => Cloud;
  readonly broker: () => Broker;
  readonly isOver: () => boolean;
  /** Somebody is at the case. */
  readonly isBusy: () => boolean;
  readonly often: (random: Random, perDay: number, act: () => Promise<void> | void) => Promise<void>;
  readonly inTime: <T>(work: Promise<T>) => Promise<T>;
  /** The board is taken out, and the next is put in or its flash erased. */
  readonly onSwap: () => void;
  readonly say: (line: string) => void;
}

export class Rough {
  swaps = 0;
  restores = 0;
  /** Nothing hears what comes. */
  cloudIsDown = false;
  readonly door: Contact;
  readonly bolt: Contact;
  private readonly options: RoughOptions;
  private readonly shaking: Random;

  constructor(options: RoughOptions) {
    this.options = options;
    const { world, seed } = options;
    const contact = (stream: number) =>
      new Contact({ random: dice(seed, stream), nowMs: () => world.clock.nowMs(), stir: () => world.stir() });
    this.door = contact(20);
    this.bolt = contact(21);
    this.shaking = dice(seed, 22);
  }

  /** All that goes wrong by itself. */
  tasks(): readonly (() => Promise<void>)[] {
    return [this.shakes, this.shakesAtRest, this.troubles, this.swapping, this.backups, this.restoring, this.staff].map(
      (task) => task.bind(this),
    );
  }

  /** The lock's coil has switched. */
  coil(): void {
    for (const contact of [this.door, this.bolt]) if (chance(this.shaking, COIL_SHARE)) contact.shake(COIL_MS);
  }

  /** The lock has shut, and what is left is weighed. */
  locked(): void {
    this.coil();
    const { world } = this.options;
    if (chance(this.shaking, COIL_SHARE)) world.after(between(this.shaking, ...WEIGHED_MS), () => this.shake());
  }

  /** Everything is well again. */
  calm(): void {
    this.cloudIsDown = false;
    Object.assign(this.options.broker().trouble, { mute: false, stuck: false });
    this.options.device().trouble(wellBehaved());
  }

  private async shakes(): Promise<void> {
    const { world, isBusy, isOver } = this.options;
    while (!isOver()) {
      if (!(await world.until(() => isBusy() || isOver(), Number.POSITIVE_INFINITY, SHAKE_LOOK_MS))) return;
      await world.sleep(between(this.shaking, ...SHAKE_EVERY_MS));
      this.shake();
    }
  }

  private shakesAtRest(): Promise<void> {
    const { seed, often } = this.options;
    return often(dice(seed, 23), SHAKES_A_DAY, () => this.shake());
  }

  private shake(): void {
    (chance(this.shaking, 0.7) ? this.door : this.bolt).shake(0);
  }

  private troubles(): Promise<void> {
    const { seed, haste, often, world, say, device, broker, isOver } = this.options;
    const random = dice(seed, 24);
    return often(random, MODEM_TROUBLES_A_DAY, async () => {
      const trouble = pick(random, TROUBLES);
      const ms = logBetween(random, ...TROUBLE_MS) / haste;
      if (trouble.kind === 'mute') {
        say(`the modem is ${trouble.how}`);
        return device().muteModem(trouble.how);
      }
      if (trouble.kind === 'broker') {
        say(`the broker is ${trouble.how} for ${Math.round(ms / 1_000)} s`);
        broker().trouble[trouble.how] = true;
        await world.sleep(ms);
        broker().trouble[trouble.how] = false;
        return;
      }
      say(`modem: ${trouble.name} for ${Math.round(ms / 1_000)} s`);
      const made = trouble.make(random);
      device().trouble(made);
      await world.sleep(ms);
      if (isOver()) return;
      const well = wellBehaved();
      device().trouble(Object.fromEntries(Object.keys(made).map((name) => [name, well[name as keyof ModemSwitches]])));
    });
  }

  private swapping(): Promise<void> {
    const { seed, haste, often, world, say, device, cloud, inTime, onSwap, isOver } = this.options;
    const random = dice(seed, 25);
    return often(random, SWAPS_A_DAY, async () => {
      // In a visit, too: nobody asks whoever pulls the plug.
      if (device().epoch === '') return;
      const isExpected = chance(random, EXPECTED_SHARE);
      if (isExpected) await inTime(cloud().newBoard());
      this.swaps += 1;
      say(`swaps the board${isExpected ? ', as staff have said' : ''}`);
      device().cut();
      onSwap();
      device().swap();
      await world.sleep(between(random, SWAP_MS[0], Math.max(SWAP_MS[0], SWAP_MS[1] / haste)));
      if (!isOver()) device().start();
    });
  }

  /** They look, and a while after they have seen it they say that the board is right. */
  private async staff(): Promise<void> {
    const { seed, haste, world, say, cloud, inTime, isOver } = this.options;
    const random = dice(seed, 26);
    while (!isOver()) {
      await world.sleep(STAFF_LOOK_MS);
      if (this.cloudIsDown || !(await inTime(cloud().hasUnexpectedBoard()))) continue;
      await world.sleep(between(random, ...STAFF_MS) / haste);
      if (isOver()) return;
      say(`new board here: ${await inTime(cloud().newBoard())}`);
    }
  }

  private backups(): Promise<void> {
    const { seed, often, cloud, inTime } = this.options;
    return often(dice(seed, 27), BACKUPS_A_DAY, () => inTime(cloud().backup()));
  }

  private restoring(): Promise<void> {
    const { seed, haste, often, world, say, cloud, inTime } = this.options;
    const random = dice(seed, 28);
    return often(random, RESTORES_A_DAY, async () => {
      this.restores += 1;
      this.cloudIsDown = true;
      await world.sleep(between(random, ...RESTORE_MS) / haste);
      say('the ledger is put back');
      await inTime(cloud().restore());
      this.cloudIsDown = false;
    });
  }
}

/** Each byte of the line is lost, doubled or another one with this chance. */
function mangler(random: Random, share: number): (bytes: Buffer) => Buffer {
  return (bytes) =>
    Buffer.from(
      [...bytes].flatMap((byte) => {
        if (!chance(random, share)) return [byte];
        return pick(random, [
          [1, []],
          [1, [byte, byte]],
          [1, [byte ^ (1 << Math.floor(random() * 8))]],
        ]);
      }),
    );
}
