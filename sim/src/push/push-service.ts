// A stand-in for a browser's push service: takes encrypted messages and lets a test or the demo see that they came.
import { type NextFunction, type Request, type Response, Router } from 'express';

export interface Delivery {
  readonly atMs: number;
  readonly ttlSeconds: number;
  readonly topic: string | null;
  readonly urgency: string | null;
  /** Base64url; only the subscription's owner can read it. */
  readonly body: string;
}

/** A demo has a phone or two; the oldest subscription is forgotten first. */
const TOKENS_MAX = 100;
const DELIVERIES_MAX = 50;
/** RFC 8030 lets a service stop at 4,096 bytes, and most do. */
const BODY_BYTES_MAX = 4096;
const TOKEN = /^[A-Za-z0-9_-]{8,64}$/;

export function pushService(now: () => number = Date.now): Router {
  const deliveries = new Map<string, Delivery[] | 'gone'>();
  const keep = (token: string, value: Delivery[] | 'gone') => {
    deliveries.delete(token);
    deliveries.set(token, value);
    if (deliveries.size > TOKENS_MAX) deliveries.delete(deliveries.keys().next().value!);
  };
  const router = Router();
  router.post('/push/:token', readBody, (request: Request<{ token: string }>, response) => {
    const { token } = request.params;
    if (!TOKEN.test(token)) return void response.sendStatus(404);
    const known = deliveries.get(token) ?? [];
    if (known === 'gone') return void response.sendStatus(410);
    // RFC 8292: a subscription made with an application server's key takes nothing unsigned.
    if (!request.get('authorization')?.startsWith('vapid ')) return void response.sendStatus(401);
    // RFC 8030, section 5.2: without a TTL the message is refused.
    const ttl = request.get('ttl') ?? '';
    if (!/^\d{1,9}$/.test(ttl)) return void response.sendStatus(400);
    const delivery: Delivery = {
      atMs: now(),
      ttlSeconds: Number(ttl),
      topic: request.get('topic') ?? null,
      urgency: request.get('urgency') ?? null,
      body: (request.body as Buffer).toString('base64url'),
    };
    keep(token, [...known, delivery].slice(-DELIVERIES_MAX));
    response.status(201).location(`/sim/push/${token}`).end();
  });
  router.get('/sim/push/:token', (request, response) => {
    const known = deliveries.get(request.params.token) ?? [];
    response.json(known === 'gone' ? [] : known);
  });
  /** The phone was thrown away: the service answers 410 from now on. */
  router.delete('/sim/push/:token', (request, response) => {
    if (!TOKEN.test(request.params.token)) return void response.sendStatus(404);
    keep(request.params.token, 'gone');
    response.sendStatus(204);
  });
  return router;
}

/** Express's own readers refuse the content-encoding aes128gcm, which is not theirs to undo. */
function readBody(request: Request, response: Response, next: NextFunction): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= BODY_BYTES_MAX) chunks.push(chunk);
  });
  request.once('end', () => {
    if (length > BODY_BYTES_MAX) return void response.sendStatus(413);
    request.body = Buffer.concat(chunks);
    next();
  });
}
