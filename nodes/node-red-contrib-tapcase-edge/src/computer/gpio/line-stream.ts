// A simulated line over HTTP: followed as server-sent events `line` with 0 or 1.
import { Fault } from '@tapcase/domain';
import type { Level } from './line.ts';

/** Resolves when the stream has ended; rejects when there was none. */
export async function readStream(url: string, signal: AbortSignal, onLevel: (level: Level) => void): Promise<void> {
  const response = await fetch(url, { signal, headers: { accept: 'text/event-stream' } });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw unreachable(`status ${response.status}`);
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

export function unreachable(why: string, cause?: unknown): Fault {
  return new Fault('gpio.unreachable', `the line’s server: ${why}`, {}, cause);
}
