// Vision reports, signed, kept on disk until the cloud has acked them.
import { randomBytes } from 'node:crypto';
import { Fault, orThrow, sealFrame, topicOf, type VisionReport } from '@tapcase/domain';
import { type CaseKeys, hmacSha256 } from '@tapcase/node-red-contrib-hmac';
import type { DeviceState } from '../../computer/edge/contract.ts';
import type { CarriedFrame } from '../carrier/frame.ts';
import { acknowledge, enqueue, numbered, type Queue, restoreQueue, takeDue } from './queue.ts';

/** The name of the file, as earlier releases wrote it. */
const FILE = 'report-queue';

export interface ReportsOptions {
  readonly caseId: string;
  readonly state: DeviceState;
  readonly keys: CaseKeys;
  readonly now: () => number;
}

export interface Reports {
  /**
   * Numbered and on the card when it returns; which report a full queue gave up for it. Throws `payload.invalid`,
   * `frame.too-long`, `keys.unknown-device`, `state.unwritable`.
   */
  accept(report: Readonly<Record<string, unknown>>): Fault | undefined;
  acknowledge(of: number): void;
  /** A portion of what is due. */
  takeDue(): readonly CarriedFrame[];
  waiting(): number;
}

export function openReports({ caseId, state, keys, now }: ReportsOptions): Reports {
  const topic = topicOf(caseId, 'vision');
  // On the card with the first report that says it: none goes out before it was kept.
  let queue = restoreQueue(state.read(FILE), now(), randomBytes(8).toString('hex'));
  const keep = (next: Queue) => {
    state.write(FILE, next);
    queue = next;
  };
  const seal = (payload: VisionReport): Buffer => {
    const [key] = orThrow(keys.keys(caseId, 'pi'));
    return Buffer.from(orThrow(sealFrame({ topic, payload, key: key!, hmac: hmacSha256 })));
  };
  return {
    accept: (report) => {
      const payload = orThrow(numbered(queue, report, now()));
      // Who made it was killed before it could know that it had arrived.
      if (queue.reported.includes(payload.id)) return undefined;
      // Sealed once before it is kept: one that fits no frame would stand in the way of all the others for ever.
      seal(payload);
      const { queue: next, dropped } = enqueue(queue, payload, now());
      keep(next);
      if (dropped === undefined) return undefined;
      const { seq } = dropped.payload;
      return new Fault('report.too-many', `report ${seq} was dropped`, { seq });
    },
    acknowledge: (of) => {
      const next = acknowledge(queue, of);
      if (next !== queue) keep(next);
    },
    takeDue: () => {
      const { queue: next, due } = takeDue(queue, now());
      // Tries are not worth a write to the card: after a restart everything is due again.
      queue = next;
      return due.map(({ payload }) => ({ topic, payload: seal(payload) }));
    },
    waiting: () => queue.waiting.length,
  };
}
