// The shop's log: to the terminal with the process's name before each line, and to a file that only this user reads.
import { closeSync, openSync, writeSync } from 'node:fs';

export interface ShopLog {
  readonly file: string;
  line(from: string, text: string): void;
  close(): void;
}

/** A demo that runs for weeks must not fill the disk: after this the file stays as it is. */
const LOG_BYTES_MAX = 50_000_000;
const NAME_WIDTH = 5;

export function openLog(file: string): ShopLog {
  const handle = openSync(file, 'w', 0o600);
  let bytes = 0;
  let closed = false;
  return {
    file,
    line: (from, text) => {
      const line = `${from.padEnd(NAME_WIDTH)} | ${text}`;
      console.log(line);
      if (closed || bytes > LOG_BYTES_MAX) return;
      bytes += writeSync(handle, `${line}\n`);
    },
    close: () => {
      closed = true;
      closeSync(handle);
    },
  };
}
