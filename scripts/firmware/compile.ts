// Turns the application's sources into what one slot holds: .mpy, or .py for a chip of another MicroPython.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
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

interface CrossOptions {
  readonly arguments: readonly string[];
  readonly inputFileContents: string;
  readonly instantiateWasm: (imports: WebAssembly.Imports, receive: (made: WebAssembly.Instance) => void) => object;
  readonly callback: (
    status: number,
    mpy: Uint8Array | undefined,
    out: readonly string[],
    err: readonly string[],
  ) => void;
}

// Not the package's own wrapper, which fetches and compiles its program anew for each file.
const runCross: (options: CrossOptions) => void = require('@pybricks/mpy-cross-v6/build/mpy-cross-v6.js');
let machine: WebAssembly.Module | undefined;

async function compiled(name: string, source: string): Promise<ImageFile> {
  machine ??= new WebAssembly.Module(readFileSync(require.resolve('@pybricks/mpy-cross-v6/build/mpy-cross-v6.wasm')));
  const program = machine;
  const { mpy, err } = await withoutTraces(
    () =>
      new Promise<{ mpy: Uint8Array | undefined; err: readonly string[] }>((resolve) => {
        runCross({
          arguments: [name],
          inputFileContents: source,
          instantiateWasm: (imports, receive) => {
            const instance = new WebAssembly.Instance(program, imports);
            receive(instance);
            return instance.exports;
          },
          callback: (_status, mpy, _out, err) => resolve({ mpy, err }),
        });
      }),
  );
  if (mpy === undefined) throw new Fault('firmware.not-compiled', `${name}: ${err.join(' ').trim()}`);
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
