// The kinds of property that a node can have, and how each is read out of a saved node.
import type { Check } from './check.ts';
import { Fault } from './fault.ts';
import { type Evaluate, type TypedKind, type TypedValue, typedValue } from './values.ts';

interface Shown {
  /** Font Awesome's name, without `fa-`. */
  readonly icon?: string;
  /** The dialog shows `<type>.tip.<property>` under the field. */
  readonly tip?: boolean;
  /** The dialog shows it only beside these values of other properties, which are choices. It is saved all the same. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
}

/** The id of a config node of type `to`; '' when none is chosen, which its first use reports. */
export interface RefProperty extends Shown {
  readonly kind: 'ref';
  readonly to: string;
  readonly required?: boolean;
}

export interface TextProperty extends Shown {
  readonly kind: 'text';
  readonly default: string;
  /** Characters; 1,000 when nothing is said. */
  readonly max?: number;
  /** Anchored. An empty text is only refused by `required`. */
  readonly is?: RegExp;
  readonly required?: boolean;
  readonly placeholder?: string;
}

export interface NumberProperty extends Shown {
  readonly kind: 'number';
  readonly default: number;
  /** Both ends are allowed. */
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  /** Shown behind the field as `<type>.unit.<property>`. */
  readonly unit: string;
}

export interface FlagProperty extends Shown {
  readonly kind: 'flag';
  readonly default: boolean;
}

export interface ChoiceProperty extends Shown {
  readonly kind: 'choice';
  readonly of: readonly [string, ...string[]];
  readonly default: string;
}

/** Node-RED's typed input: where to look for the value, read for each message. */
export interface TypedProperty<T = unknown> extends Shown {
  readonly kind: 'typed';
  readonly types: readonly [TypedKind, ...TypedKind[]];
  readonly default: { readonly type: TypedKind; readonly value: string };
  readonly is: Check<T>;
  /** Nothing there (undefined, null, an empty text) is undefined and not a Fault. */
  readonly optional?: boolean;
  readonly unit?: string;
}

/** A list that a person adds to; empty in a new node. */
export interface RowsProperty extends Shown {
  readonly kind: 'rows';
  readonly of: Readonly<Record<string, TextProperty | NumberProperty | FlagProperty | ChoiceProperty>>;
  readonly max: number;
}

/** A credential, or the environment variable whose name is saved as `<property>Env`. Only in config nodes. */
export interface SecretProperty extends Shown {
  readonly kind: 'secret';
  /** The variable that a new node names; '' for none. */
  readonly env: string;
  readonly placeholder?: string;
}

export type Property =
  | RefProperty
  | TextProperty
  | NumberProperty
  | FlagProperty
  | ChoiceProperty
  | TypedProperty
  | RowsProperty
  | SecretProperty;
export type Properties = Readonly<Record<string, Property>>;

/** What the code of a node gets for a property. */
export type ValueOf<P> = P extends { kind: 'ref' | 'text' }
  ? string
  : P extends { kind: 'number' }
    ? number
    : P extends { kind: 'flag' }
      ? boolean
      : P extends { kind: 'choice'; of: readonly (infer C)[] }
        ? C
        : P extends { kind: 'typed'; is: Check<infer T>; optional: true }
          ? TypedValue<T | undefined>
          : P extends { kind: 'typed'; is: Check<infer T> }
            ? TypedValue<T>
            : P extends { kind: 'rows'; of: infer Columns }
              ? readonly { readonly [K in keyof Columns]: ValueOf<Columns[K]> }[]
              : never;

export const TEXT_LENGTH_MAX = 1_000;

interface Place {
  /** The property, or `cases[2].name`. */
  readonly where: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly name: string;
  /** The code for a value of a message that is not what the property wants. */
  readonly badValue: `${string}.${string}`;
  readonly evaluate: Evaluate;
}

/** Throws `config.invalid` naming the property. An absent one has its default. */
export function readProperty(property: Exclude<Property, SecretProperty>, place: Place): unknown {
  const saved = place.fields[place.name];
  switch (property.kind) {
    case 'ref':
      return typeof saved === 'string' ? saved : '';
    case 'text':
      return readText(property, saved ?? property.default, place);
    case 'number':
      return readNumber(property, saved ?? '', place);
    case 'flag':
      return readFlag(saved ?? property.default, place);
    case 'choice': {
      const value = saved ?? property.default;
      if (typeof value === 'string' && property.of.includes(value)) return value;
      throw invalid(place, `wants one of ${property.of.join(', ')}`);
    }
    case 'typed':
      return readTyped(property, place);
    case 'rows':
      return readRows(property, saved ?? [], place);
    default:
      throw new TypeError(`no such kind of property: ${JSON.stringify(property satisfies never)}`);
  }
}

function readText({ max = TEXT_LENGTH_MAX, is, required }: TextProperty, value: unknown, place: Place): string {
  if (typeof value !== 'string') throw invalid(place, 'wants text');
  if (value === '') {
    if (required) throw invalid(place, 'is empty');
    return '';
  }
  if (value.length > max) throw invalid(place, `is longer than ${max} characters`);
  if (is !== undefined && !is.test(value)) throw invalid(place, `wants text like ${is}`);
  return value;
}

/** The editor saves what was typed: a text. An empty field means the default. */
function readNumber(property: NumberProperty, saved: unknown, place: Place): number {
  const text = typeof saved === 'string' ? saved.trim() : saved;
  if (text === '') return property.default;
  const value = typeof text === 'string' ? Number(text) : text;
  const { min, max } = property;
  const good =
    typeof value === 'number' && value >= min && value <= max && (!property.whole || Number.isInteger(value));
  if (!good)
    throw invalid(place, `wants a ${property.whole ? 'whole ' : ''}number from ${min} to ${max} ${property.unit}`);
  return value;
}

/** Also the words that an environment variable can hold. */
function readFlag(value: unknown, place: Place): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false' || value === '') return false;
  throw invalid(place, 'wants true or false');
}

function readTyped(property: TypedProperty, { fields, name, ...place }: Place): TypedValue<unknown> {
  const value = fields[name] ?? property.default.value;
  const type = (fields[`${name}Type`] ?? property.default.type) as TypedKind;
  if (!property.types.includes(type)) throw invalid(place, `is looked for in one of ${property.types.join(', ')}`);
  if (typeof value !== 'string' || value.length > TEXT_LENGTH_MAX) throw invalid(place, 'wants text');
  return typedValue({ property: name, type, value, ...place, is: property.is, optional: property.optional ?? false });
}

function readRows({ of, max }: RowsProperty, value: unknown, { where, ...place }: Place): unknown {
  if (!Array.isArray(value)) throw invalid({ where }, 'wants a list');
  if (value.length > max) throw invalid({ where }, `has more than ${max} rows`);
  return value.map((row: unknown, at) => {
    const fields = (typeof row === 'object' && row !== null ? row : {}) as Record<string, unknown>;
    const cells = Object.entries(of).map(([name, column]) => [
      name,
      readProperty(column, { ...place, where: `${where}[${at}].${name}`, fields, name }),
    ]);
    return Object.fromEntries(cells) as unknown;
  });
}

function invalid({ where }: Pick<Place, 'where'>, problem: string): Fault {
  return new Fault('config.invalid', `${where}: ${problem}`, { where });
}
