// The package has no types; this is the part of it that runs the firmware.
declare module '@micropython/micropython-webassembly-pyscript/micropython.mjs' {
  interface FileSystem {
    analyzePath(path: string): { exists: boolean };
    mkdir(path: string): void;
    readdir(path: string): string[];
    readFile(path: string, options: { encoding: 'utf8' }): string;
    rename(from: string, to: string): void;
    writeFile(path: string, data: Uint8Array | string): void;
  }
  export interface MicroPython {
    readonly FS: FileSystem;
    registerJsModule(name: string, module: object): void;
    runPython(code: string): unknown;
    runPythonAsync(code: string): Promise<unknown>;
  }
  export function loadMicroPython(options: {
    stdout?: (line: string) => void;
    stderr?: (line: string) => void;
    linebuffer?: boolean;
    heapsize?: number;
  }): Promise<MicroPython>;
}

// The oldest build that has asyncio: the same package, another version.
declare module 'micropython-oldest/micropython.mjs' {
  export { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';
}
