// The package has no types; this is the part of it that runs the firmware.
declare module '@micropython/micropython-webassembly-pyscript/micropython.mjs' {
  /** An open file of the VM's memory. */
  export interface FileStream {
    readonly path: string;
    readonly flags: number;
    readonly position: number;
    readonly node: { readonly contents: Uint8Array | null; readonly usedBytes: number };
  }
  interface FileSystem {
    readonly ErrnoError: new (errno: number) => Error;
    analyzePath(path: string): { exists: boolean };
    open(path: string, flags: number | string, mode?: number): FileStream;
    write(stream: FileStream, data: Uint8Array, offset: number, length: number, position?: number): number;
    close(stream: FileStream): void;
    mkdir(path: string, mode?: number): void;
    readdir(path: string): string[];
    readFile(path: string, options: { encoding: 'utf8' }): string;
    readFile(path: string, options: { encoding: 'binary' }): Uint8Array;
    rename(from: string, to: string): void;
    rmdir(path: string): void;
    unlink(path: string): void;
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
