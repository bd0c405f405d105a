// The kinds of property that a node can have, and how each is read out of a saved node.
import type { Check } from './check.ts';
import { Fault } from './fault.ts';
import { inEnglish, phrase, type Said } from './said.ts';
import { type Evaluate, type TypedKind, type TypedValue, typedValue } from './values.ts';

interface Shown {
  /** Font Awesome's name, without `fa-`. */
  readonly icon?: string;
  /** The dialog shows `<type>.tip.<property>` under the field. */
  readonly tip?: boolean;
  /** The dialog shows `<type>.hint.<property>` in the field while it is empty: what an empty one means. */
  readonly hint?: boolean;
  /** The dialog shows the heading `<type>.group.<name>` before the first of several that stand together. */
  readonly group?: string;
  /**
   * The dialog shows it only beside these values of other properties: those of a choice, or whether a text or a config node
   * is given. It is saved all the same.
   */
  readonly only?: Readonly<Record<string, readonly string[] | Given>>;
}

export type Given = 'given' | 'empty';

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
  /** What an empty field means; without one the value is undefined there, and `hint` can say what that is. */
  readonly default?: number;
  /** Both ends are allowed. */
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  /** Shown behind the field as `<type>.unit.<property>`. Without one it is a bare number: a count, a part of one. */
  readonly unit?: string;
}

export interface FlagProperty extends Shown {
  readonly kind: 'flag';
  readonly default: boolean;
}

export interface ChoiceProperty extends Shown {
  readonly kind: 'choice';
  /** '' may be one of them: its text is `<type>.choice.<property>.empty`. */
  readonly of: readonly string[];
  readonly default: string;
  /**
   * What the dialog tells of the value that is chosen: `<type>.explain.<name>` and, as code, `<type>.<name>.<value>`. Only of
   * a choice with a dialog's field of its own, not of a column.
   */
  readonly explained?: readonly string[];
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
  : P extends { kind: 'number'; default: number }
    ? number
    : P extends { kind: 'number' }
      ? number | undefined
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

/** Throws `config.invalid` naming the property. An absent one has its default, and so has a variable that is not set. */
export function readProperty(property: Exclude<Property, SecretProperty>, place: Place): unknown {
  const found = place.fields[place.name];
  const saved = isUnsetVariable(found) && property.kind !== 'typed' ? undefined : found;
  switch (property.kind) {
    case 'ref':
      return typeof saved === 'string' ? saved : '';
    case 'text':
      return readText(property, saved ?? setDefault(property.default), place);
    case 'number':
      return readNumber(property, saved ?? '', place);
    case 'flag':
      return readFlag(saved ?? property.default, place);
    case 'choice':
      return readChoice(property, saved ?? property.default, place);
    case 'typed':
      return readTyped(property, place);
    case 'rows':
      return readRows(property, saved ?? [], place);
    default:
      throw new TypeError(`no such kind of property: ${JSON.stringify(property satisfies never)}`);
  }
}

/** Node-RED leaves a `${VARIABLE}` as it is where nobody has set it. */
function isUnsetVariable(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{\S+\}$/.test(value);
}

/** A default that names a variable is filled in before; here it has no value. */
function setDefault(text: string): string {
  return isUnsetVariable(text) ? '' : text;
}

function readText({ max = TEXT_LENGTH_MAX, is, required }: TextProperty, saved: unknown, place: Place): string {
  if (typeof saved !== 'string') throw invalid(place, phrase('wants text'));
  const value = saved.trim();
  if (value === '') {
    if (required) throw invalid(place, phrase('is empty'));
    return '';
  }
  if (value.length > max) throw invalid(place, phrase('is longer than __max__ characters', { max }));
  if (is !== undefined && !is.test(value))
    throw invalid(place, phrase('wants text like __pattern__', { pattern: `${is}` }));
  return value;
}

/** The editor saves what was typed: a text. An empty field means the default. */
function readNumber(property: NumberProperty, saved: unknown, place: Place): number | undefined {
  const text = typeof saved === 'string' ? saved.trim() : saved;
  if (text === '') return property.default;
  const value = typeof text === 'string' ? Number(text) : text;
  const { min, max, whole, unit } = property;
  const good = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (good) return value;
  const values = { min, max: unit ? `${max} ${unit}` : max };
  throw invalid(
    place,
    whole
      ? phrase('wants a whole number from __min__ to __max__', values)
      : phrase('wants a number from __min__ to __max__', values),
  );
}

/** Also the words that an environment variable can hold. */
function readFlag(value: unknown, place: Place): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false' || value === '') return false;
  throw invalid(place, phrase('wants true or false'));
}

/** Also of a node that had a flag once, and stored it. */
function readChoice({ of }: ChoiceProperty, saved: unknown, place: Place): string {
  const value = typeof saved === 'boolean' ? String(saved) : saved;
  if (typeof value === 'string' && of.includes(value)) return value;
  throw invalid(place, phrase('wants one of __values__', { values: of.filter((each) => each !== '').join(', ') }));
}

function readTyped(property: TypedProperty, { fields, name, ...place }: Place): TypedValue<unknown> {
  const value = fields[name] ?? property.default.value;
  const type = (fields[`${name}Type`] ?? property.default.type) as TypedKind;
  if (!property.types.includes(type))
    throw invalid(place, phrase('is looked for in one of __values__', { values: property.types.join(', ') }));
  if (typeof value !== 'string' || value.length > TEXT_LENGTH_MAX) throw invalid(place, phrase('wants text'));
  return typedValue({ property: name, type, value, ...place, is: property.is, optional: property.optional ?? false });
}

function readRows({ of, max }: RowsProperty, value: unknown, { where, ...place }: Place): unknown {
  if (!Array.isArray(value)) throw invalid({ where }, phrase('wants a list'));
  if (value.length > max) throw invalid({ where }, phrase('has more than __max__ rows', { max }));
  return value.map((row: unknown, at) => {
    const fields = (typeof row === 'object' && row !== null ? row : {}) as Record<string, unknown>;
    const cells = Object.entries(of).map(([name, column]) => [
      name,
      readProperty(column, { ...place, where: `${where}[${at}].${name}`, fields, name }),
    ]);
    return Object.fromEntries(cells) as unknown;
  });
}

function invalid({ where }: Pick<Place, 'where'>, problem: Said): Fault {
  return invalidProperty(where, problem);
}

/** `config.invalid`; `problem` is what a catalog translates. For a node that checks more than a contract can say. */
export function invalidProperty(where: string, problem: Said): Fault {
  return new Fault('config.invalid', `${where}: ${inEnglish(problem)}`, { where, problem });
}
