// Tells listeners of pictures and faults: every picture, but a fault only once in each outage.
import type { Fault } from '@tapcase/domain';

/** What a good picture puts right. A card that is full is none of it. */
const WELL_AGAIN = [
  'camera.unreachable',
  'camera.stalled',
  'camera.bad-picture',
  'camera.no-program',
  'camera.covered',
  'camera.frozen',
  'camera.swapped',
];

export interface Announcer {
  fault(fault: Fault): void;
  /** The camera has given a picture with nothing against it: whatever goes wrong from now on is told again. */
  well(): void;
  /** This went well again. */
  wellAt(code: Fault['code']): void;
  onFault(listener: (fault: Fault) => void): () => void;
}

export function createAnnouncer(): Announcer {
  const told = new Set<string>();
  const listeners = new Set<(fault: Fault) => void>();
  return {
    fault: (fault) => {
      if (told.has(fault.code)) return;
      told.add(fault.code);
      for (const listener of listeners) listener(fault);
    },
    well: () => {
      for (const code of WELL_AGAIN) told.delete(code);
    },
    wellAt: (code) => void told.delete(code),
    onFault: (listener) => subscribe(listeners, listener),
  };
}

export function subscribe<V>(listeners: Set<(value: V) => void>, listener: (value: V) => void): () => void {
  // One of its own, so that the same function twice is two subscriptions.
  const own = (value: V) => listener(value);
  listeners.add(own);
  return () => listeners.delete(own);
}
