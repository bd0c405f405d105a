// What a customer asks of a visit: why this money, why none, or what was seen where something waits to be paid.
import type { WhyView } from '@tapcase/domain/protocol';
import type { Words } from '../words.ts';

export function whyQuestion({ chargedMinor, lines }: Pick<WhyView, 'chargedMinor' | 'lines'>, words: Words): string {
  if (chargedMinor > 0) return words.whyCharged;
  return lines.length > 0 ? words.whyThis : words.whyNotCharged;
}
