// What the end of a visit causes: the case's display and a receipt. Written in the transaction that ends it.
import type { Command, Unnumbered, Visit } from '@tapcase/domain';
import type { Effect } from './store/port.ts';

/** A display of 16 columns shows no more, and the frame stays well under 1,024 bytes. */
const SHOWN_LINES_MAX = 6;
const SHOWN_NAME_MAX = 24;

export function endEffects(visit: Visit, atMs: number): readonly Effect[] {
  const told: Effect = { kind: 'command', caseId: visit.caseId, command: showCommand(visit, atMs) };
  return visit.outcome === 'unused' ? [told] : [told, { kind: 'push', visitId: visit.id }];
}

function showCommand(visit: Visit, atMs: number): Unnumbered<Command> {
  const lines = visit.basket?.lines ?? [];
  const items = lines.slice(0, SHOWN_LINES_MAX).map(({ sku, count }): [string, number] => {
    const name = visit.catalog.products.find((product) => product.sku === sku)?.name[visit.language] ?? sku;
    return [shortened(name), count];
  });
  return {
    type: 'show',
    id: visit.id,
    at: Math.floor(atMs / 1000),
    outcome: visit.outcome ?? 'in_review',
    items,
    total: visit.totalMinor,
    currency: visit.catalog.currency,
    lang: visit.language,
  };
}

/** Cut between characters, never inside one: half a surrogate pair is not UTF-8. */
function shortened(name: string): string {
  return name.slice(0, SHOWN_NAME_MAX).replace(/[\uD800-\uDBFF]$/, '');
}
