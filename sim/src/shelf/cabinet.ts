// The simulated cabinet: what stands where, what a person holds, whether the door is open, what it weighs.
import { PLANOGRAM, productOf } from './products.ts';
import { gaussian, type Random, seededRandom } from './random.ts';
import { randomPose } from './scene.ts';
import type { PlacedItem, Scene } from './types.ts';

export interface CabinetItem extends PlacedItem {
  /** Tells two colas apart. */
  readonly item: number;
  /** This piece's own mass. */
  readonly massGrams: number;
}

export type Refusal = 'sim.locked' | 'sim.door-closed' | 'sim.none-left' | 'sim.not-in-hand';

export interface CabinetOptions {
  readonly seed: number;
  /** Whether the bolt holds the door; asked when somebody pulls. */
  readonly locked: () => boolean;
}

/** Shelves and compartment without goods, as the load cells feel them. */
const EMPTY_GRAMS = 2_000;

export class Cabinet {
  private shelf: CabinetItem[];
  private held: CabinetItem[] = [];
  private isOpen = false;
  private readonly random: Random;
  private readonly isLocked: () => boolean;

  constructor({ seed, locked }: CabinetOptions) {
    this.random = seededRandom(seed);
    this.isLocked = locked;
    this.shelf = PLANOGRAM.map((sku, slot) => this.make(sku, slot));
  }

  doorOpen(): boolean {
    return this.isOpen;
  }

  massGrams(): number {
    return this.shelf.reduce((sum, { massGrams }) => sum + massGrams, EMPTY_GRAMS);
  }

  items(): readonly CabinetItem[] {
    return this.shelf;
  }

  hand(): readonly CabinetItem[] {
    return this.held;
  }

  scene(): Scene {
    return { items: this.shelf, doorOpen: this.isOpen, lamp: 1 };
  }

  /** A shut door opens only when the bolt is back; closing always works. */
  moveDoor(open: boolean): Refusal | undefined {
    if (open && !this.isOpen && this.isLocked()) return 'sim.locked';
    this.isOpen = open;
    return undefined;
  }

  take(sku: string, count: number): Refusal | undefined {
    return this.move(this.shelf, this.held, sku, count, 'sim.none-left');
  }

  /** Where it came from, though never quite as it stood. */
  putBack(sku: string, count: number): Refusal | undefined {
    return this.move(this.held, this.shelf, sku, count, 'sim.not-in-hand');
  }

  takeItem(item: number): Refusal | undefined {
    return this.moveOne(this.shelf, this.held, item, 'sim.none-left');
  }

  putBackItem(item: number): Refusal | undefined {
    return this.moveOne(this.held, this.shelf, item, 'sim.not-in-hand');
  }

  private move(from: CabinetItem[], to: CabinetItem[], sku: string, count: number, none: Refusal): Refusal | undefined {
    if (!this.isOpen) return 'sim.door-closed';
    const wanted = from.filter((entry) => entry.sku === sku).slice(0, count);
    if (wanted.length < count) return none;
    for (const { item } of wanted) this.moveOne(from, to, item, none);
    return undefined;
  }

  private moveOne(from: CabinetItem[], to: CabinetItem[], item: number, none: Refusal): Refusal | undefined {
    if (!this.isOpen) return 'sim.door-closed';
    const at = from.findIndex((entry) => entry.item === item);
    const found = from[at];
    if (found === undefined) return none;
    from.splice(at, 1);
    to.push({ ...found, pose: randomPose(this.random) });
    return undefined;
  }

  private make(sku: string, slot: number): CabinetItem {
    const product = productOf(sku)!;
    const massGrams = product.massGrams + product.toleranceGrams * gaussian(this.random);
    return { item: slot + 1, sku, slot, massGrams, pose: randomPose(this.random) };
  }
}
