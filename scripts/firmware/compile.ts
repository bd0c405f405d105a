// Turns the application's sources into what one slot holds: .mpy, or .py for a chip of another MicroPython.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compile } from '@pybricks/mpy-cross-v6';
import { Fault } from '@tapcase/domain';

/** Of mpy-cross, and of MicroPython 1.19 to 1.27 (`sys.implementation._mpy & 0xff`). */
export const MPY_VERSION = 6;
const SETTINGS = 'config.py';
/** As firmware/app/config.py says it. */
const VERSION_LINE = /^FIRMWARE = "([^"\n]*)"$/m;
const require = createRequire(import.meta.url);

export interface ImageFile {
  readonly path: string;
  readonly data: Uint8Array;
}

export interface Image {
  readonly version: string;
  readonly files: readonly ImageFile[];
}

export interface CompileOptions {
  /** What config.py says, where it is undefined. */
  readonly version?: string | undefined;
  /** Sources as they are, instead of .mpy. */
  readonly py: boolean;
}

/** Every module of `folder`. Throws `firmware.no-version` or `firmware.not-compiled`. */
export async function compileApp(folder: string, { version, py }: CompileOptions): Promise<Image> {
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.py'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  const found = VERSION_LINE.exec(sources.find(({ name }) => name === SETTINGS)?.text ?? '')?.[1];
  if (found === undefined) throw new Fault('firmware.no-version', `${SETTINGS} has no line FIRMWARE = "…"`);
  const wanted = version ?? found;
  const files: ImageFile[] = [];
  for (const { name, text } of sources) {
    const source = name === SETTINGS ? text.replace(VERSION_LINE, `FIRMWARE = "${wanted}"`) : text;
    files.push(py ? { path: name, data: Buffer.from(source) } : await compiled(name, source));
  }
  return { version: wanted, files };
}

let wasm: string | undefined;

async function compiled(name: string, source: string): Promise<ImageFile> {
  // Under Node the compiler loads its own program with fetch, which knows no files: a data: address it can read.
  wasm ??= `data:application/wasm;base64,${readFileSync(require.resolve('@pybricks/mpy-cross-v6/build/mpy-cross-v6.wasm')).toString('base64')}`;
  const { status, mpy, err } = await withoutTraces(() => compile(name, source, undefined, wasm));
  if (status !== 0 || mpy === undefined) throw new Fault('firmware.not-compiled', `${name}: ${err.join(' ').trim()}`);
  return { path: name.replace(/\.py$/, '.mpy'), data: mpy };
}

const CATCHERS = ['uncaughtException', 'unhandledRejection'] as const;

/** Each run of the compiler puts itself between this process and its own errors, and would stay there. */
async function withoutTraces<T>(work: () => Promise<T>): Promise<T> {
  const before = CATCHERS.map((event) => process.rawListeners(event));
  try {
    return await work();
  } finally {
    for (const [i, event] of CATCHERS.entries()) {
      for (const listener of process.rawListeners(event)) {
        if (!before[i]!.includes(listener)) process.off(event, listener as () => void);
      }
    }
  }
}
