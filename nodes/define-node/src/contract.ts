// The one place where a node's properties exist: runtime, dialog, validation, labels and help are made from it.
import type { Complete, Fields } from './defaults.ts';
import { Fault, type FaultCode } from './fault.ts';
import { type Given, type Properties, type Property, readProperty, type ValueOf } from './property.ts';
import { phrase } from './said.ts';
import { type Evaluate, nothingToEvaluate } from './values.ts';

/** A saved node of one version to the same node as the next version saves it. */
export type Migration = (saved: Record<string, unknown>) => Record<string, unknown>;

interface AnyShape {
  readonly type: string;
  readonly properties: Properties;
  /** 1 when nothing is said. Raise it when a property changes its meaning or name, and say in `migrate` how. */
  readonly version?: number;
  /**
   * By the version that it starts from. The dialog runs the same function, as its source: it is an arrow function that
   * uses nothing but its argument.
   */
  readonly migrate?: Readonly<Record<number, Migration>>;
  /** The code for a value of a message that is not what its property wants; `<type>.bad-property` when nothing is said. */
  readonly badValue?: FaultCode;
  /**
   * A node without a name is called by the first of these that is given: a choice by its text, a text after the word of the
   * palette.
   */
  readonly calledBy?: readonly string[];
  /** The dialog's labels are long: they have twice the room. */
  readonly wide?: boolean;
  /** Properties of earlier releases that still count, see Earlier. */
  readonly earlier?: Earlier;
}

/**
 * What a node of an earlier release stores and a new one does not have: the editor keeps it as it finds it, the dialog tells
 * it under `<type>.tip.earlier`, and lets it go when the config node `until` is chosen. Read by a parser of the node's own.
 */
export interface Earlier {
  readonly properties: readonly string[];
  readonly until: string;
}

export interface NodeShape extends AnyShape {
  readonly category: string;
  readonly color: `#${string}`;
  /** As Node-RED names it: `font-awesome/fa-lock`. */
  readonly icon: string;
  readonly inputs: 0 | 1;
  /** On which side the icon stands; Node-RED's own nodes that end a flow have it on the right. */
  readonly align?: 'right';
  /** The expected outcomes in port order. */
  readonly outputs: readonly string[];
}

export interface ConfigNodeShape extends AnyShape {
  readonly category: 'config';
}

export type Shape = NodeShape | ConfigNodeShape;

/** The editor's `defaults`, as far as they are data. */
export interface EditorDefault {
  readonly value: unknown;
  readonly type?: string;
  readonly required?: boolean;
}

/** What the code of a node gets: a value for each property, secrets apart. */
export type ConfigOf<S extends { readonly properties: Properties }> = {
  readonly [K in keyof S['properties'] as S['properties'][K] extends { kind: 'secret' } ? never : K]: ValueOf<
    S['properties'][K]
  >;
};

/** To be spread into `defineNode({ ...contract, parseMessage, build })` or `defineConfigNode({ ...contract, open })`. */
export type Contract<S extends Shape = Shape> = S & {
  readonly version: number;
  readonly defaults: Readonly<Record<string, EditorDefault>>;
  /** Names of the properties that are secrets. */
  readonly secrets: readonly string[];
  /** Migrates, fills in what is missing, checks. `config.invalid` names the property, `config.too-new` the version. */
  readonly parseConfig: (saved: unknown, evaluate?: Evaluate, complete?: Complete) => ConfigOf<S> | Fault;
};

/** What Node-RED itself keeps in a saved node. */
const TAKEN = new Set(
  'id type x y z d g l wires name icon info inputs outputs inputLabels outputLabels credentials users version'.split(
    ' ',
  ),
);

/** Throws a TypeError for a contract that cannot hold: that is its author's mistake, found when the palette loads. */
export function contract<const S extends Shape>(shape: S): Contract<S> {
  const version = shape.version ?? 1;
  checkShape(shape, version);
  return {
    ...shape,
    version,
    defaults: defaultsOf(shape, version),
    secrets: Object.keys(shape.properties).filter((name) => shape.properties[name]?.kind === 'secret'),
    parseConfig: (saved, evaluate = nothingToEvaluate, complete = asItIs) => {
      try {
        return parseSaved(shape, version, saved, evaluate, complete) as ConfigOf<S>;
      } catch (thrown) {
        if (thrown instanceof Fault) return thrown;
        throw thrown;
      }
    },
  };
}

