// A shelf on simulated load cells, and the unmodified scale of the firmware on top of it, in virtual time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRMWARE } from '../../sim/src/case/board.ts';
import { type CellSenses, calibrationFile, type LoadCells, loadCells } from '../../sim/src/case/load-cells.ts';
import { type FirmwareVm, firmwareVm } from './vms.ts';

const FAKES = join(FIRMWARE, '../sim/src/case/fake_machine');
const SCK_PIN = 14;
const DT_PINS = [15, 1, 2, 38];
const SEED = 7;

export interface Shelf {
  readonly vm: FirmwareVm;
  readonly cells: LoadCells;
}

export interface ShelfOptions extends Partial<CellSenses> {
  readonly build: string;
  readonly count?: number;
  readonly seed?: number;
  /** What /flash/calibration.json holds; null: nothing. */
  readonly calibration?: string | Uint8Array | null;
  /** In the place of the simulation's own. */
  readonly conversion?: (cell: number) => number;
}

/** `driver`, `calibration`, `faults`, `weigher` and what they are made of stand ready in the VM. */
export async function shelf(options: ShelfOptions): Promise<Shelf> {
  const { build, count = 1, seed = SEED, conversion, massGrams = () => 0, ...senses } = options;
  const vm = await firmwareVm(build);
  const dtPins = DT_PINS.slice(0, count);
  const cells = loadCells({ ...senses, massGrams, clock: vm.clock, seed, sckPin: SCK_PIN, dtPins });
  const bridge = conversion === undefined ? cells : { ...cells, conversion: fetched(cells, conversion) };
  vm.module('bridge', { ...bridge, readPin: () => 0, writePin: () => {} });
  for (const name of ['machine.py', 'hx711_chip.py']) vm.file(`/a/${name}`, readFileSync(join(FAKES, name)));
  vm.run(`import os\nos.mkdir('/flash')`);
  const { calibration = calibrationFile(count) } = options;
  if (calibration !== null) vm.file('/flash/calibration.json', calibration);
  vm.run(`
import asyncio, gc, json, time
import auto_zero, config, conversions, hx711_chip
from calibration import Calibration
from faults import Faults
from flash import Flash
from hx711 import HX711
from scale import Scale
from weigher import Weigher
driver = HX711(${SCK_PIN}, (${dtPins.join(', ')},))
flash = Flash('/flash')
calibration = Calibration(flash, ${count}, config.COUNTS_ZERO, config.COUNTS_PER_KG)
scale = Scale(calibration, config.SETTLE_READINGS, config.SETTLE_SPREAD_GRAMS, config.SETTLE_SPREAD_GRAMS_MAX,
              config.SETTLE_TREND_GRAMS)
faults = Faults()
weigher = Weigher(driver, scale, faults)
calm = True
def told(value):
    print(json.dumps(value))
def noted(*words):
    told({'says': ' '.join([str(word) for word in words])})
conversions.print = auto_zero.print = noted
async def rested(otherwise=0.0):
    began = time.ticks_ms()
    grams, sigma = await weigher.rest(otherwise)
    told({'grams': grams, 'sigma': sigma, 'ms': time.ticks_diff(time.ticks_ms(), began)})
def watch():
    asyncio.create_task(weigher.watch(lambda: None, lambda: calm))
`);
  return { vm, cells };
}

/** The simulation still keeps count of what was fetched. */
function fetched(cells: LoadCells, conversion: (cell: number) => number): (cell: number) => number {
  return (cell) => {
    cells.conversion(cell);
    return conversion(cell);
  };
}
