// Keeps a flood of one fault from becoming a flood of commits and of lines: the first is told at once, what comes again within a
// second is told together at its end.

/** How long after one that was told others like it wait to be told together. */
const BURST_MS = 1_000;
/** Different ones at a time; beyond that only their wider kinds are told apart, of which there are few. */
const KINDS_MAX = 500;

export interface Bursts<T> {
  /**
   * True where it is the first of its kind, or of its wider kind where too many differ: tell it now. Otherwise it is told later,
   * with the others.
   */
  isFirst(kind: string, wider: string, fault: T): boolean;
  /** Tells what waits. */
  end(): Promise<void>;
}

/** `tell` hears of `times` faults like the first of those that waited; it does not throw. */
export function bursts<T>(tell: (fault: T, times: number) => Promise<void>): Bursts<T> {
  const waiting = new Map<string, { readonly fault: T; times: number; readonly timer: NodeJS.Timeout }>();
  const over = async (kind: string) => {
    const { fault, times, timer } = waiting.get(kind)!;
    clearTimeout(timer);
    waiting.delete(kind);
    if (times > 0) await tell(fault, times);
  };
  return {
    isFirst: (kind, wider, fault) => {
      const key = waiting.has(kind) || waiting.size < KINDS_MAX ? kind : wider;
      const burst = waiting.get(key);
      if (burst === undefined) waiting.set(key, { fault, times: 0, timer: setTimeout(() => void over(key), BURST_MS) });
      else burst.times += 1;
      return burst === undefined;
    },
    end: async () => {
      await Promise.all([...waiting.keys()].map(over));
    },
  };
}
