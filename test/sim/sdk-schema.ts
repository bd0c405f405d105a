// JSON Schema from the Stripe SDK's own types: what this API version's requests and objects may look like.
// The compiler reads the declarations, so a new SDK brings its new schema with it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import ts from 'typescript';

type Schema = { [key: string]: unknown };

const RESOURCES = join(import.meta.dirname, '..', '..', 'node_modules', 'stripe', 'esm', 'resources');

/** Type to the file that declares it. */
const ROOTS: Readonly<Record<string, string>> = {
  PaymentIntent: 'PaymentIntents',
  PaymentIntentCreateParams: 'PaymentIntents',
  PaymentIntentCaptureParams: 'PaymentIntents',
  PaymentIntentCancelParams: 'PaymentIntents',
  PaymentIntentIncrementAuthorizationParams: 'PaymentIntents',
  Charge: 'Charges',
  Customer: 'Customers',
  CustomerCreateParams: 'Customers',
  PaymentMethod: 'PaymentMethods',
  PaymentMethodAttachParams: 'PaymentMethods',
  SetupIntent: 'SetupIntents',
  Refund: 'Refunds',
  RefundCreateParams: 'Refunds',
  Session: 'Checkout/Sessions',
  SessionCreateParams: 'Checkout/Sessions',
};
/** Resources that are looked into; others may only be named by their id. */
const LOOKED_INTO = new Set([
  'PaymentIntent',
  'Charge',
  'Customer',
  'PaymentMethod',
  'SetupIntent',
  'Refund',
  'Session',
]);
const SCHEMA_ID = 'stripe-sdk';

export type SdkType = keyof typeof ROOTS;

export interface SdkSchema {
  /** What is wrong with an object of the API; empty when nothing is. */
  response(type: SdkType, value: unknown): readonly string[];
  /** What is wrong with a request's decoded form, in which every value is text. */
  request(type: SdkType, value: unknown): readonly string[];
}

