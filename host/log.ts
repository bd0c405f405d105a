// The shop's log: every word of every process, each line with its time, in a file that only this user reads. Bounded: what
// is full becomes the one older file beside it.
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';

export interface ShopLog {
  readonly file: string;
  line(from: string, text: string, isError?: boolean): void;
  close(): void;
}

export interface LogOptions {
  readonly file: string;
  /** Writes a whole text as one line for machines, which has its time in it; without it lines are for people. */
  readonly asJson?: (from: string, text: string, isError: boolean) => string;
  /** Also gets each line, without its time. */
  readonly echo?: (line: string) => void;
  /** The file can no longer be written, for this reason; told once, and the shop goes on without it. */
  readonly onFull: (reason: string) => void;
  readonly bytesMax?: number;
}

/** Some days of a demo; twice this is what the log ever takes. */
const LOG_BYTES_MAX = 10_000_000;
const NAME_WIDTH = 5;

/** A log of an earlier start becomes the older file: whoever starts again after a crash can still read why. */
export function openLog({ file, asJson, echo, onFull, bytesMax = LOG_BYTES_MAX }: LogOptions): ShopLog {
  let handle: number | undefined = openFresh(file);
  let bytes = 0;
  const write = (text: string) => {
    if (handle === undefined) return;
    try {
      if (bytes > bytesMax) {
        closeSync(handle);
        handle = undefined;
        handle = openFresh(file);
        bytes = 0;
      }
      bytes += writeSync(handle, text);
    } catch (thrown) {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
      onFull((thrown as Error).message);
    }
  };
  return {
    file,
    line: (from, text, isError = false) => {
      if (asJson !== undefined) {
        const line = asJson(from, text, isError);
        echo?.(line);
        write(`${line}\n`);
        return;
      }
      for (const part of text.split('\n')) {
        if (part.trim() === '') continue;
        const line = `${from.padEnd(NAME_WIDTH)} | ${part}`;
        echo?.(line);
        write(`${new Date().toISOString()} ${line}\n`);
      }
    },
    close: () => {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}

/** `log.txt` and `log.older.txt`. */
export function olderOf(file: string): string {
  return file.replace(/(\.[^./]*)?$/, '.older$1');
}

function openFresh(file: string): number {
  if (existsSync(file)) renameSync(file, olderOf(file));
  return openSync(file, 'wx', 0o600);
}
