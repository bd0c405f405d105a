// How large a frame may be that Node-RED hears over a socket: its own servers take 100 MiB.
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
}

interface FrameSocketClass {
  readonly prototype: FrameSocket;
}

const require = createRequire(import.meta.url);
/** The copies of ws that the editor and the nodes of flows use; the dashboard's has a limit of its own (desk.ts). */
export const [ofEditor, ofNodes] = ['@node-red/editor-api', '@node-red/nodes'].map((name) => {
  // Their main files load all that they have; where they are is all that is asked.
  const from = createRequire(require.resolve(`${name}/package.json`));
  return from('ws') as FrameSocketClass;
}) as [FrameSocketClass, FrameSocketClass];

/** RFC 6455 section 7.4.1: what came is not what was agreed. */
export const POLICY_VIOLATION = 1008;

// A set: both may be one copy.
for (const { prototype } of new Set([ofEditor, ofNodes])) {
  const { setSocket } = prototype;
  prototype.setSocket = function (socket, head, bytesMax, ...more) {
    // What a flow itself connects to, it has chosen.
    const max = this._isServer ? Math.min(bytesMax || BODY_BYTES_MAX, BODY_BYTES_MAX) : bytesMax;
    setSocket.call(this, socket, head, max, ...more);
  };
}
