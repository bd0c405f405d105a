// The last things that a device did and said, for a person to read: bounded, and what repeats itself is one line.
import type { LogLine } from './types.ts';

/** What a person can look over; older ones are gone. */
const LINES_MAX = 24;
/** A firmware gone mad prints long lines. */
const TEXT_MAX = 120;

export interface DeviceLog {
  lines(): readonly LogLine[];
  add(line: Pick<LogLine, 'kind' | 'what' | 'detail'>): void;
}

export function deviceLog(nowMs: () => number = Date.now): DeviceLog {
  let lines: readonly LogLine[] = [];
  let number = 0;
  return {
    lines: () => lines,
    add: ({ kind, what, detail }) => {
      const [text, more] = [what.slice(0, TEXT_MAX), detail.slice(0, TEXT_MAX)];
      const last = lines.at(-1);
      const isAgain = last?.kind === kind && last.what === text && last.detail === more;
      if (!isAgain) number += 1;
      const line = { number, atMs: nowMs(), kind, what: text, detail: more, times: isAgain ? last.times + 1 : 1 };
      lines = [...(isAgain ? lines.slice(0, -1) : lines), line].slice(-LINES_MAX);
    },
  };
}
