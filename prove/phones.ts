// The customers' phones: a push service that opens each receipt, and taps that are repeated until they are answered.
import { createECDH, randomBytes } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import type { PushSubscription } from '../ledger/src/port.ts';

const require = createRequire(import.meta.url);
// CommonJS without types: the decrypting half of RFC 8188.
const ece = require('http_ece') as { decrypt(body: Buffer, options: object): Buffer };

export interface Phones {
  /** Visit id to the distinct receipts that were shown for it. */
  readonly receipts: ReadonlyMap<string, ReadonlySet<string>>;
  subscription(customerId: string): PushSubscription;
  close(): Promise<void>;
}

/** All phones share a key pair; the address tells them apart. */
export async function startPhones(port: number): Promise<Phones> {
  const keys = createECDH('prime256v1');
  const p256dh = keys.generateKeys().toString('base64url');
  const secret = randomBytes(16);
  const receipts = new Map<string, Set<string>>();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const options = { version: 'aes128gcm', privateKey: keys, authSecret: secret };
      const shown = ece.decrypt(Buffer.concat(chunks), options).toString('utf8');
      const { navigate } = (JSON.parse(shown) as { notification: { navigate: string } }).notification;
      const visitId = navigate.split('/').at(-1)!;
      receipts.set(visitId, (receipts.get(visitId) ?? new Set()).add(shown));
      response.writeHead(201).end();
    });
  });
  await listen(server, port);
  return {
    receipts,
    subscription: (customerId) => ({
      endpoint: `http://127.0.0.1:${port}/push/${customerId}`,
      p256dh,
      auth: secret.toString('base64url'),
      language: 'en',
    }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

export interface Tap {
  /** Of the instances; a phone that asks again asks the next one, as a balancer has it. */
  readonly shopUrls: readonly string[];
  /** Which of them it asks first; the first one where nothing is said. */
  readonly first?: number;
  readonly caseId: string;
  readonly cookie: string;
  readonly requestId: string;
  readonly address: string;
}

export type TapAnswer =
  | { readonly kind: 'in'; readonly visitId: string }
  /** A definite no with its code. */
  | { readonly kind: 'no'; readonly code: string }
  /** Neither, until the patience ended: the visit may exist. */
  | { readonly kind: 'nothing' };

/** A connection on which nothing comes for so long is given up, and the tap repeated. */
const SILENCE_MS_MAX = 60_000;
const AGAIN_MS = 150;
/** Answers after which the phone asks again, with the same id. */
const AGAIN_CODES = new Set(['case.busy', 'case.offline', 'node.bug', 'api.too-many']);

/** The phone repeats the same tap until the customer's patience ends: whatever breaks in between, it is one visit. */
export async function tap(
  { shopUrls, first = 0, caseId, cookie, requestId, address }: Tap,
  isPatient: () => boolean,
): Promise<TapAnswer> {
  let turn = first;
  let answer: TapAnswer = { kind: 'nothing' };
  while (isPatient()) {
    answer = await ask();
    if (answer.kind === 'in' || (answer.kind === 'no' && !AGAIN_CODES.has(answer.code))) return answer;
    await setTimeout(AGAIN_MS);
  }
  return answer;

  async function ask(): Promise<TapAnswer> {
    try {
      const shopUrl = shopUrls[turn % shopUrls.length];
      turn += 1;
      const { status, text } = await post(
        `${shopUrl}/api/cases/${caseId}/unlock`,
        { cookie, address },
        { requestId, language: 'en' },
      );
      const body = JSON.parse(text) as { id?: string; error?: { code: string } };
      if (status === 200 && body.id !== undefined) return { kind: 'in', visitId: body.id };
      const code = body.error?.code ?? String(status);
      return status < 500 || code === 'node.bug' ? { kind: 'no', code } : { kind: 'nothing' };
    } catch {
      return { kind: 'nothing' };
    }
  }
}

/** Each phone has an address of its own, or the shop would take them all for one that asks too often. */
function post(
  url: string,
  { cookie, address }: Pick<Tap, 'cookie' | 'address'>,
  body: object,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', cookie };
    const bytes = Buffer.from(JSON.stringify(body));
    const sent = request(
      url,
      {
        method: 'POST',
        localAddress: address,
        agent: false,
        timeout: SILENCE_MS_MAX,
        headers: { ...headers, 'content-length': bytes.length },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.end(bytes);
  });
}

/** Linux answers on the whole of 127.0.0.0/8. */
export function phoneAddress(number: number): string {
  return `127.0.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
}
