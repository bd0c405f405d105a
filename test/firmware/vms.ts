// The MicroPython builds that the firmware is tested in, and a VM with the firmware's files and nothing around it.
import { join } from 'node:path';
import { FIRMWARE } from '../../sim/src/case/board.ts';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { copyIn } from '../../sim/src/case/flash.ts';
import { loadMicroPython, NEWEST_BUILD } from '../../sim/src/case/micropython.ts';

/** The oldest that the firmware starts on (config.py, MICROPYTHON_MIN), and the newest. */
export const VMS = [
  { name: '1.26', build: import.meta.resolve('micropython-oldest/micropython.mjs') },
  { name: '1.29', build: NEWEST_BUILD },
] as const;

export interface FirmwareVm {
  readonly clock: VirtualClock;
  file(path: string, data: Uint8Array | string): void;
  /** A module that the code can import; what has no hardware in it needs none. */
  module(name: string, members: object): void;
  /** What the code printed: one JSON value a line. Throws what the code raised. */
  run(code: string): unknown[];
  /** The same, and then lets `ms` of the VM's time pass for the tasks that the code left. */
  runFor(ms: number, code: string): Promise<unknown[]>;
}

/** With firmware/ and firmware/app/ on its path, in a time of its own. No `machine`: pure parts need none. */
export async function firmwareVm(build = NEWEST_BUILD): Promise<FirmwareVm> {
  const printed: unknown[] = [];
  const clock = new VirtualClock();
  const vm = await loadMicroPython({ clock, stdout: (line) => void printed.push(parsed(line)) }, build);
  copyIn(vm.FS, FIRMWARE, '/firmware', '.py');
  copyIn(vm.FS, join(FIRMWARE, 'app'), '/a', '.py');
  const run = (code: string) => {
    printed.length = 0;
    vm.runPython(code);
    return [...printed];
  };
  run("import sys\nsys.path[:0] = ['/a', '/firmware']");
  // Every chip has it, the builds for the web have not; the same bytes each time, so that a test finds what it found before.
  run('import os\nos.urandom = lambda count: bytes(range(count))');
  return {
    clock,
    file: (path, data) => vm.FS.writeFile(path, data),
    module: (name, members) => vm.registerJsModule(name, members),
    run,
    runFor: async (ms, code) => {
      run(code);
      await clock.advance(ms);
      return [...printed];
    },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`the firmware printed what is no JSON: ${line}`);
  }
}
