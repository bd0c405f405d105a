// The people of a simulated week: what each does at the case, in seconds that differ.
import { between, chance, pick, type Random } from './dice.ts';
import type { World } from './world.ts';

export interface Shelf {
  grams: number;
  open: boolean;
}

export interface PeopleOptions {
  readonly world: World;
  readonly random: Random;
  readonly shelf: Shelf;
  readonly locked: () => boolean;
  /** Whether the case is theirs. */
  readonly tap: (visit: string) => Promise<boolean>;
  /** What went during the visit, after the door was shut for the last time. */
  readonly onTaken: (visit: string, grams: number) => void;
  readonly onUnlocked: () => void;
  /** Their hand has opened the door. */
  readonly onOpened?: () => void;
}

type Kind = 'takes' | 'looks' | 'never opens' | 'holds the door' | 'opens again';

const KINDS: readonly (readonly [number, Kind])[] = [
  [60, 'takes'],
  [15, 'looks'],
  [9, 'never opens'],
  [8, 'holds the door'],
  [8, 'opens again'],
];
/** Whoever has tapped waits about so long for the click. */
const PATIENCE_MS = 15_000;
const PIECES_GRAMS = [355, 350, 510, 70, 260, 50];
const FULL_GRAMS = 12_000;
/** Below this somebody fills the shelf at the end of a visit. */
const LOW_GRAMS = 5_000;

/** One visit, from the tap until the person has gone. */
export async function visit(id: string, options: PeopleOptions): Promise<void> {
  const { world, random, shelf, locked } = options;
  const pause = (least: number, most: number) => {
    world.stir();
    return world.sleep(between(random, least, most));
  };
  const kind = pick(random, KINDS);
  if (!(await options.tap(id))) return;
  if (!(await world.until(() => !locked(), PATIENCE_MS))) return;
  options.onUnlocked();
  if (kind === 'never opens') return;
  await pause(500, 6_000);
  // Too late: the power went, or ten seconds are over.
  if (locked()) return;
  const before = shelf.grams;
  shelf.open = true;
  options.onOpened?.();
  await pause(1_500, 6_000);
  if (kind !== 'looks') await take(options, pause);
  if (kind === 'holds the door') await hold(options);
  shelf.open = false;
  if (kind === 'opens again') {
    await pause(60, 1_500);
    if (!locked()) {
      shelf.open = true;
      await pause(2_000, 9_000);
      shelf.open = false;
    }
  }
  options.onTaken(id, before - shelf.grams);
  await pause(1_000, 3_000);
}

async function take({ random, shelf }: PeopleOptions, pause: (least: number, most: number) => Promise<void>) {
  const pieces = Math.floor(between(random, 1, 5));
  for (let n = 0; n < pieces; n += 1) {
    shelf.grams -= PIECES_GRAMS[Math.floor(random() * PIECES_GRAMS.length)]!;
    await pause(400, 2_500);
  }
  if (shelf.grams < LOW_GRAMS) shelf.grams = FULL_GRAMS;
}

/** For half a minute or for ten: the door is told to be open too long, again and again. */
async function hold({ world, random }: PeopleOptions): Promise<void> {
  await world.sleep(chance(random, 0.8) ? between(random, 11_000, 45_000) : between(random, 60_000, 600_000));
}
