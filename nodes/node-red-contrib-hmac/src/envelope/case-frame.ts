// Reads a verified frame of one channel off a message: for the nodes that record what a case reports.

import { asFields, incomplete } from '@tapcase/define-node';
import { type Channel, Fault } from '@tapcase/domain';

export interface CaseFrame<T> {
  readonly caseId: string;
  readonly report: T;
}

/** Throws `message.incomplete` without a frame, `frame.wrong-channel` for another channel's; else what `parse` says. */
export function caseFrame<T>(
  raw: unknown,
  channel: Channel,
  parse: (value: unknown) => T | Fault,
): CaseFrame<T> | Fault {
  const { frame } = asFields(raw);
  const { caseId, channel: given, payload } = asFields(frame);
  if (typeof caseId !== 'string') throw incomplete('frame');
  if (given !== channel) return new Fault('frame.wrong-channel', `wants ${channel}, got ${String(given)}`);
  const report = parse(payload);
  return report instanceof Fault ? report : { caseId, report };
}
