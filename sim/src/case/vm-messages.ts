// What the world and the worker that runs the firmware say to each other.
import type { CellFault } from './board.ts';
import type { PowerOptions } from './board-power.ts';
import type { Conditions, ControllerFace, ControllerOptions, LogLine } from './types.ts';

/** What a provisioned controller finds in its flash; limits are optional, in milliseconds. */
export interface Secrets extends NonNullable<ControllerOptions['limits']> {
  readonly case: string;
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The laptop's broker has no certificate; a real case never says this. */
  readonly tls: false;
  /** Optional devices that this case has. */
  readonly fitted: readonly string[];
}

export interface VmData {
  readonly shared: SharedArrayBuffer;
  readonly flashFolder: string;
  readonly secrets: Secrets;
  readonly seed: number;
  /** Whether there is coverage when the modem starts. */
  readonly radio: boolean;
  readonly resetCause: ResetCause;
  /** What RTC memory has kept, as hex. */
  readonly rtc: string;
}

export type ResetCause = NonNullable<PowerOptions['resetCause']>;

export type VmOrder = { readonly kind: 'radio'; readonly on: boolean };

export type FaceMessage =
  | { readonly kind: 'face'; readonly face: ControllerFace }
  | { readonly kind: 'reset'; readonly cause: ResetCause; readonly rtc: string }
  | ({ readonly kind: 'log' } & Overheard);

export interface Overheard {
  readonly line: Pick<LogLine, 'kind' | 'what' | 'detail'>;
}

/** The shared memory of world and worker: what the sensors feel, a float64 each. */
export const SENSES_BYTES = 8 * 8;
const CELL_FAULTS: readonly (CellFault | undefined)[] = [undefined, 'torn', 'silent'];

export interface Felt {
  readonly massGrams: number;
  readonly doorOpen: boolean;
  readonly temperatureC: number;
  readonly batteryVolts: number;
  readonly mains: boolean;
  readonly boltStuck: boolean;
  readonly cellFault: CellFault | undefined;
  readonly displayGone: boolean;
}

/** From the cabinet and what is wrong with the case. */
export function feel(massGrams: number, doorOpen: boolean, conditions: Conditions): Felt {
  const { temperatureC, batteryVolts, power, boltStuck, contactOpen, cellTorn, cellSilent, displayGone } = conditions;
  const cellFault = cellSilent ? 'silent' : cellTorn ? 'torn' : undefined;
  const mains = power === 'mains';
  return {
    massGrams,
    doorOpen: doorOpen || contactOpen,
    temperatureC,
    batteryVolts,
    mains,
    boltStuck,
    cellFault,
    displayGone,
  };
}

export function putFelt(senses: Float64Array, felt: Felt): void {
  const cell = CELL_FAULTS.indexOf(felt.cellFault);
  const flags = [felt.mains, felt.boltStuck, felt.displayGone].map(Number);
  senses.set([felt.massGrams, Number(felt.doorOpen), felt.temperatureC, felt.batteryVolts, ...flags, cell]);
}

export function getFelt(senses: Float64Array): Felt {
  const [massGrams = 0, door, temperatureC = 0, batteryVolts = 0, mains, bolt, display, cell = 0] = senses;
  const flags = { doorOpen: door === 1, mains: mains === 1, boltStuck: bolt === 1, displayGone: display === 1 };
  return { massGrams, temperatureC, batteryVolts, cellFault: CELL_FAULTS[cell], ...flags };
}
