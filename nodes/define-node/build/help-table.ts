// Writes the table of a node's properties into its help, in the help's language.
import type { Contract, Property } from '@tapcase/define-node';
import { type Labels, textOf } from './labels.ts';

interface Words {
  readonly title: string;
  readonly head: string;
  readonly kinds: Readonly<Record<Property['kind'], string>>;
  /** The heading before which the table stands. */
  readonly before: string;
  readonly yes: string;
  readonly no: string;
  readonly variable: string;
}

const WORDS: Readonly<Record<string, Words>> = {
  'en-US': {
    title: '### Properties',
    head: '| property | kind | default | allowed |',
    kinds: {
      ref: 'config node',
      text: 'text',
      number: 'number',
      flag: 'yes or no',
      choice: 'choice',
      typed: 'from',
      rows: 'list',
      secret: 'secret',
    },
    before: '### Details',
    yes: 'yes',
    no: 'no',
    variable: 'or the variable',
  },
  es: {
    title: '### Propiedades',
    head: '| propiedad | tipo | por defecto | permitido |',
    kinds: {
      ref: 'nodo de configuración',
      text: 'texto',
      number: 'número',
      flag: 'sí o no',
      choice: 'elección',
      typed: 'de',
      rows: 'lista',
      secret: 'secreto',
    },
    before: '### Detalles',
    yes: 'sí',
    no: 'no',
    variable: 'o la variable',
  },
};

/**
 * The help with the table before its details; as it is where there is nothing to set, no words in that language, or such
 * a section already.
 */
export function withPropertyTable(help: string, contract: Contract, labels: Labels, language: string): string {
  const words = WORDS[language];
  const properties = Object.entries(contract.properties);
  if (words === undefined || properties.length === 0 || help.includes(`${words.title}\n`)) return help;
  const at = help.indexOf(words.before);
  if (at < 0) throw new Error(`the help of ${contract.type} in ${language} has no "${words.before}"`);
  const rows = properties.map(([name, property]) => {
    const label = textOf(labels, `${contract.type}.label.${name}`) ?? name;
    const unit = textOf(labels, `${contract.type}.unit.${name}`);
    const kind = `${kindOf(property, words)}${columnsOf(contract.type, name, property, labels)}${unit === undefined ? '' : `, ${unit}`}`;
    return `| **${label}** | ${kind} | ${defaultOf(property, words)} | ${allowed(property)} |`;
  });
  return [
    help.slice(0, at),
    `${words.title}\n\n${words.head}\n|---|---|---|---|\n${rows.join('\n')}\n\n`,
    help.slice(at),
  ].join('');
}

function kindOf(property: Property, { kinds }: Words): string {
  if (property.kind === 'ref') return `${kinds.ref} *${property.to}*`;
  if (property.kind === 'typed') return `${kinds.typed} ${property.types.join(', ')}`;
  return kinds[property.kind];
}

/** Of a list, what its rows have. */
function columnsOf(type: string, name: string, property: Property, labels: Labels): string {
  if (property.kind !== 'rows') return '';
  const columns = Object.entries(property.of).map(([column, cell]) => {
    const unit = textOf(labels, `${type}.unit.${name}-${column}`);
    const range = cell.kind === 'number' ? ` ${cell.min} … ${cell.max}${unit === undefined ? '' : ` ${unit}`}` : '';
    return `${textOf(labels, `${type}.row.${name}.${column}`) ?? column}${range}`;
  });
  return ` (${columns.join(', ')})`;
}

function defaultOf(property: Property, words: Words): string {
  switch (property.kind) {
    case 'typed':
      return `\`${property.default.type === 'msg' ? 'msg.' : ''}${property.default.value}\``;
    case 'flag':
      return property.default ? words.yes : words.no;
    case 'secret':
      return property.env === '' ? '' : `${words.variable} \`${property.env}\``;
    case 'ref':
    case 'rows':
      return '';
    default:
      return (property.default ?? '') === '' ? '' : `\`${property.default}\``;
  }
}

function allowed(property: Property): string {
  switch (property.kind) {
    case 'number':
      return `${property.min} … ${property.max}`;
    case 'choice':
      return property.of.flatMap((value) => (value === '' ? [] : [`\`${value}\``])).join(', ');
    case 'typed':
      return property.is.bounds;
    case 'rows':
      return `≤ ${property.max}`;
    case 'text':
      return property.is === undefined ? '' : `\`${property.is}\``.replaceAll('|', '\\|');
    default:
      return '';
  }
}
