// A stand-in for a browser's push service: takes encrypted messages and lets a test or the demo see that they came.
import { Router, raw } from 'express';

export interface Delivery {
  readonly atMs: number;
  readonly ttlSeconds: number;
  readonly topic: string | null;
  /** Base64url; only the subscription's owner can read it. */
  readonly body: string;
}

const TOKENS_MAX = 100;
const DELIVERIES_MAX = 50;
/** RFC 8030 lets a service stop at 4,096 bytes, and most do. */
const BODY_BYTES_MAX = 4096;
const TOKEN = /^[A-Za-z0-9_-]{8,64}$/;

export function pushService(now: () => number = Date.now): Router {
  const deliveries = new Map<string, Delivery[]>();
  const router = Router();
  router.post('/push/:token', raw({ type: () => true, limit: BODY_BYTES_MAX }), (request, response) => {
    const { token } = request.params;
    if (!TOKEN.test(token)) return void response.sendStatus(404);
    const known = deliveries.get(token) ?? [];
    if (!deliveries.has(token) && deliveries.size >= TOKENS_MAX) return void response.sendStatus(503);
    known.push({
      atMs: now(),
      ttlSeconds: Number(request.get('ttl') ?? 0),
      topic: request.get('topic') ?? null,
      body: Buffer.isBuffer(request.body) ? request.body.toString('base64url') : '',
    });
    deliveries.set(token, known.slice(-DELIVERIES_MAX));
    response.status(201).location(`/sim/push/${token}`).end();
  });
  router.get('/sim/push/:token', (request, response) => {
    response.json(deliveries.get(request.params.token) ?? []);
  });
  return router;
}