/** Takes some seconds the first time; then it lies in the folder for temporary files. */
export function sdkSchema(): SdkSchema {
  const document = cached();
  const strict = new Ajv({ strict: false, allErrors: true });
  const fromText = new Ajv({ strict: false, allErrors: true, coerceTypes: true });
  const compiled = new Map<string, ValidateFunction>();
  for (const ajv of [strict, fromText]) ajv.addSchema(document);
  const check = (ajv: Ajv, kind: string, type: SdkType, value: unknown): string[] => {
    const key = `${kind}:${type}`;
    const { roots } = document as { roots: Record<string, { $ref: string }> };
    const validate = compiled.get(key) ?? ajv.compile({ $ref: `${SCHEMA_ID}${roots[type]!.$ref}` });
    compiled.set(key, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
  return {
    response: (type, value) => check(strict, 'response', type, value),
    // Coercion writes into what it is given.
    request: (type, value) => check(fromText, 'request', type, structuredClone(value)),
  };
}

function cached(): Schema {
  const version = readFileSync(join(RESOURCES, '..', '..', 'package.json'), 'utf8');
  const own = readFileSync(import.meta.filename, 'utf8');
  const key = createHash('sha256').update(version).update(own).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `tapcase-stripe-schema-${key}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Schema;
  const document = new Generator().document();
  writeFileSync(file, JSON.stringify(document));
  return document;
}

class Generator {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;
  readonly #defs: Record<string, Schema> = {};
  readonly #ids = new Map<ts.Type, string>();

  constructor() {
    const files = [...new Set(Object.values(ROOTS))].map((name) => join(RESOURCES, `${name}.d.ts`));
    const { NodeNext } = ts.ModuleKind;
    const options = {
      module: NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      skipLibCheck: true,
    };
    this.#program = ts.createProgram(files, { ...options, target: ts.ScriptTarget.ESNext, noEmit: true, types: [] });
    this.#checker = this.#program.getTypeChecker();
  }

  document(): Schema {
    const roots: Record<string, Schema> = {};
    for (const [name, file] of Object.entries(ROOTS)) roots[name] = this.#object(this.#declared(name, file), name);
    return { $id: SCHEMA_ID, $defs: this.#defs, roots };
  }

  #declared(name: string, file: string): ts.Type {
    const source = this.#program.getSourceFile(join(RESOURCES, `${file}.d.ts`));
    const module = source && this.#checker.getSymbolAtLocation(source);
    const exported = module === undefined ? [] : this.#checker.getExportsOfModule(module);
    // Some parameters stand in a namespace: `Checkout.SessionCreateParams`.
    const spaces = exported.filter(({ flags }) => flags & ts.SymbolFlags.Namespace);
    const within = spaces.flatMap((space) => this.#checker.getExportsOfModule(space));
    const symbol = [...exported, ...within].find((each) => each.name === name);
    if (symbol === undefined) throw new Error(`the SDK declares no ${name}`);
    return this.#checker.getDeclaredTypeOfSymbol(symbol);
  }

  /** undefined for what JSON cannot hold. */
  #schema(type: ts.Type): Schema | undefined {
    const { flags } = type;
    const { TypeFlags } = ts;
    if (flags & (TypeFlags.Any | TypeFlags.Unknown)) return {};
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (flags & TypeFlags.BooleanLike) return { type: 'boolean' };
    if (flags & TypeFlags.String) return { type: 'string' };
    if (flags & TypeFlags.Number) return { type: 'number' };
    if (flags & TypeFlags.Null) return { type: 'null' };
    if (flags & (TypeFlags.Undefined | TypeFlags.Never)) return undefined;
    if (type.isUnion()) return this.#union(type.types);
    // `OtherString`: the SDK leaves its enums open; here they are closed.
    if (type.isIntersection() && type.types.some((each) => each.flags & TypeFlags.String)) return undefined;
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      return { type: 'array', items: (item && this.#schema(item)) ?? {} };
    }
    return this.#reference(type);
  }

  #union(types: readonly ts.Type[]): Schema {
    const parts = types.map((each) => this.#schema(each)).filter((each): each is Schema => each !== undefined);
    const literals = parts.filter((part) => 'const' in part).map((part) => part.const);
    const others = parts.filter((part) => !('const' in part));
    // A union of literals and `string` is a list that the API may extend, yet not in this version.
    const closed = literals.length > 0 ? others.filter((part) => part.type !== 'string') : others;
    const distinct = [...new Map(closed.map((part) => [JSON.stringify(part), part])).values()];
    const all = literals.length > 0 ? [...distinct, { enum: literals }] : distinct;
    return all.length === 1 ? all[0]! : { anyOf: all };
  }

  /** A resource that is not looked into is known by its name only. */
  #reference(type: ts.Type): Schema {
    const name = type.symbol?.name ?? 'anonymous';
    if (name === 'Decimal') return { type: 'string' };
    const resource = this.#resourceName(type);
    if (resource !== undefined && !LOOKED_INTO.has(name)) {
      return { type: 'object', required: ['id', 'object'], properties: { object: { const: resource } } };
    }
    return this.#object(type, name);
  }

  #resourceName(type: ts.Type): string | undefined {
    const object = type.getProperty('object');
    if (object === undefined || type.getProperty('id') === undefined) return undefined;
    const value = this.#checker.getTypeOfSymbol(object);
    return value.isStringLiteral() ? value.value : undefined;
  }

  #object(type: ts.Type, name: string): Schema {
    const known = this.#ids.get(type);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    const id = `${name}_${this.#ids.size}`;
    this.#ids.set(type, id);
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const property of this.#checker.getPropertiesOfType(type)) {
      const value = this.#checker.getTypeOfSymbol(property);
      const schema = value.getCallSignatures().length > 0 ? undefined : this.#schema(value);
      if (schema === undefined) continue;
      properties[property.name] = schema;
      if (!(property.flags & ts.SymbolFlags.Optional)) required.push(property.name);
    }
    const index = this.#checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const more = index === undefined ? false : (this.#schema(index) ?? false);
    this.#defs[id] = { type: 'object', properties, required, additionalProperties: more };
    return { $ref: `#/$defs/${id}` };
  }
}
