// Sends drafts byte by byte as they are, which no HTTP client would, and reads what comes back.
import { connect, type Socket } from 'node:net';
import { bytesOf, type Draft } from './draft.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Of loopback: the shop counts by it. */
  readonly address: string;
}

/** What came back: 0 where the connection ended without a word, as it may for what is no request. */
export interface Answer {
  readonly status: number;
  /** Head and body (where several were asked for at once, all of them), one byte a letter; without the word to go on. */
  readonly text: string;
}

/** Nobody listens there any more. */
export class Gone extends Error {}

/** One stranger's connection after another; it is kept where both sides want that. */
export class Line {
  readonly #target: Target;
  #kept: Socket | undefined;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Rejects with `Gone` where nobody listens. */
  async send(draft: Draft): Promise<Answer> {
    const kept = this.#kept?.writable === true && this.#kept.readable ? this.#kept : undefined;
    const socket = kept ?? (await opened(this.#target));
    this.#kept = undefined;
    const answer = await exchanged(socket, draft);
    const mayStay = draft.ends === 'answer' && answer.isWhole && !/^connection: *close/im.test(headOf(answer.text));
    if (mayStay && !socket.destroyed && socket.writable) this.#kept = socket;
    else socket.destroy();
    return answer;
  }

  close(): void {
    this.#kept?.destroy();
    this.#kept = undefined;
  }
}

/** An open connection; one that fails later just ends. */
export function opened({ host, port, address }: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, localAddress: address, noDelay: true });
    socket.once('error', (error) => reject(new Gone(`${host}:${port} from ${address}: ${error.message}`)));
    socket.once('connect', () => {
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

function exchanged(socket: Socket, draft: Draft): Promise<Answer & { isWhole: boolean }> {
  const bytes = bytesOf(draft);
  return new Promise((resolve) => {
    let heard = '';
    const finish = (isWhole: boolean) => {
      socket.off('data', onData).off('close', onClose).off('end', onClose);
      resolve({ status: statusOf(heard), text: afterContinue(heard), isWhole });
    };
    const onClose = () => finish(false);
    const onData = (data: Buffer) => {
      heard += data.toString('latin1');
      if (draft.ends === 'answer' && isWhole(heard, draft.method)) finish(true);
    };
    socket.on('data', onData).once('close', onClose).once('end', onClose);
    const step = Math.max(1, Math.ceil(bytes.length / draft.pieces));
    const write = (at: number): void => {
      if (socket.destroyed) return finish(false);
      const isLast = at + step >= bytes.length;
      socket.write(bytes.subarray(at, at + step), () => {
        if (!isLast) setImmediate(write, at + step);
        else if (draft.ends === 'half') socket.end();
        else if (draft.ends === 'reset') socket.resetAndDestroy();
      });
    };
    write(0);
  });
}

const headOf = (text: string) => text.slice(0, text.indexOf('\r\n\r\n') + 2);

/** Of the last answer that is not just "go on". */
function statusOf(text: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(afterContinue(text))?.[1] ?? 0);
}

function afterContinue(text: string): string {
  const end = /^HTTP\/1\.1 1\d\d /.test(text) ? text.indexOf('\r\n\r\n') : -1;
  return end < 0 ? text : afterContinue(text.slice(end + 4));
}

/** An answer of unknown length lasts until the connection ends. */
function isWhole(text: string, method: string): boolean {
  const answer = afterContinue(text);
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const head = headOf(answer);
  const status = statusOf(answer);
  if (status === 204 || status === 304 || method === 'HEAD') return true;
  const body = answer.length - headEnd - 4;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return body >= Number(length);
  return /^transfer-encoding: *chunked/im.test(head) && answer.endsWith('0\r\n\r\n');
}
