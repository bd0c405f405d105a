// What a browser says over the editor's socket, looked at before Node-RED hears of it: Node-RED takes each word for what it should be,
// and some words that are not end the process, also from whoever may only read. And what each is told.
import type { Duplex } from 'node:stream';
import { isDeeper } from './bodies.ts';
import { type FrameSocket, judgeFrames, ofEditor } from './frames.ts';
import { roomFor } from './room.ts';

/** Where somebody's cursor is, what is listened to: the editor itself sends nothing larger or deeper. */
const WORD_BYTES_MAX = 64 * 1024;
const WORD_DEPTH_MAX = 10;
const NAME_LENGTH_MAX = 1_000;
/** Of one person, over all of their editors: a cursor that moves is ten words in a second. */
const WORDS = { burst: 200, perSecond: 30 } as const;
/**
 * Said once, when the socket opens. Node-RED remembers every name that is given, and answers each time with all of them.
 * (runtime/lib/multiplayer)
 */
const HERE_I_AM = 'multiplayer/connect';

export interface Listener {
  readonly memberId: string;
  /** What they are told of a frame; undefined: nothing. */
  readonly told: (frame: string) => string | undefined;
}

interface Speaker extends Listener {
  isHere: boolean;
}

const speakers = new WeakMap<Duplex, Speaker>();
const room = roomFor(WORDS);
judgeFrames(ofEditor, (socket, event, data) => {
  const speaker = speakers.get(socket);
  return speaker === undefined || isHeard(speaker, event, data);
});

const { send } = ofEditor.prototype;
ofEditor.prototype.send = function (this: FrameSocket, data: unknown, ...more: unknown[]) {
  const speaker = this._socket === undefined ? undefined : speakers.get(this._socket);
  const told = speaker === undefined || typeof data !== 'string' ? data : speaker.told(data);
  if (told !== undefined) send.call(this, told, ...more);
};

function isHeard(speaker: Speaker, event: string, data: unknown): boolean {
  if (!room.take(speaker.memberId)) return false;
  if (event !== 'message') return true;
  const word = wordIn(data);
  if (word === undefined) return false;
  if (word.topic !== HERE_I_AM) return true;
  const isFirst = !speaker.isHere;
  speaker.isHere = true;
  return isFirst;
}

/** From now on; before Node-RED takes the socket. */
export function listenTo(socket: Duplex, listener: Listener): void {
  speakers.set(socket, { ...listener, isHere: false });
}

/** `data`: a frame's bytes. What is no JSON Node-RED leaves alone by itself. */
function wordIn(data: unknown): { readonly topic?: unknown } | undefined {
  const text = String(data);
  if (text.length > WORD_BYTES_MAX) return undefined;
  let word: unknown;
  try {
    word = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isRecord(word) || isDeeper(word, WORD_DEPTH_MAX)) return undefined;
  const names = [word.auth, word.subscribe, word.topic];
  if (!names.every((name) => name === undefined || (typeof name === 'string' && name.length <= NAME_LENGTH_MAX)))
    return undefined;
  return word.topic === undefined || isRecord(word.data) ? word : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
