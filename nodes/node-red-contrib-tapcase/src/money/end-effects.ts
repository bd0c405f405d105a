// What the end of a visit causes: the case's display and a receipt. Written in the transaction that ends it.
import type { Command, Language, Unnumbered, Visit } from '@tapcase/domain';
import type { Effect } from '@tapcase/ledger';

/**
 * Of a show's items as JSON in UTF-8. A visit may cost 1,536 bytes over the radio, both ways together. Its other frames and
 * the rest of this one take some 1,180 (npm run bench), and 60 more where ids and numbers are long.
 */
export const SHOWN_BYTES_MAX = 272;
const SHOWN_NAME_MAX = 24;
/** The last line of a basket that is longer than that: its count is that of the pieces which are not named. */
export const MORE: Readonly<Record<Language, string>> = { en: 'and more', es: 'y más' };

export function endEffects(visit: Visit, isLetGo: boolean, atMs: number): readonly Effect[] {
  const told: Effect = { kind: 'command', caseId: visit.caseId, command: showCommand(visit, isLetGo, atMs) };
  return visit.outcome === 'unused' ? [told] : [told, { kind: 'push', visitId: visit.id }];
}

function showCommand(visit: Visit, isLetGo: boolean, atMs: number): Unnumbered<Command> {
  return {
    type: 'show',
    id: visit.id,
    at: Math.floor(atMs / 1000),
    ...(isLetGo ? shownLetGo(visit) : { outcome: visit.outcome ?? 'in_review', total: visit.totalMinor }),
    items: shownItems(visit),
    currency: visit.catalog.currency,
    lang: visit.language,
  };
}

/** A display that asks for another card would ask for what nobody owes: it shows what was paid, or that nothing is to pay. */
function shownLetGo({ chargedMinor }: Visit) {
  return { outcome: chargedMinor > 0 ? 'charged' : 'released', total: chargedMinor } as const;
}

/** As many lines as the radio's budget takes; where some are left out, the last one counts their pieces. */
function shownItems({ basket, catalog, language }: Visit): Item[] {
  const all = (basket?.lines ?? []).map(({ sku, count }): Item => {
    const name = catalog.products.find((product) => product.sku === sku)?.name[language] ?? sku;
    return [shortened(name), count];
  });
  let shown = all;
  for (
    let named = all.length - 1;
    named >= 0 && Buffer.byteLength(JSON.stringify(shown)) > SHOWN_BYTES_MAX;
    named -= 1
  ) {
    const pieces = all.slice(named).reduce((sum, [, count]) => sum + count, 0);
    shown = [...all.slice(0, named), [MORE[language], pieces]];
  }
  return shown;
}

type Item = [name: string, count: number];

/** Cut between characters, never inside one: half a surrogate pair is not UTF-8. */
function shortened(name: string): string {
  return name.slice(0, SHOWN_NAME_MAX).replace(/[\uD800-\uDBFF]$/, '');
}
