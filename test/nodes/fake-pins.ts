// Pins that tests move: inputs whose edges and losses are made by hand, outputs that remember what was written.
import { Fault } from '@tapcase/domain';
import type { GpioInput, GpioOutput, Level, Pins } from '../../nodes/node-red-contrib-detr/src/gpio/line.ts';

export interface FakePins extends Pins {
  edge(bcm: number, level: Level): void;
  lose(bcm: number, cause: Error): void;
  /** So many times nothing can be opened. */
  refuse(times: number): void;
  /** The level that a read finds; no edge tells it. */
  set(bcm: number, level: Level): void;
  /** Every next write to an open output fails. */
  breakWrites(isBroken: boolean): void;
  /** What happened to the outputs, in order. */
  readonly outputs: string[];
  /** How many inputs are open now. */
  openInputs(): number;
}

interface Watcher {
  readonly onLevel: (level: Level) => void;
  readonly onLost: (cause: unknown) => void;
}

export function fakePins(): FakePins {
  const levels = new Map<number, Level>();
  const watchers = new Map<number, Watcher>();
  const outputs: string[] = [];
  let refusals = 0;
  let isBroken = false;
  let inputs = 0;
  const open = () => {
    if (refusals === 0) return;
    refusals -= 1;
    throw new Fault('gpio.unavailable', 'refused by the test');
  };
  const input = (bcm: number): GpioInput => ({
    read: async () => levels.get(bcm) ?? 0,
    watch: (onLevel, onLost) => {
      watchers.set(bcm, { onLevel, onLost });
      return () => watchers.delete(bcm);
    },
    close: () => {
      inputs -= 1;
    },
  });
  const output = (bcm: number): GpioOutput => ({
    write: async (level) => {
      if (isBroken) throw Object.assign(new Error('broken'), { code: 'EIO' });
      outputs.push(`${bcm}=${level}`);
    },
    close: () => outputs.push(`${bcm} closed`),
  });
  return {
    openInput: async (bcm) => {
      open();
      inputs += 1;
      return input(bcm);
    },
    openOutput: async (bcm, level) => {
      open();
      outputs.push(`${bcm} opened ${level}`);
      return output(bcm);
    },
    edge: (bcm, level) => {
      levels.set(bcm, level);
      watchers.get(bcm)?.onLevel(level);
    },
    lose: (bcm, cause) => watchers.get(bcm)?.onLost(cause),
    refuse: (times) => {
      refusals = times;
    },
    set: (bcm, level) => levels.set(bcm, level),
    breakWrites: (broken) => {
      isBroken = broken;
    },
    outputs,
    openInputs: () => inputs,
  };
}
