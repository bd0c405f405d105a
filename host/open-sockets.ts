// What stays open of somebody's session, and its end when the session ends: a socket asks nobody again by itself.
import type { EventEmitter } from 'node:events';
import type { Identity, Member } from './member.ts';

export interface OpenSockets {
  /** Until `over` closes. */
  add(member: Member, over: EventEmitter & { destroy(): unknown }): void;
  /** Asks once for all of them. */
  sweep(): Promise<void>;
  stop(): void;
}

/** "Within seconds", at the cost of one question for each session that has something open. */
const SWEEP_MS = 3_000;

interface Open {
  readonly member: Member;
  readonly sockets: Set<{ destroy(): unknown }>;
}

export function openSockets({ stillIs }: Pick<Identity, 'stillIs'>): OpenSockets {
  /** By session and role: who was made something else begins anew. */
  const open = new Map<string, Open>();
  const judge = async (entry: Open): Promise<void> => {
    // Nobody can tell while the ledger is away: then nobody is thrown out, and the next sweep asks again.
    const still = await stillIs(entry.member).catch(() => true);
    if (!still) for (const socket of entry.sockets) socket.destroy();
  };
  const sweep = async () => void (await Promise.all([...open.values()].map(judge)));
  let isSweeping = false;
  const timer = setInterval(() => {
    if (isSweeping) return;
    isSweeping = true;
    sweep().finally(() => {
      isSweeping = false;
    });
  }, SWEEP_MS);
  timer.unref();
  return {
    sweep,
    stop: () => clearInterval(timer),
    add: (member, over) => {
      const key = `${member.sessionId} ${member.role}`;
      const entry = open.get(key) ?? { member, sockets: new Set() };
      open.set(key, entry);
      entry.sockets.add(over);
      over.once('close', () => {
        entry.sockets.delete(over);
        if (entry.sockets.size === 0 && open.get(key) === entry) open.delete(key);
      });
    },
  };
}
