// A request as it will lie on the wire: what a mutator may change, and the bytes it comes to.
import type { Route } from '../../host/routes.ts';

export interface Draft {
  /** What it was before it was changed: `post /api/sign-in`. */
  readonly name: string;
  /** Of the table; undefined for a page, or what Node-RED itself answers. */
  readonly route?: Route;
  /** Of a listener of the staff's: who has no session may be answered. */
  readonly isOpen?: boolean;
  method: string;
  target: string;
  version: string;
  headers: [name: string, value: string][];
  body: Buffer;
  /** Whether the body's true length is said. */
  saysLength: boolean;
  /** Between lines of the head. */
  lineEnd: string;
  /** After the body: whatever else comes on the same connection. */
  tail: Buffer;
  /** All of it, instead of whatever the rest comes to. */
  raw?: Buffer;
  /** Of all bytes only so many are sent. */
  bytesSent: number;
  /** In how many writes. */
  pieces: number;
  /**
   * `answer`: waits for it. `half`: says that no more comes, at once, for the shop may rightly wait for more. `reset`: is gone.
   * The first is only for what is framed well, or refused whatever follows.
   */
  ends: 'answer' | 'half' | 'reset';
}

export type Example = Pick<Draft, 'name' | 'method' | 'target'> & Partial<Draft>;

export function draftOf(example: Example): Draft {
  return {
    version: 'HTTP/1.1',
    body: Buffer.alloc(0),
    saysLength: true,
    lineEnd: '\r\n',
    tail: Buffer.alloc(0),
    bytesSent: Number.POSITIVE_INFINITY,
    pieces: 1,
    ends: 'answer',
    ...example,
    headers: (example.headers ?? []).map(([name, value]) => [name, value]),
  };
}

export function bytesOf(draft: Draft): Buffer {
  const whole = draft.raw ?? wholeOf(draft);
  return whole.subarray(0, Math.min(draft.bytesSent, whole.length));
}

function wholeOf({ method, target, version, headers, body, saysLength, lineEnd, tail }: Draft): Buffer {
  const hasHost = headers.some(([name]) => /^host$/i.test(name));
  const all = [
    ...(hasHost ? [] : [['host', 'shop.test'] as const]),
    ...headers.filter(([name, value]) => !(/^host$/i.test(name) && value === NO_HOST)),
    ...(saysLength && body.length > 0 ? [['content-length', String(body.length)] as const] : []),
  ];
  const lines = [
    `${method} ${target}${version === '' ? '' : ` ${version}`}`,
    ...all.map(([name, value]) => `${name}: ${value}`),
  ];
  // One byte a letter: what is no ASCII goes out as it was put there.
  const head = Buffer.from(`${lines.join(lineEnd)}${lineEnd}${lineEnd}`, 'latin1');
  return Buffer.concat([head, body, tail]);
}

/** A Host header that is left out. */
export const NO_HOST = '(none)';

export function set(draft: Draft, name: string, value: string): void {
  draft.headers = [...draft.headers.filter(([each]) => each.toLowerCase() !== name), [name, value]];
}

export function add(draft: Draft, name: string, value: string): void {
  draft.headers.push([name, value]);
}
