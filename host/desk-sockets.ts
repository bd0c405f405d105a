// The sockets of the dashboards, below what they say: desk.ts counts events, and not every frame is one.
import type { Duplex } from 'node:stream';
import { judgeFrames, ofDesk } from './frames.ts';
import { roomFor } from './room.ts';

/** Of one person, over all of their sockets: twice the events that desk.ts has room for, so that those are what is told of. */
const FRAMES = { burst: 400, perSecond: 40 } as const;

const members = new WeakMap<Duplex, string>();
const room = roomFor(FRAMES);
judgeFrames(ofDesk, (socket) => {
  const memberId = members.get(socket);
  return memberId === undefined || room.take(memberId);
});

/** From now on; before the dashboard takes the socket. */
export function countDeskFrames(socket: Duplex, memberId: string): void {
  members.set(socket, memberId);
}
