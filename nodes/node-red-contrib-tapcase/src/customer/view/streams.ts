// Owns the open event streams (server-sent events): who watches which visit, and how much each may cost us.
import type { ServerResponse } from 'node:http';
import { Fault, type VisitView } from '@tapcase/domain';

export const LIMITS = {
  /** Each is a socket and a few kilobytes. */
  streamsMax: 1_000,
  /** A customer has a phone, perhaps two tabs and a reload that the server has not noticed yet. */
  streamsPerVisitMax: 10,
  /** A view is about 1 kB: a phone that is 64 behind is not reading. */
  bufferBytesMax: 65_536,
  /** Shorter than the minute after which proxies and mobile networks drop a silent connection. */
  heartbeatMs: 15_000,
  /** No visit lasts this long; a phone that still watches asks again. */
  ageMsMax: 3_600_000,
} as const;
export type Limits = { readonly [K in keyof typeof LIMITS]: number };

/** How soon a phone asks again when the stream breaks. */
const RETRY_MS = 2_000;

export interface Streams {
  /** Opens a stream and sends what `load` gives, unless the visit was told meanwhile. `live.too-many` at a limit. */
  open(visitId: string, response: ServerResponse, load: () => Promise<VisitView>): Promise<void>;
  /** Whether anybody watches this visit. */
  watches(visitId: string): boolean;
  /** The visits that somebody watches. */
  watched(): readonly string[];
  /** To everybody who watches this visit; ends their streams when the visit has ended. How many there were. */
  tell(view: VisitView): number;
  /** Ends the streams of a visit; the phones ask again. */
  drop(visitId: string): void;
  count(): number;
  /** Ends all streams; the phones ask again. */
  close(): void;
}

interface Stream {
  readonly response: ServerResponse;
  readonly openedAtMs: number;
  told: boolean;
}

export function createStreams(limits: Limits = LIMITS, now: () => number = Date.now): Streams {
  const watchers = new Map<string, Set<Stream>>();
  const all = () => [...watchers.values()].flatMap((set) => [...set]);
  const count = () => [...watchers.values()].reduce((sum, set) => sum + set.size, 0);

  const forget = (visitId: string, stream: Stream) => {
    const set = watchers.get(visitId);
    set?.delete(stream);
    if (set?.size === 0) watchers.delete(visitId);
  };

  const write = (stream: Stream, text: string) => {
    stream.response.write(text);
    // Node buffers without end for a reader that does not read; the phone that comes back asks again.
    if (stream.response.writableLength > limits.bufferBytesMax) stream.response.destroy();
  };

  const show = (stream: Stream, view: VisitView) => {
    stream.told = true;
    write(stream, `event: visit\ndata: ${JSON.stringify(view)}\n\n`);
    if (view.phase === 'done') stream.response.end();
  };

  const heartbeat = setInterval(() => {
    for (const stream of all()) {
      if (now() - stream.openedAtMs > limits.ageMsMax) stream.response.end();
      else write(stream, ': still here\n\n');
    }
  }, limits.heartbeatMs);
  heartbeat.unref();

  return {
    count,
    open: async (visitId, response, load) => {
      // Gone before its turn came: nobody would ever hear of its end, and it would hold a place for good.
      if (response.closed || response.destroyed) return;
      const set = watchers.get(visitId) ?? new Set();
      if (count() >= limits.streamsMax || set.size >= limits.streamsPerVisitMax) {
        throw new Fault('live.too-many', 'too many phones watch', { visitId, here: set.size });
      }
      const stream: Stream = { response, openedAtMs: now(), told: false };
      // Before the visit is read: a change between reading and watching would never be told.
      watchers.set(visitId, set.add(stream));
      response.once('close', () => forget(visitId, stream));
      try {
        const view = await load();
        begin(response);
        if (!stream.told) show(stream, view);
      } catch (thrown) {
        forget(visitId, stream);
        throw thrown;
      }
    },
    watches: (visitId) => watchers.has(visitId),
    watched: () => [...watchers.keys()],
    tell: (view) => {
      const set = watchers.get(view.id) ?? new Set();
      for (const stream of [...set]) {
        begin(stream.response);
        show(stream, view);
      }
      return set.size;
    },
    drop: (visitId) => {
      for (const { response } of watchers.get(visitId) ?? []) response.end();
    },
    close: () => {
      clearInterval(heartbeat);
      for (const { response } of all()) response.end();
    },
  };
}

/** The head, once. */
function begin(response: ServerResponse): void {
  if (response.headersSent) return;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    // no-transform keeps a compressing proxy from holding events back until its buffer is full.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
}
