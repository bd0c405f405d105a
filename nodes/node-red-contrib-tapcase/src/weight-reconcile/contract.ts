// What weight-reconcile needs of a message: the visit with its frozen catalog, and the evidence.
import type { Visit } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import { incomplete, requiredVisit } from '../messages.ts';
import type { Evidence } from '../store/port.ts';

export const defaults = {
  name: { value: '' },
} as const;

export function parseConfig(): Record<string, never> {
  return {};
}

export function parseMessage(raw: unknown): { readonly visit: Visit; readonly evidence: Evidence } {
  const { evidence } = asFields(raw);
  if (!Array.isArray(asFields(evidence).door)) throw incomplete('evidence');
  return { visit: requiredVisit(raw), evidence: evidence as Evidence };
}
