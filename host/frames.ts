// What of a socket's frames goes on to Node-RED: how large one may be, for its own servers take 100 MiB, and who has sent too many.
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { BODY_BYTES_MAX } from './routes.ts';

/** What a socket of ws is to us; the same in all its versions of this one. */
export interface FrameSocket {
  readonly _isServer: boolean;
  /** ws keeps its TCP socket under this name. */
  readonly _socket?: Duplex;
  setSocket(socket: Duplex, head: Buffer, bytesMax: number, ...more: unknown[]): void;
  emit(event: string, ...args: unknown[]): boolean;
  send(data: unknown, ...more: unknown[]): void;
  close(code: number): void;
  terminate(): void;
}

interface FrameSocketClass {
  readonly prototype: FrameSocket;
}

const require = createRequire(import.meta.url);
/** The copy of ws that a package uses, by the path of packages that leads to it. */
function copyOf(...path: readonly string[]): FrameSocketClass {
  // Their main files load all that they have; where they are is all that is asked.
  const from = path.reduce((each, name) => createRequire(each.resolve(name)), require);
  return from('ws') as FrameSocketClass;
}

/** The copies that the editor, the nodes of flows and the dashboard use. */
export const ofEditor = copyOf('@node-red/editor-api/package.json');
export const ofNodes = copyOf('@node-red/nodes/package.json');
export const ofDesk = copyOf('@flowfuse/node-red-dashboard/package.json', 'socket.io', 'engine.io');

/** RFC 6455 section 7.4.1: what came is not what was agreed. */
const POLICY_VIOLATION = 1008;

// A set: both may be one copy. The dashboard's has a limit of its own (desk.ts).
for (const { prototype } of new Set([ofEditor, ofNodes])) {
  const { setSocket } = prototype;
  prototype.setSocket = function (socket, head, bytesMax, ...more) {
    // What a flow itself connects to, it has chosen.
    const max = this._isServer ? Math.min(bytesMax || BODY_BYTES_MAX, BODY_BYTES_MAX) : bytesMax;
    setSocket.call(this, socket, head, max, ...more);
  };
}

/** Pings and pongs too: each costs as much to read, and a ping an answer. */
const FRAMES: ReadonlySet<string> = new Set(['message', 'ping', 'pong']);

/** What may have been on its way when its sender was told that it is over. */
const LATE_MAX = 5_000;

/** How many came after the end. */
const late = new WeakMap<FrameSocket, number>();

/**
 * `isHeard` is asked of each frame of a TCP socket, before whoever it is for; no ends the socket. Whoever goes on then is not
 * waited for: ws reads on for half a minute.
 */
export function judgeFrames(
  { prototype }: FrameSocketClass,
  isHeard: (socket: Duplex, event: string, data: unknown) => boolean,
): void {
  const { emit } = prototype;
  prototype.emit = function (this: FrameSocket, event, ...args) {
    if (!FRAMES.has(event) || this._socket === undefined) return emit.call(this, event, ...args);
    const count = late.get(this);
    if (count === undefined && isHeard(this._socket, event, args[0])) return emit.call(this, event, ...args);
    late.set(this, (count ?? 0) + 1);
    if (count === undefined) this.close(POLICY_VIOLATION);
    else if (count > LATE_MAX) this.terminate();
    return true;
  };
}
