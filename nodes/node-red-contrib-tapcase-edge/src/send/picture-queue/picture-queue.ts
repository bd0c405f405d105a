// Sends the pictures of visits that the cloud wants to see, one at a time, and remembers on disk which are still to go.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineNode, type Emission, fillEmpty } from '@tapcase/define-node';
import { Fault, orThrow, parsePictureFile } from '@tapcase/domain';
import type { CaseKeys } from '@tapcase/node-red-contrib-hmac';
import type { DeviceState } from '../../computer/edge/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';
import { drop, markDone, nextOf, type Queue, restoreQueue, retryAfterMs, want } from './queue.ts';
import { putPicture, type Uploaded } from './upload.ts';

const FILE = 'picture-queue';

export default defineNode({
  type: 'picture-queue',
  outputs: ['sent'],
  defaults,
  parseConfig,
  parseMessage,
  inherits: {
    from: 'state',
    type: 'tapcase-edge',
    fill: fillEmpty({ caseId: 'caseId', folder: 'snapshotsFolder', url: 'cloudUrl' }),
  },
  build: ({ caseId, folder, cloud, ...config }, node) => {
    const state = node.use<DeviceState>(config.state, 'tapcase-edge');
    const keys = node.use<CaseKeys>(config.keys, 'hmac-keys');
    let queue = restoreQueue(state.read(FILE));
    let isBusy = false;
    let tries = 0;
    let pausedUntilMs = 0;
    let saidNone = false;
    const closing = new AbortController();
    node.onClose(() => closing.abort());

    const keep = (next: Queue) => {
      if (next === queue) return;
      state.write(FILE, next);
      queue = next;
    };
    const accept = (visit: string) => {
      const { queue: next, dropped } = want(queue, visit, node.now());
      keep(next);
      if (dropped !== undefined) node.fail(new Fault('picture.too-many', `the pictures of ${dropped} are not sent`));
    };
    const send = async (visit: string, file: string): Promise<Emission<'sent'> | undefined> => {
      const parsed = parsePictureFile(file)!;
      const bytes = await readFile(join(folder, file)).catch(() => undefined);
      // Gone by age since the folder was read.
      if (bytes === undefined) return void keep(markDone(queue, visit, file));
      const [key] = orThrow(keys.keys(caseId, 'pi'));
      const picture = { caseId, ...parsed };
      const upload = { cloud: cloud!, picture, bytes, key: key!, nowMs: node.now(), signal: closing.signal };
      const uploaded = await putPicture(upload);
      if (uploaded.kind === 'later') return pause(uploaded);
      tries = 0;
      keep(markDone(queue, visit, file));
      if (uploaded.kind === 'refused') throw new Fault('picture.refused', `the cloud refuses ${file}: ${uploaded.why}`);
      return { to: 'sent', add: { sent: { visit, file } }, status: visit };
    };
    /** Said once for each outage; a day without a network is one fault, not thousands. */
    const pause = ({ why }: Extract<Uploaded, { kind: 'later' }>): undefined => {
      if (closing.signal.aborted) return undefined;
      tries += 1;
      pausedUntilMs = node.now() + retryAfterMs(tries);
      node.status(`waiting: ${why}`, 'working');
      if (tries === 1) throw new Fault('picture.unreachable', `the cloud does not take pictures: ${why}`);
      return undefined;
    };
    /** The first file of the first visit that has one to send. */
    const sendNext = async (): Promise<Emission<'sent'> | undefined> => {
      const files = await readdir(folder).catch(() => [] as string[]);
      for (const wanted of queue.wanted) {
        const { visit } = wanted;
        const next = nextOf(wanted, filesOf(files, visit), node.now());
        if (next.kind === 'send') return send(visit, next.file);
        if (next.kind === 'look-again') continue;
        keep(drop(queue, visit));
        if (next.kind === 'missing') throw new Fault('picture.missing', `no picture of ${visit} is on the card`);
        if (next.kind === 'too-late') throw new Fault('picture.too-late', `pictures of ${visit} could not be sent`);
      }
      return undefined;
    };
    return async (message) => {
      if (cloud === undefined) {
        if (message.kind === 'keep' && !saidNone)
          node.warn('no cloud is given that takes pictures: they stay on the card');
        saidNone ||= message.kind === 'keep';
        return undefined;
      }
      if (message.kind === 'keep') accept(message.visit);
      if (isBusy || queue.wanted.length === 0 || node.now() < pausedUntilMs) return undefined;
      isBusy = true;
      try {
        return await sendNext();
      } finally {
        isBusy = false;
      }
    };
  },
});

/** The pictures before their facts, so that what is shown first is a picture. */
function filesOf(files: readonly string[], visit: string): readonly string[] {
  const own = files.filter((file) => parsePictureFile(file)?.visit === visit).toSorted();
  return [...own.filter((file) => file.endsWith('.jpg')), ...own.filter((file) => !file.endsWith('.jpg'))];
}
