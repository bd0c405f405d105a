// What a test or a person may turn over HTTP: faults, weather, webhooks, the account's abilities, the clock.
import express, { type Response, type Router } from 'express';
import type { Faults } from './faults.ts';
import { badRequest, Refusal } from './refusal.ts';
import { type Delivery, MISFORTUNES, type Misfortune, type Switches } from './switches.ts';

export interface Controls {
  readonly faults: Faults;
  readonly switches: Switches;
  advance(ms: number): void;
  deliver(delivery: Delivery): void;
  dispute(intent: string): void;
}

type Body = Readonly<Record<string, unknown>>;

/** A year: nothing here waits longer. */
const ADVANCE_MS_MAX = 366 * 86_400_000;
const TIMES_MAX = 10_000;
const SLOW_MS_MAX = 120_000;
const PATTERN_LENGTH_MAX = 200;

export function createControls({ faults, switches, advance, deliver, dispute }: Controls): Router {
  const router = express.Router();
  const at = (path: string, change: (body: Body) => void) =>
    router.post(path, express.json({ limit: '4kb' }), (request, response) => {
      answer(response, () => change((request.body ?? {}) as Body));
    });
  at('/sim/fail', (body) => {
    const times = whole(body.times ?? 1, 1, TIMES_MAX);
    const skip = whole(body.skip ?? 0, 0, TIMES_MAX);
    const plan = { misfortune: misfortuneOf(body.misfortune), times, skip, ...matchingOf(body), ...slowMsOf(body) };
    faults.add({ ...plan, ...shouldRetryOf(body) });
  });
  at('/sim/weather', (body) => {
    const { probability = 0, kinds = [], seed } = body;
    const share = Number(probability);
    if (!(share >= 0 && share <= 1) || !Array.isArray(kinds)) throw badRequest('probability from 0 to 1, kinds a list');
    const more = seed === undefined ? {} : { seed: whole(seed, 0, 2 ** 32 - 1) };
    const weather = { probability: share, kinds: kinds.map(misfortuneOf), ...more };
    faults.setWeather({ ...weather, ...matchingOf(body), ...slowMsOf(body) });
  });
  router.get('/sim/fail', (_request, response) => void response.json({ met: faults.met, planned: faults.planned() }));
  router.delete('/sim/fail', (_request, response) => answer(response, () => faults.clear()));
  at('/sim/webhooks', (body) => deliver(deliveryOf(body)));
  at('/sim/switches', (body) => turn(switches, body));
  at('/sim/dispute', ({ payment_intent: intent }) => dispute(String(intent)));
  at('/sim/clock', ({ advanceMs }) => advance(whole(advanceMs, 0, ADVANCE_MS_MAX)));
  return router;
}

function turn(switches: Switches, { increments, overcapturePercent, partialCapture }: Body): void {
  const isShape = partialCapture === 'released' || partialCapture === 'refunded';
  if (partialCapture !== undefined && !isShape) throw badRequest('partialCapture: released or refunded');
  if (increments !== undefined && typeof increments !== 'boolean') throw badRequest('increments: true or false');
  const percent = overcapturePercent === undefined ? switches.overcapturePercent : whole(overcapturePercent, 0, 100);
  switches.overcapturePercent = percent;
  if (isShape) switches.partialCapture = partialCapture;
  if (increments !== undefined) switches.increments = increments;
}

function misfortuneOf(value: unknown): Misfortune {
  const found = MISFORTUNES.find((each) => each === value);
  if (found === undefined) throw badRequest(`misfortune: one of ${MISFORTUNES.join(', ')}`, { param: 'misfortune' });
  return found;
}

function matchingOf({ matching }: Body): { matching?: RegExp } {
  if (matching === undefined) return {};
  if (typeof matching !== 'string' || matching.length > PATTERN_LENGTH_MAX)
    throw badRequest('matching: a short pattern');
  try {
    return { matching: new RegExp(matching) };
  } catch {
    throw badRequest('matching: not a pattern', { param: 'matching' });
  }
}

function slowMsOf({ slowMs }: Body): { slowMs?: number } {
  return slowMs === undefined ? {} : { slowMs: whole(slowMs, 0, SLOW_MS_MAX) };
}

function shouldRetryOf({ shouldRetry }: Body): { shouldRetry?: boolean | null } {
  if (shouldRetry === undefined) return {};
  if (shouldRetry === null || typeof shouldRetry === 'boolean') return { shouldRetry };
  throw badRequest('shouldRetry: true, false or null');
}

function deliveryOf({ kind, ms, batch, windowMs }: Body): Delivery {
  switch (kind) {
    case 'normal':
    case 'twice':
    case 'never':
      return { kind };
    case 'late':
      return { kind, ms: whole(ms, 0, 3_600_000) };
    case 'shuffled': {
      const window = windowMs === undefined ? {} : { windowMs: whole(windowMs, 0, 60_000) };
      return { kind, batch: whole(batch ?? 1_000, 2, 1_000), ...window };
    }
    default:
      throw badRequest('kind: one of normal, late, twice, shuffled, never', { param: 'kind' });
  }
}

function whole(value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw badRequest(`wants a whole number from ${min} to ${max}`);
}

function answer(response: Response, work: () => void): void {
  try {
    work();
    response.status(204).end();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    response.status(thrown.status).json({ error: thrown.body });
  }
}
