// What of a measured heap is not the firmware's: the stand-ins for the board's own modules, which a chip has in its flash.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBoard } from '../sim/src/case/board.ts';
import { VirtualClock } from '../sim/src/case/clock.ts';
import { mountFlash } from '../sim/src/case/flash.ts';

const FAKES = join(import.meta.dirname, '..', 'sim', 'src', 'case', 'fake_machine');
/** MicroPython's own, which a board has as well. */
const OWN = 'import gc, asyncio, json, hashlib, binascii, os, time, sys';
const STAND_INS = 'import boot, machine, esp32, neopixel, onewire, ds18x20';

/** Bytes of the heap that the simulation takes before the firmware starts. */
export async function standInBytes(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-heap-'));
  const clock = new VirtualClock();
  const told: string[] = [];
  const nothing = () => {};
  try {
    const { vm } = await createBoard({
      clock,
      massGrams: () => 0,
      doorOpen: () => false,
      uarts: {},
      chips: [],
      seed: 1,
      mount: (made) => mountFlash(made, folder),
      onPin: nothing,
      onLed: nothing,
      onLog: (line) => told.push(line),
      onReset: nothing,
    });
    const after = (code: string) => {
      // The VM collects its garbage only when it has come back to JavaScript.
      for (const line of [code, 'gc.collect()', 'gc.collect()', 'print(gc.mem_alloc())']) vm.runPython(line);
      return Number(told.at(-1));
    };
    const before = after(OWN);
    return after(`${readFileSync(join(FAKES, 'boot.py'), 'utf8')}\n${STAND_INS}`) - before;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
