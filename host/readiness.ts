// Whether the shop can sell now: its flows run, its broker is connected, its ledger answers. The nodes that run are asked
// themselves, so that nothing tells a second story.
import { portOf } from './node-port.ts';

/** The one question that is asked of it here. */
interface Ledger {
  visit(id: string): Promise<unknown>;
}

export interface Ready {
  readonly ledger: boolean;
  readonly broker: boolean;
  readonly flows: boolean;
}

export interface Readiness {
  /** Answers within `LEDGER_MS_MAX`, and asks at most once in `FRESH_MS`, however many want to know. */
  now(): Promise<Ready>;
  /** The flows run; `node` finds what runs by its id. */
  started(node: (id: string) => unknown): void;
}

export interface ReadinessOptions {
  /** Ids of config nodes. */
  readonly ledgers: readonly string[];
  readonly brokers: readonly string[];
  readonly nowMs?: () => number;
  readonly ledgerMsMax?: number;
}

/** Strangers may ask: the ledger is asked no oftener. */
const FRESH_MS = 1_000;
/** A ledger that takes longer for one row is not one to sell with. */
const LEDGER_MS_MAX = 2_000;

export function createReadiness(options: ReadinessOptions): Readiness {
  const { ledgers, brokers, nowMs = Date.now, ledgerMsMax = LEDGER_MS_MAX } = options;
  let find: ((id: string) => unknown) | undefined;
  let last: { readonly atMs: number; readonly ready: Promise<Ready> } | undefined;
  const look = async (): Promise<Ready> => {
    if (find === undefined) return { ledger: false, broker: false, flows: false };
    const nodes = find;
    const ledger = await Promise.all(ledgers.map((id) => answers(nodes(id), ledgerMsMax)));
    return { ledger: ledger.every(Boolean), broker: brokers.every((id) => isConnected(nodes(id))), flows: true };
  };
  return {
    now: () => {
      if (last === undefined || nowMs() - last.atMs >= FRESH_MS) last = { atMs: nowMs(), ready: look() };
      return last.ready;
    },
    started: (node) => {
      find = node;
      last = undefined;
    },
  };
}

/** Whatever is wrong with it, the answer is no: its nodes tell the reason. */
async function answers(node: unknown, msMax: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), msMax);
  });
  const asked = async () => {
    const ledger = portOf<Ledger>(node);
    // Nobody's visit: one look-up by key.
    await ledger?.visit('');
    return ledger !== undefined;
  };
  try {
    return await Promise.race([asked(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** As Node-RED's broker node says it of itself. */
function isConnected(node: unknown): boolean {
  return (node as { readonly connected?: unknown } | null)?.connected === true;
}
