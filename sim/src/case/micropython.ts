// Loads MicroPython, each VM in a scope of its own. The builds were made for a page with one VM in it: they keep their tables
// and the way into their memory in globals, and take timers and the date from there. Of two in one process the first would
// call into the second with numbers that mean nothing there ("memory access out of bounds").
import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import { type Clock, timersOf } from './clock.ts';
import { compileJumps, type Jumps } from './long-jumps.ts';

/** An open file of the VM's memory. */
export interface FileStream {
  readonly path: string;
  readonly flags: number;
  readonly position: number;
  readonly node: { readonly contents: Uint8Array | null; readonly usedBytes: number };
}

interface FolderNode {
  readonly node_ops: { mknod(parent: FolderNode, name: string, mode: number, device: number): object };
}

interface FileSystem {
  ErrnoError: new (errno: number) => Error;
  analyzePath(path: string): { exists: boolean };
  open(path: string, flags: number | string, mode?: number): FileStream;
  write(stream: FileStream, data: Uint8Array, offset: number, length: number, position?: number): number;
  close(stream: FileStream): void;
  lookupPath(path: string): { node: FolderNode };
  mkdir(path: string, mode?: number): void;
  readdir(path: string): string[];
  readFile(path: string, options: { encoding: 'utf8' }): string;
  readFile(path: string, options: { encoding: 'binary' }): Uint8Array;
  rename(from: string, to: string): void;
  rmdir(path: string): void;
  unlink(path: string): void;
  writeFile(path: string, data: Uint8Array | string): void;
}

/** The part of the packages, which have no types, that runs the firmware. */
export interface MicroPython {
  readonly FS: FileSystem;
  registerJsModule(name: string, module: object): void;
  runPython(code: string): unknown;
  runPythonAsync(code: string): Promise<unknown>;
}

export interface MicroPythonOptions {
  /** The only time there is for the VM: date, ticks and timers. */
  readonly clock: Clock;
  /** A line that it printed. */
  readonly stdout: (line: string) => void;
  /** The date at which the VM's ticks were zero: now, where not given. */
  readonly ticksZeroMs?: number;
}

/**
 * What is taken between two collections. The builds collect after every 16 KiB, for a page that hands objects to and fro, which is a
 * third of a simulated day's time; a board does when its memory is out.
 */
const COLLECT_BYTES = 256 * 1024;

export const NEWEST_BUILD = import.meta.resolve('@micropython/micropython-webassembly-pyscript/micropython.mjs');

/** A VM of the build whose module has this URL. */
export async function loadMicroPython(options: MicroPythonOptions, build = NEWEST_BUILD): Promise<MicroPython> {
  const { clock, stdout, ticksZeroMs } = options;
  const known = builds.get(build) ?? compile(build);
  builds.set(build, known);
  const { enter, machine, jumps } = await known;
  let loading = true;
  const dateMs = () => (loading ? (ticksZeroMs ?? clock.dateMs()) : clock.dateMs());
  const { setTimeout, clearTimeout } = timersOf(clock);
  const load = await enter({
    setTimeout,
    clearTimeout,
    Date: class extends Date {
      static override now = dateMs;
    },
    // Compiled once; and what the build would do for each of its jumps in JavaScript, WebAssembly does.
    WebAssembly: Object.create(WebAssembly, {
      instantiate: { value: async (_: unknown, imports: Imports) => ({ instance: jumps(machine, imports) }) },
    }),
  });
  const vm = await load({ stdout, linebuffer: true });
  loading = false;
  vm.runPython(`import gc; gc.threshold(${COLLECT_BYTES}); del gc`);
  vm.FS.ErrnoError = BareError;
  return vm;
}

/** What the file system throws whenever a file is not there, which an import asks ten times: no text, no trace. */
class BareError {
  readonly name = 'ErrnoError';
  readonly message = 'FS error';
  readonly errno: number;

  constructor(errno: number) {
    this.errno = errno;
  }
}
Object.setPrototypeOf(BareError.prototype, Error.prototype);

type Imports = WebAssembly.Imports;
type Load = (options: { stdout: (line: string) => void; linebuffer: boolean }) => Promise<MicroPython>;

interface Build {
  /** Runs the build's module anew, with these names instead of the process's own, and gives its `loadMicroPython`. */
  readonly enter: (own: Readonly<Record<string, unknown>>) => Promise<Load>;
  readonly machine: WebAssembly.Module;
  readonly jumps: Jumps;
}

const builds = new Map<string, Promise<Build>>();

async function compile(url: string): Promise<Build> {
  const machine = await WebAssembly.compile(readFileSync(new URL('micropython.wasm', url)));
  return { enter: scopeOf(url), machine, jumps: compileJumps(machine) };
}

/** What the build sets on the global object and reads as a bare name, it sets and reads in its scope. */
function scopeOf(url: string): Build['enter'] {
  const text = readFileSync(new URL(url), 'utf8')
    .replace(/\bexport default \w+;/, '')
    .replace(/\bexport (?=async function)/, '')
    .replaceAll('import.meta.url', JSON.stringify(url))
    .replace(/\bimport\(/g, 'importModule(');
  const set = new Set([...text.matchAll(/\bglobalThis\.(\w+)=(?!=)/g)].map(([, name]) => name!));
  const names = [...set].filter((name) => !(name in globalThis));
  const accessors = names.map((name) => `${name}: { get: () => ${name}, set: (value) => { ${name} = value; } }`);
  const body = `let ${names.join(', ')};
    Object.defineProperties(globalThis, { ${accessors.join(', ')} });
    return (async () => { ${text}; return loadMicroPython; })();`;
  const own = ['setTimeout', 'clearTimeout', 'Date', 'WebAssembly'];
  const run = compileFunction(body, ['globalThis', 'importModule', ...own], { filename: url });
  const importModule = (name: string) => import(name);
  return (given) => {
    // `crypto` is one of those that only the real global object can be asked for.
    const values = { ...given, crypto: globalThis.crypto };
    const global = Object.create(globalThis, Object.getOwnPropertyDescriptors(values));
    return run(global, importModule, ...own.map((name) => given[name]));
  };
}
