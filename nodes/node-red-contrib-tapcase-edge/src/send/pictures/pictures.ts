// The pictures of visits that the cloud wants to see, sent one at a time; which are still to go is remembered on disk.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configText, Fault, invalidProperty, phrase } from '@tapcase/define-node';
import { isLoopback, orThrow, parsePictureFile } from '@tapcase/domain';
import type { CaseKeys } from '@tapcase/node-red-contrib-hmac';
import type { DeviceState } from '../../computer/edge/contract.ts';
import { drop, markDone, nextOf, type Queue, restoreQueue, retryAfterMs, want } from './queue.ts';
import { putPicture, type Uploaded } from './upload.ts';

/** The name of the file, as earlier releases wrote it. */
const FILE = 'picture-queue';

export interface PicturesConfig {
  readonly folder: string;
  /** Origin of the cloud; undefined: pictures stay on the card. */
  readonly cloud: string | undefined;
}

export interface PicturesOptions extends PicturesConfig {
  readonly caseId: string;
  readonly state: DeviceState;
  readonly keys: CaseKeys;
  readonly now: () => number;
  /** What a person should read once, and nobody needs to do anything about. */
  readonly warn: (text: string) => void;
}

/** `msg.sent` */
export interface SentPicture {
  readonly visit: string;
  readonly file: string;
}

export interface OutgoingPictures {
  /** On the card when it returns; what was given up for it. Throws `state.unwritable`. */
  want(visit: string): Fault | undefined;
  /**
   * Sends the first file of the first visit that has one, unless one is on its way or the cloud is left alone. Rejects
   * with `picture.unreachable` (once in an outage), `picture.refused`, `picture.missing`, `picture.too-late`.
   */
  sendNext(): Promise<SentPicture | undefined>;
  /** Visits. */
  waiting(): number;
  close(): void;
}

export function openPictures({ caseId, folder, cloud, state, keys, now, warn }: PicturesOptions): OutgoingPictures {
  let queue = restoreQueue(state.read(FILE));
  let isBusy = false;
  let tries = 0;
  let pausedUntilMs = 0;
  let saidNone = false;
  const closing = new AbortController();

  const keep = (next: Queue) => {
    if (next === queue) return;
    state.write(FILE, next);
    queue = next;
  };
  const send = async (origin: string, { visit, file }: SentPicture): Promise<SentPicture | undefined> => {
    const parsed = parsePictureFile(file)!;
    const bytes = await readFile(join(folder, file)).catch(() => undefined);
    // Gone by age since the folder was read.
    if (bytes === undefined) return void keep(markDone(queue, visit, file));
    const [key] = orThrow(keys.keys(caseId, 'pi'));
    const picture = { caseId, ...parsed };
    const upload = { cloud: origin, picture, bytes, key: key!, nowMs: now(), signal: closing.signal };
    const uploaded = await putPicture(upload);
    if (uploaded.kind === 'later') return pause(uploaded);
    tries = 0;
    keep(markDone(queue, visit, file));
    if (uploaded.kind === 'refused') {
      const { why } = uploaded;
      throw new Fault('picture.refused', `the cloud refuses ${file}: ${why}`, { file, why });
    }
    return { visit, file };
  };
  /** Said once for each outage; a day without a network is one fault, not thousands. */
  const pause = ({ why }: Extract<Uploaded, { kind: 'later' }>): undefined => {
    if (closing.signal.aborted) return undefined;
    tries += 1;
    pausedUntilMs = now() + retryAfterMs(tries);
    if (tries === 1) throw new Fault('picture.unreachable', `the cloud does not take pictures: ${why}`, { why });
    return undefined;
  };
  /** The first file of the first visit that has one to send. */
  const sendFirst = async (origin: string): Promise<SentPicture | undefined> => {
    const files = await readdir(folder).catch(() => [] as string[]);
    for (const wanted of queue.wanted) {
      const { visit } = wanted;
      const next = nextOf(wanted, filesOf(files, visit), now());
      if (next.kind === 'send') return send(origin, { visit, file: next.file });
      if (next.kind === 'look-again') continue;
      keep(drop(queue, visit));
      if (next.kind === 'missing')
        throw new Fault('picture.missing', `no picture of ${visit} is on the card`, { visit });
      if (next.kind === 'too-late')
        throw new Fault('picture.too-late', `pictures of ${visit} could not be sent`, { visit });
    }
    return undefined;
  };
  return {
    want: (visit) => {
      if (cloud === undefined) {
        if (!saidNone) warn('no cloud is given that takes pictures: they stay on the card');
        saidNone = true;
        return undefined;
      }
      const { queue: next, dropped } = want(queue, visit, now());
      keep(next);
      if (dropped === undefined) return undefined;
      return new Fault('picture.too-many', `the pictures of ${dropped} are not sent`, { visit: dropped });
    },
    sendNext: async () => {
      if (cloud === undefined || isBusy || queue.wanted.length === 0 || now() < pausedUntilMs) return undefined;
      isBusy = true;
      try {
        return await sendFirst(cloud);
      } finally {
        isBusy = false;
      }
    },
    waiting: () => (cloud === undefined ? 0 : queue.wanted.length),
    close: () => closing.abort(),
  };
}

export function parsePictures(raw: unknown): PicturesConfig | Fault {
  const folder = configText(raw, 'folder');
  if (folder === '') return invalidProperty('folder', phrase('wants a path, or none'));
  const cloud = originOf(configText(raw, 'url'));
  return cloud instanceof Fault ? cloud : { folder, cloud };
}

/** A signature keeps a picture from being changed on its way, not from being seen: that takes TLS. */
function originOf(text: string): string | undefined | Fault {
  if (text === 'none') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return invalidProperty('cloudUrl', phrase('wants an https address, or none'));
  }
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return url.origin;
  return invalidProperty('cloudUrl', phrase('wants https, as pictures do not travel in the open'));
}

/** The pictures before their facts, so that what is shown first is a picture. */
function filesOf(files: readonly string[], visit: string): readonly string[] {
  const own = files.filter((file) => parsePictureFile(file)?.visit === visit).toSorted();
  return [...own.filter((file) => file.endsWith('.jpg')), ...own.filter((file) => !file.endsWith('.jpg'))];
}