export function isContract(value: unknown): value is Contract {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Partial<Contract>;
  return typeof fields.parseConfig === 'function' && typeof fields.properties === 'object' && 'secrets' in fields;
}

function checkShape(shape: Shape, version: number): void {
  const { type, category, properties, migrate, earlier, calledBy = [] } = shape;
  const wrong = (what: string) => new TypeError(`contract of ${type}: ${what}`);
  for (const [name, property] of Object.entries(properties)) {
    if (TAKEN.has(name)) throw wrong(`a property cannot be named ${name}`);
    if (property.kind === 'secret' && category !== 'config') throw wrong(`the secret ${name} belongs in a config node`);
    if (property.kind === 'typed' && category === 'config') throw wrong(`${name}: a config node sees no message`);
    if (property.kind === 'choice' && !property.of.includes(property.default)) throw wrong(`${name}: no such choice`);
    for (const [other, values] of Object.entries(property.only ?? {})) {
      if (!canBe(properties[other], values)) throw wrong(`${name} is shown only beside what ${other} never is`);
    }
    if (property.only !== undefined && 'required' in property && property.required)
      throw wrong(`${name} cannot be required where it is not shown`);
    if (earlier?.properties.includes(name)) throw wrong(`${name} is not only of an earlier release`);
  }
  for (const name of calledBy) {
    if (properties[name]?.kind !== 'choice' && properties[name]?.kind !== 'text')
      throw wrong(`it cannot be called by ${name}`);
  }
  if (earlier !== undefined && properties[earlier.until]?.kind !== 'ref')
    throw wrong(`${earlier.until} is no config node to choose`);
  for (let from = 1; from < version; from += 1) {
    if (typeof migrate?.[from] !== 'function') throw wrong(`no migration from version ${from}`);
  }
}

function canBe(property: Property | undefined, values: readonly string[] | Given): boolean {
  if (values === 'given' || values === 'empty') return property?.kind === 'text' || property?.kind === 'ref';
  return property?.kind === 'choice' && values.every((value) => property.of.includes(value));
}

function defaultsOf({ properties, earlier }: Shape, version: number): Record<string, EditorDefault> {
  const defaults: Record<string, EditorDefault> = { name: { value: '' } };
  for (const [name, property] of Object.entries(properties)) {
    switch (property.kind) {
      case 'ref':
        // Said either way: where nothing is said the editor wants one.
        defaults[name] = { value: '', type: property.to, required: property.required ?? false };
        break;
      case 'typed':
        defaults[name] = { value: property.default.value };
        defaults[`${name}Type`] = { value: property.default.type };
        break;
      case 'rows':
        defaults[name] = { value: [] };
        break;
      case 'secret':
        defaults[`${name}Env`] = { value: property.env };
        break;
      case 'text':
        defaults[name] = { value: property.default, ...(property.required ? { required: true } : {}) };
        break;
      default:
        defaults[name] = { value: property.default ?? '' };
    }
  }
  for (const name of earlier?.properties ?? []) defaults[name] = { value: undefined };
  // Absent means 1, so that a node without a history saves nothing about it.
  return version === 1 ? defaults : { ...defaults, version: { value: version } };
}

/** The properties have their defaults anyway; who knows the environment says which variables they stand for. */
const asItIs: Complete = (saved) => saved;

function parseSaved(
  shape: Shape,
  version: number,
  saved: unknown,
  evaluate: Evaluate,
  complete: Complete,
): Record<string, unknown> {
  const given = (typeof saved === 'object' && saved !== null ? saved : {}) as Fields;
  const fields = complete(migrated(shape, version, given));
  const badValue = shape.badValue ?? (`${shape.type}.bad-property` as const);
  const config: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(shape.properties)) {
    if (property.kind === 'secret') continue;
    config[name] = readProperty(property, { where: name, fields, name, badValue, evaluate });
  }
  return config;
}

function migrated({ type, migrate = {} }: Shape, version: number, saved: Fields): Fields {
  const from = saved.version ?? 1;
  if (typeof from !== 'number' || !Number.isInteger(from) || from < 1) {
    const problem = phrase('wants a whole number');
    throw new Fault('config.invalid', 'version: wants a whole number', { where: 'version', problem });
  }
  if (from > version) {
    throw new Fault('config.too-new', `this ${type} was saved by a newer release (${from}, here ${version})`, {
      type,
      saved: from,
      here: version,
    });
  }
  let fields = saved;
  for (let at = from; at < version; at += 1) fields = (migrate[at] as Migration)({ ...fields });
  return fields;
}
