// Hears on PostgreSQL which visits other instances of the cloud have moved on, over a connection of its own.
import type { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** As the trigger of migration 009 names it. */
const CHANNEL = 'tapcase_visits';
/** Before the first try after a connection that broke, the second, ...; a database that is being restarted takes seconds. */
const PAUSES_MS = [0, 1_000, 2_000, 5_000, 10_000] as const;

/** A visit that another instance has moved on; null: any may have been, for nobody listened for a while. */
export type VisitChanged = (visitId: string | null) => void;

export interface VisitWatch {
  /** Resolves once it hears; rejects where it cannot. What it returns ends it. */
  watch(changed: VisitChanged): Promise<() => void>;
  close(): Promise<void>;
}

/** A connection to PostgreSQL that is not there yet. */
export interface Connection extends EventEmitter {
  connect(): Promise<unknown>;
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

interface Notification {
  /** Of the server process whose transaction told it. */
  readonly processId: number;
  readonly payload?: string;
}

/** `isOwn`: whether a server process (its pid) works for this instance, which knows what it does itself. */
export function visitWatch(connection: () => Connection, isOwn: (pid: number) => boolean): VisitWatch {
  const watchers = new Set<VisitChanged>();
  const abort = new AbortController();
  let listening: Promise<Connection> | undefined;

  const listen = async (): Promise<Connection> => {
    const client = connection();
    // Unheard it would end the process; that it broke, its end says too.
    client.on('error', () => {});
    client.on('notification', ({ processId, payload = '' }: Notification) => {
      if (!isOwn(processId)) for (const changed of watchers) changed(payload);
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (thrown) {
      await client.end().catch(() => {});
      throw thrown;
    }
    client.once('end', () => void again());
    return client;
  };
  async function again(): Promise<void> {
    listening = undefined;
    for (let tries = 0; watchers.size > 0 && !abort.signal.aborted; tries += 1) {
      try {
        await setTimeout(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)], undefined, {
          signal: abort.signal,
          ref: false,
        });
        await begun();
        for (const changed of watchers) changed(null);
        return;
      } catch {
        // The next try says whether it is back.
      }
    }
  }
  function begun(): Promise<Connection> {
    if (listening !== undefined) return listening;
    const attempt = listen();
    listening = attempt;
    attempt.catch(() => {
      if (listening === attempt) listening = undefined;
    });
    return attempt;
  }

  return {
    watch: async (changed) => {
      await begun();
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    close: async () => {
      abort.abort();
      watchers.clear();
      const client = await listening?.catch(() => undefined);
      await client?.end().catch(() => {});
    },
  };
}
