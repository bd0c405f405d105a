// Keeps one visit up to date: asks once, then listens, and asks again whenever the line breaks or the phone wakes.
import type { VisitView } from '@tapcase/domain/protocol';
import { ApiFault, api, openVisitStream } from './api.ts';

export interface VisitWatcher {
  readonly visit: (visit: VisitView) => void;
  /** True while the cloud cannot be reached. */
  readonly lost: (lost: boolean) => void;
  /** There is nothing to watch: not signed in, or not this customer's visit. */
  readonly refused: (fault: ApiFault) => void;
}

/** First second, then doubled: a modem's hiccup is short, and an outage is not helped by asking. */
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000] as const;

/** Watches until the visit is done or the returned function is called. */
export function watchVisit(id: string, watcher: VisitWatcher): () => void {
  let stream: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let ended = false;
  /** Each look has a number; an answer that a later look overtook is dropped. */
  let round = 0;

  async function look(): Promise<void> {
    hangUp();
    const mine = ++round;
    const answer = await api.visit(id);
    if (ended || mine !== round) return;
    if (!(answer instanceof ApiFault)) {
      tell(answer);
      if (!ended) listen();
    } else if (answer.outcomeUnknown || answer.status === 429) {
      watcher.lost(true);
      lookLater();
    } else {
      stop();
      watcher.refused(answer);
    }
  }

  function listen(): void {
    stream = openVisitStream(id);
    stream.addEventListener('visit', ({ data }: MessageEvent<string>) => tell(JSON.parse(data) as VisitView));
    stream.addEventListener('error', lookLater);
  }

  function tell(visit: VisitView): void {
    failures = 0;
    watcher.lost(false);
    watcher.visit(visit);
    if (visit.phase === 'done') stop();
  }

  function lookLater(): void {
    hangUp();
    retry = setTimeout(look, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
  }

  function hangUp(): void {
    clearTimeout(retry);
    stream?.close();
    stream = null;
  }

  // A sleeping phone keeps a stream that looks open and is dead.
  function wake(): void {
    if (document.visibilityState === 'visible') void look();
  }

  function stop(): void {
    ended = true;
    hangUp();
    document.removeEventListener('visibilitychange', wake);
    removeEventListener('online', wake);
  }

  document.addEventListener('visibilitychange', wake);
  addEventListener('online', wake);
  void look();
  return stop;
}
