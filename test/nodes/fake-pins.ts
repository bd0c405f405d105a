// Pins that tests move: inputs whose edges and losses are made by hand.
import { Fault } from '@tapcase/domain';
import type { GpioInput, Level, Pins } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio/line.ts';

export interface FakePins extends Pins {
  edge(bcm: number, level: Level): void;
  lose(bcm: number, cause: Error): void;
  /** So many times nothing can be opened. */
  refuse(times: number): void;
  /** The level that a read finds; no edge tells it. */
  set(bcm: number, level: Level): void;
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
  let refusals = 0;
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
  return {
    openInput: async (bcm) => {
      open();
      inputs += 1;
      return input(bcm);
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
    openInputs: () => inputs,
  };
}
