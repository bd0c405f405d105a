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
}

type Body = Readonly<Record<string, unknown>>;

/** A year: nothing here waits longer. */
const ADVANCE_MS_MAX = 366 * 86_400_000;
const TIMES_MAX = 10_000;

export function createControls(controls: Controls): Router {
  const router = express.Router();
  const at = (path: string, change: (body: Body) => void) =>
    router.post(path, express.json({ limit: '4kb' }), (request, response) => {
      answer(response, () => change((request.body ?? {}) as Body));
    });
  at('/sim/fail', ({ misfortune, times = 1, matching = '.' }) => {
    controls.faults.add(misfortuneOf(misfortune), whole(times, 1, TIMES_MAX), new RegExp(String(matching)));
  });
  at('/sim/weather', ({ probability = 0, kinds = [], slowMs }) => {
    const share = Number(probability);
    if (!(share >= 0 && share <= 1) || !Array.isArray(kinds)) throw badRequest('probability from 0 to 1, kinds a list');
    const more = slowMs === undefined ? {} : { slowMs: whole(slowMs, 0, 120_000) };
    controls.faults.setWeather({ probability: share, kinds: kinds.map(misfortuneOf), ...more });
  });
  at('/sim/webhooks', (body) => controls.deliver(deliveryOf(body)));
  at('/sim/switches', ({ increments, overcapturePercent, partialCapture }) => {
    const { switches } = controls;
    if (increments !== undefined) switches.increments = increments === true;
    if (overcapturePercent !== undefined) switches.overcapturePercent = whole(overcapturePercent, 0, 100);
    if (partialCapture === 'released' || partialCapture === 'refunded') switches.partialCapture = partialCapture;
  });
  at('/sim/clock', ({ advanceMs }) => controls.advance(whole(advanceMs, 0, ADVANCE_MS_MAX)));
  return router;
}

function misfortuneOf(value: unknown): Misfortune {
  const found = MISFORTUNES.find((each) => each === value);
  if (found === undefined) throw badRequest(`misfortune: one of ${MISFORTUNES.join(', ')}`, { param: 'misfortune' });
  return found;
}

function deliveryOf({ kind, ms, batch }: Body): Delivery {
  switch (kind) {
    case 'normal':
    case 'twice':
    case 'never':
      return { kind };
    case 'late':
      return { kind, ms: whole(ms, 0, 3_600_000) };
    case 'shuffled':
      return { kind, batch: whole(batch, 2, 1_000) };
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
