// What the load cells of a case feel and what their HX711s make of it: counts, 80 times a second, each chip on a clock of its own.
import { gaussian, seededRandom } from '../shelf/random.ts';
import type { Clock } from './clock.ts';

/** The same numbers as firmware/app/config.py (COUNTS_PER_KG, COUNTS_ZERO): what the cells of this case were found to give. */
const COUNTS_PER_KG = 420_000;
const COUNTS_ZERO = 84_000;
const COUNTS_MAX = 0x7fffff;
/** Four cells at 80 Hz: one reading of them together is good to about this (robert-hh/hx711 and our own allowance). */
const READING_SIGMA_GRAMS = 1.5;
const CONVERSION_MS = 12.5;
/** The chips' oscillators are alike to this, one to the next, so that no two stay in step. */
const OSCILLATOR_STEP = 0.003;
/** After power-up a conversion is worth nothing for this long (datasheet p. 3, 80 a second). */
const SETTLING_MS = 50;
/** The zero of a cell of class C3 moves by 0.02 % of its 25 kg in 10 degrees. */
const GRAMS_PER_DEGREE = 0.5;
/** What the cells were calibrated at: a fridge as it should be. */
const CALIBRATED_CELSIUS = 4;
const MAINS_HZ = 50;
/** What a pulse of the clock takes when nothing disturbs it. */
const PULSE_US = 2;

/**
 * `torn`: a wire of the cell is off, and its amplifier saturates. `silent`: the amplifier says nothing at all. `shorted`: its
 * data line is stuck low, as if there was always a conversion.
 */
export type CellFault = 'torn' | 'silent' | 'shorted';

/** What the cells feel, asked at each conversion. What is not given is as it should be. */
export interface CellSenses {
  readonly massGrams: () => number;
  readonly temperatureC?: () => number;
  readonly cellFault?: (cell: number) => CellFault | undefined;
  /** What the case feels too much: creep, or a cell that ages. */
  readonly driftGrams?: () => number;
  /** How far the mains shake the reading, up and down. */
  readonly humGrams?: () => number;
  /** How long the next pulse of the clock is held; over 60 us powers the chips down, whatever the firmware meant. */
  readonly pulseUs?: () => number;
}

export interface LoadCellOptions extends CellSenses {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly seed: number;
  readonly sckPin: number;
  /** One data line a chip. */
  readonly dtPins: readonly number[];
}

export type LoadCells = ReturnType<typeof loadCells>;

/** Its members are functions of the bridge to Python (fake_machine/hx711_chip.py); only text and numbers cross. */
export function loadCells(options: LoadCellOptions) {
  const { clock, dtPins } = options;
  const random = seededRandom(options.seed);
  const chips = dtPins.map((_, cell) => ({
    periodMs: CONVERSION_MS * (1 + OSCILLATOR_STEP * cell),
    phaseMs: CONVERSION_MS * random(),
    /** The conversion that was fetched last, and how many nobody fetched. */
    fetched: 0,
    overwritten: 0,
  }));
  let startedAtMs = clock.nowMs();
  const done = (cell: number) => {
    const { periodMs, phaseMs } = chips[cell]!;
    return Math.floor((clock.nowMs() - startedAtMs - phaseMs) / periodMs);
  };
  const counts = (atMs: number) => {
    const { massGrams, temperatureC, driftGrams, humGrams } = options;
    const share = 1 / chips.length;
    const celsius = temperatureC?.() ?? CALIBRATED_CELSIUS;
    const hum = (humGrams?.() ?? 0) * Math.sin((2 * Math.PI * MAINS_HZ * atMs) / 1_000);
    const wrong = GRAMS_PER_DEGREE * (celsius - CALIBRATED_CELSIUS) + (driftGrams?.() ?? 0) + hum;
    const noise = READING_SIGMA_GRAMS * Math.sqrt(share) * gaussian(random);
    const felt = Math.round(COUNTS_ZERO + (((massGrams() + wrong) * share + noise) * COUNTS_PER_KG) / 1_000);
    // Both ends are what the chip says of a bridge that is out of its range.
    return Math.max(-COUNTS_MAX - 1, Math.min(COUNTS_MAX, felt));
  };

  return {
    sckPin: options.sckPin,
    dtPins: dtPins.join(','),
    nowMs: () => clock.nowMs(),
    conversionReady: (cell: number) => {
      const fault = options.cellFault?.(cell);
      return fault === 'shorted' || (fault !== 'silent' && done(cell) > chips[cell]!.fetched);
    },
    cellShorted: (cell: number) => options.cellFault?.(cell) === 'shorted',
    conversion: (cell: number) => {
      const chip = chips[cell]!;
      const number = done(cell);
      chip.overwritten += Math.max(0, number - chip.fetched - 1);
      chip.fetched = number;
      if (options.cellFault?.(cell) === 'torn') return COUNTS_MAX;
      const sinceMs = chip.phaseMs + number * chip.periodMs;
      const settled = Math.min(1, sinceMs / SETTLING_MS);
      return Math.round(settled * counts(startedAtMs + sinceMs));
    },
    pulseUs: () => options.pulseUs?.() ?? PULSE_US,
    chipsStarted: () => {
      startedAtMs = clock.nowMs();
      for (const chip of chips) chip.fetched = 0;
    },
    /** Conversions of a cell that nobody fetched before the next one came. */
    overwritten: (cell: number) => chips[cell]!.overwritten,
  };
}

/** What the bench found and wrote into the case when it was built (firmware/app/calibration.py). */
export function calibrationFile(cells: number): string {
  const cell = [COUNTS_ZERO, COUNTS_PER_KG];
  return JSON.stringify({ version: 1, cells: Array.from({ length: cells }, () => cell), drift: 0 });
}
