// What a person can do at a simulated case, over HTTP: open and close, take and put back, look through its cameras, and
// make it trouble.
import { json, type Request, type Response, Router } from 'express';
import type { Cabinet, Refusal } from '../shelf/cabinet.ts';
import type { Renderer } from '../shelf/renderer.ts';
import { caseCameras } from './case-cameras.ts';
import { parseConditions } from './conditions.ts';
import { refuse } from './refuse.ts';
import type { CaseControls, CloudHands, ControllerFace, SimState } from './types.ts';

export interface CaseApiOptions {
  readonly caseId: string;
  readonly cabinet: Cabinet;
  readonly face: () => ControllerFace;
  readonly controls: CaseControls;
  /** Where the ledger of its cloud is at hand. */
  readonly cloud?: CloudHands;
  readonly renderer: Renderer;
  /** Calls back after every change of cabinet or face. */
  readonly onChange: (listener: () => void) => () => void;
  readonly changed: () => void;
}

/** A browser page or a demo each hold one; more is a leak. */
const STREAMS_MAX = 50;
/** A reader this far behind has gone to sleep; it connects again when it wakes. */
const STREAM_BEHIND_BYTES_MAX = 256 * 1024;
const COUNT_MAX = 36;

type Refused = Refusal | 'sim.dark' | 'sim.no-cloud' | 'sim.cloud-busy' | 'sim.no-copy';
const WORDS: Readonly<Record<Refused, string>> = {
  'sim.locked': 'The door is locked.',
  'sim.door-closed': 'The door is closed.',
  'sim.none-left': 'There is not that much left.',
  'sim.not-in-hand': 'Nobody holds that.',
  'sim.dark': 'The controller has no power.',
  'sim.no-cloud': 'No ledger of a cloud is at hand here.',
  'sim.cloud-busy': 'Somebody is at the ledger already.',
  'sim.no-copy': 'There is no copy of the ledger.',
};

export function caseApi(options: CaseApiOptions): Router {
  const { caseId, cabinet, face, controls, cloud, renderer, onChange, changed } = options;
  const router = Router({ mergeParams: true });
  let streams = 0;
  const cameras = caseCameras(cabinet, renderer);
  router.use(json({ limit: '2kb' }));
  router.use((request: Request<{ id?: string }>, response, next) => {
    if (request.params.id === caseId) next();
    else refuse(response, 404, 'case.unknown', 'There is no such case.');
  });

  const state = (): SimState => {
    const { locked, ready, led, buzzer, oled } = face();
    const show = ({ item, sku, slot }: { item: number; sku: string; slot: number }) => ({ item, sku, slot });
    return {
      id: caseId,
      door: cabinet.doorOpen() ? 'open' : 'closed',
      locked,
      ready,
      shelf: cabinet.items().map(show),
      hand: cabinet.hand().map(show),
      covered: cameras.switches().covered,
      cameras: cameras.switches(),
      massGrams: Math.round(cabinet.massGrams() * 10) / 10,
      led,
      buzzer,
      oled: Buffer.from(oled).toString('base64'),
      conditions: controls.conditions(),
      dark: controls.dark(),
      log: controls.log(),
      cloud: cloud?.now() ?? null,
    };
  };

  /** A stream of one kind of event: at once, and after every change that shows. */
  const stream = (event: string, read: () => string) => (request: Request, response: Response) => {
    if (streams >= STREAMS_MAX) return refuse(response, 503, 'sim.too-many', 'Too many streams.');
    streams += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    let last: string | undefined;
    const tell = () => {
      const data = read();
      if (data === last) return;
      last = data;
      if (response.writableLength > STREAM_BEHIND_BYTES_MAX) return void response.destroy();
      response.write(`event: ${event}\ndata: ${data}\n\n`);
    };
    tell();
    const stop = onChange(tell);
    request.once('close', () => {
      streams -= 1;
      stop();
    });
  };

  const act =
    (action: (body: Record<string, unknown>) => Refused | undefined | 'bad') =>
    (request: Request, response: Response) => {
      const refusal = action((request.body ?? {}) as Record<string, unknown>);
      if (refusal === 'bad') return refuse(response, 400, 'sim.bad-request', 'The request is malformed.');
      if (refusal !== undefined) return refuse(response, 409, refusal, WORDS[refusal]);
      changed();
      response.json(state());
    };

  router.get('/', (_request, response) => void response.json(state()));
  router.get(
    '/events',
    stream('state', () => JSON.stringify(state())),
  );
  router.get(
    '/line',
    stream('line', () => String(face().line)),
  );
  router.post(
    '/door',
    act(({ open }) => (typeof open === 'boolean' ? cabinet.moveDoor(open) : 'bad')),
  );
  router.post(
    '/take',
    act((body) =>
      move(
        body,
        (sku, count) => cabinet.take(sku, count),
        (item) => cabinet.takeItem(item),
      ),
    ),
  );
  router.post(
    '/put-back',
    act((body) =>
      move(
        body,
        (sku, count) => cabinet.putBack(sku, count),
        (item) => cabinet.putBackItem(item),
      ),
    ),
  );
  router.post(
    '/cameras',
    act((body) => (cameras.switch(body) ? undefined : 'bad')),
  );
  router.post(
    '/conditions',
    act((body) => {
      const wanted = parseConditions(body);
      if (wanted === undefined) return 'bad';
      controls.change(wanted);
      return undefined;
    }),
  );
  router.post(
    '/brown-out',
    act((body) => {
      if (Object.keys(body).length > 0) return 'bad';
      return controls.brownOut() ? undefined : 'sim.dark';
    }),
  );
  router.post(
    '/board',
    act((body) => {
      if (Object.keys(body).length > 0) return 'bad';
      controls.swapBoard();
      return undefined;
    }),
  );
  const atLedger = (needsCopy: boolean, order: (hands: CloudHands) => void) =>
    act((body) => {
      if (Object.keys(body).length > 0) return 'bad';
      if (cloud === undefined) return 'sim.no-cloud';
      if (cloud.now().isBusy) return 'sim.cloud-busy';
      if (needsCopy && cloud.now().copiedAtMs === null) return 'sim.no-copy';
      order(cloud);
      return undefined;
    });
  router.post(
    '/ledger/copy',
    atLedger(false, (hands) => hands.copy()),
  );
  router.post(
    '/ledger/put-back',
    atLedger(true, (hands) => hands.putBack()),
  );
  router.get('/camera/:number', cameras.still);
  router.get('/camera/:number/stream', cameras.stream);
  return router;
}

/** One piece by its number, or some of a kind. */
function move(
  { sku, count = 1, item }: Record<string, unknown>,
  some: (sku: string, count: number) => Refusal | undefined,
  one: (item: number) => Refusal | undefined,
): Refusal | undefined | 'bad' {
  if (typeof item === 'number') return one(item);
  if (typeof sku !== 'string' || typeof count !== 'number') return 'bad';
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX) return 'bad';
  return some(sku, count);
}
