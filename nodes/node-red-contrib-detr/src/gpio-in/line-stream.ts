// Follows a simulated line: server-sent events `line` with 0 or 1, with a new try whenever the stream ends.
import { Fault } from '@tapcase/domain';

export interface LineListener {
  readonly onLevel: (level: 0 | 1) => void;
  /** `gpio.unreachable`, once in an outage. */
  readonly onLost: (fault: Fault) => void;
}

const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 10_000;

/** Runs until the returned function is called. */
export function followLine(url: string, { onLevel, onLost }: LineListener): () => void {
  const abort = new AbortController();
  void (async () => {
    let waitMs = RETRY_MS_MIN;
    let failures = 0;
    while (!abort.signal.aborted) {
      try {
        await readLevels(url, abort.signal, (level) => {
          waitMs = RETRY_MS_MIN;
          failures = 0;
          onLevel(level);
        });
      } catch {
        // Lost or never there: the wait below is the answer to both.
      }
      if (abort.signal.aborted) return;
      failures += 1;
      // A stream that is back at the first try was no outage.
      if (failures === 2) onLost(new Fault('gpio.unreachable', 'the line cannot be followed'));
      await pause(waitMs, abort.signal);
      waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
    }
  })();
  return () => abort.abort();
}

async function readLevels(url: string, signal: AbortSignal, onLevel: (level: 0 | 1) => void): Promise<void> {
  const response = await fetch(url, { signal, headers: { accept: 'text/event-stream' } });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    return;
  }
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).replaceAll('\r\n', '\n').split('\n\n');
    // An event is a few bytes; what grows without an end is none.
    rest = (events.pop() ?? '').slice(-1_000);
    for (const event of events) {
      const [, level] = /^data: ([01])$/m.exec(event) ?? [];
      if (level !== undefined) onLevel(level === '1' ? 1 : 0);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
