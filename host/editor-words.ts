// What a browser says over the editor's socket, looked at before Node-RED hears of it: Node-RED takes each word for what it should be,
// and some words that are not end the process, also from whoever may only read.
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { isDeeper } from './bodies.ts';

/** Where somebody's cursor is, what is listened to: the editor itself sends nothing larger or deeper. */
const WORD_BYTES_MAX = 64 * 1024;
const WORD_DEPTH_MAX = 10;
const NAME_LENGTH_MAX = 1_000;
/** RFC 6455 section 7.4.1: what came is not what was agreed. */
const POLICY_VIOLATION = 1008;

interface EditorSocket {
  /** ws keeps its TCP socket under this name. */
  readonly _socket?: Duplex;
  emit(event: string, ...args: unknown[]): boolean;
  close(code: number): void;
}

/** The copy of ws that the editor uses: a class, in all its versions. */
const WebSocket = createRequire(createRequire(import.meta.url).resolve('@node-red/editor-api'))('ws') as {
  readonly prototype: EditorSocket;
};

const editors = new WeakSet<Duplex>();
const { emit } = WebSocket.prototype;
WebSocket.prototype.emit = function (this: EditorSocket, event: string, ...args: unknown[]) {
  const isHeard = event !== 'message' || this._socket === undefined || !editors.has(this._socket);
  if (isHeard || isWord(args[0])) return emit.call(this, event, ...args);
  this.close(POLICY_VIOLATION);
  return true;
};

/** From now on; before Node-RED takes the socket. */
export function listenTo(socket: Duplex): void {
  editors.add(socket);
}

/** `data`: a frame's bytes. What is no JSON Node-RED leaves alone by itself. */
export function isWord(data: unknown): boolean {
  const text = String(data);
  if (text.length > WORD_BYTES_MAX) return false;
  let word: unknown;
  try {
    word = JSON.parse(text);
  } catch {
    return true;
  }
  if (!isRecord(word) || isDeeper(word, WORD_DEPTH_MAX)) return false;
  const names = [word.auth, word.subscribe, word.topic];
  if (!names.every((name) => name === undefined || (typeof name === 'string' && name.length <= NAME_LENGTH_MAX)))
    return false;
  return word.topic === undefined || isRecord(word.data);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
