// The sockets of an operator's own flows: whoever opens one is a stranger, and each frame runs through a flow.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Asking, addressKey } from './address-key.ts';
import { judgeFrames, ofNodes } from './frames.ts';
import { roomFor } from './room.ts';
import { OWN_ROOT } from './routes.ts';
import { staysIn } from './staff-door.ts';

/** Of one address (of IPv6, one network), over all of its sockets: no more than it may call in a minute (table.ts). */
const FRAMES = { burst: 200, perSecond: 50 } as const;

const senders = new WeakMap<Duplex, string>();
const room = roomFor(FRAMES);
judgeFrames(ofNodes, (socket) => {
  const sender = senders.get(socket);
  return sender === undefined || room.take(sender);
});

/** Before Node-RED takes it; from then on its frames are counted, and so is that it was opened. undefined: it is none of theirs. */
export function takeOwnSocket(request: IncomingMessage & Asking): 'passes' | 'too-many' | undefined {
  if (!staysIn(request, OWN_ROOT)) return undefined;
  const sender = addressKey(request);
  if (!room.take(sender)) return 'too-many';
  senders.set(request.socket, sender);
  return 'passes';
}
