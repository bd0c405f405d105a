// Which texts a generated dialog needs, in every language of the palette.
import type { Contract } from '@tapcase/define-node';

/** A node's catalog as Node-RED keeps it: nested objects of texts. */
export interface Labels {
  readonly [key: string]: string | Labels;
}

/** Keys of `locales/<language>/<type>.json`, dots for levels, each beginning with the type. */
export function labelKeys(contract: Contract): string[] {
  const keys = ['palette', 'label.name'];
  if ('outputs' in contract) keys.push(...contract.outputs.map((output) => `output.${output}`));
  if (contract.earlier !== undefined) keys.push('tip.earlier');
  for (const [name, property] of Object.entries(contract.properties)) {
    keys.push(`label.${name}`);
    if (property.tip) keys.push(`tip.${name}`);
    if (property.hint) keys.push(`hint.${name}`);
    if (property.group !== undefined) keys.push(`group.${property.group}`);
    if ('unit' in property && property.unit !== undefined) keys.push(`unit.${name}`);
    if (property.kind === 'choice') {
      keys.push(...property.of.map((value) => `choice.${name}.${value || 'empty'}`));
      for (const what of property.explained ?? [])
        keys.push(`explain.${what}`, ...property.of.map((value) => `${what}.${value || 'empty'}`));
    }
    if (property.kind === 'secret') keys.push(`label.${name}Env`);
    if (property.kind !== 'rows') continue;
    for (const [column, cell] of Object.entries(property.of)) {
      keys.push(`row.${name}.${column}`);
      if (cell.kind === 'number' && cell.unit !== undefined) keys.push(`unit.${name}-${column}`);
      if (cell.kind === 'choice') keys.push(...cell.of.map((value) => `choice.${name}-${column}.${value || 'empty'}`));
    }
  }
  return [...new Set(keys)].map((key) => `${contract.type}.${key}`);
}

/** undefined where the catalog has no text. */
export function textOf(labels: Labels, key: string): string | undefined {
  let at: string | Labels | undefined = labels;
  for (const part of key.split('.')) {
    if (typeof at !== 'object' || !Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  return typeof at === 'string' ? at : undefined;
}
