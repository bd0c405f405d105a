// Drives a line: the newest level wins, one write at a time, and a safe level before and after everything else.
import { Fault } from '@tapcase/domain';
import { type GpioOutput, inverted, type Level, type LineAddress, type Pins } from './line.ts';
import { postLevel } from './line-stream.ts';

export interface LineDriver {
  /** Resolves once the newest level stands. Rejects with a `gpio.` Fault; the next write tries anew. */
  write(level: Level): Promise<void>;
  /** Writes the safe level and lets go. */
  close(): Promise<void>;
}

export interface DriveOptions {
  readonly line: Exclude<LineAddress, { kind: 'none' }>;
  readonly isActiveLow: boolean;
  readonly safe: Level;
  readonly pins: Pins;
}

export function driveLine({ line, isActiveLow, safe, pins }: DriveOptions): LineDriver {
  const target =
    line.kind === 'pin' ? pinTarget(line.bcm, pins) : { write: (level: Level) => postLevel(line.url, level) };
  let wanted = safe;
  let busy: Promise<void> | undefined;
  const settle = async () => {
    let written: Level;
    do {
      written = wanted;
      await target.write(inverted(written, isActiveLow));
    } while (written !== wanted);
  };
  const write = (level: Level) => {
    wanted = level;
    busy ??= settle().finally(() => {
      busy = undefined;
    });
    return busy;
  };
  return {
    write,
    close: async () => {
      try {
        await write(safe);
      } finally {
        if ('close' in target) target.close();
      }
    },
  };
}

function pinTarget(bcm: number, pins: Pins): GpioOutput {
  let output: GpioOutput | undefined;
  const close = () => {
    const closing = output;
    output = undefined;
    closing?.close();
  };
  return {
    write: async (level) => {
      try {
        if (output === undefined) output = await pins.openOutput(bcm, level);
        else await output.write(level);
      } catch (cause) {
        if (cause instanceof Fault) throw cause;
        const code = (cause as NodeJS.ErrnoException | null)?.code ?? 'unknown reason';
        try {
          close();
        } catch {
          // What is lost needs no goodbye; the next write opens it anew.
        }
        throw new Fault('gpio.lost', `GPIO ${bcm} can no longer be written (${code})`, { bcm, code }, cause);
      }
    },
    close,
  };
}
