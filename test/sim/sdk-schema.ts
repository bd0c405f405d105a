// Turns the installed Stripe SDK's own types into JSON Schema, so that a stand-in can be held to the exact API version
// that the shop speaks. Costs about two seconds once; the result is kept in the system's temporary folder.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type TS from 'typescript';

const require = createRequire(import.meta.url);
/** Loaded only where the folder has nothing yet: nine megabytes, a second. */
let ts: typeof TS;

export type Schema = boolean | { readonly [keyword: string]: unknown };

/** A method of the SDK: the file under `resources/`, and the method of the class in it. */
export interface SdkMethod {
  readonly file: string;
  readonly method: string;
}

export interface SdkSchema {
  /** What `$ref`s point to. */
  readonly $defs: { readonly [id: string]: Schema };
  /** By `file.method`: what may be asked, and what is answered. */
  readonly methods: { readonly [name: string]: { readonly request: Schema; readonly answer: Schema } };
  /** By Stripe's name of a resource (`payment_intent`). */
  readonly resources: { readonly [object: string]: Schema };
  /** Event type to the name of the resource that it carries. */
  readonly events: { readonly [type: string]: string };
  /** What stands under `error` in a refusal. */
  readonly error: Schema;
}

/** Written out whole wherever they stand; any other resource counts as one by its `id` and `object` alone. */
const WHOLE: readonly { readonly file: string; readonly name: string }[] = [
  { file: 'PaymentIntents', name: 'PaymentIntent' },
  { file: 'Charges', name: 'Charge' },
  { file: 'SetupIntents', name: 'SetupIntent' },
  { file: 'Customers', name: 'Customer' },
  { file: 'PaymentMethods', name: 'PaymentMethod' },
  { file: 'Refunds', name: 'Refund' },
  { file: 'Checkout/Sessions', name: 'Session' },
  { file: 'Disputes', name: 'Dispute' },
  { file: 'Events', name: 'EventBase' },
];

/** The folder of the installed package, which resolves to a file in its `esm`. */
const SDK = dirname(dirname(fileURLToPath(import.meta.resolve('stripe'))));

export function sdkSchema(methods: readonly SdkMethod[]): SdkSchema {
  const sdk = readFileSync(join(SDK, 'package.json'));
  const self = readFileSync(import.meta.filename);
  const { version } = require('typescript/package.json') as { version: string };
  const key = createHash('sha256').update(sdk).update(self).update(version).update(JSON.stringify(methods));
  const folder = join(tmpdir(), 'tapcase-sdk-schema');
  const file = join(folder, `${key.digest('hex').slice(0, 24)}.json`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SdkSchema;
  } catch {
    ts = require('typescript') as typeof TS;
    const schema = new Generator(methods).generate(methods);
    mkdirSync(folder, { recursive: true });
    // Renamed into place: two test runs may do this at once.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(schema));
    renameSync(`${file}.${process.pid}`, file);
    return schema;
  }
}

class Generator {
  readonly #program: TS.Program;
  readonly #checker: TS.TypeChecker;
  readonly #defs: Record<string, Schema> = {};
  readonly #ids = new Map<TS.Type, string>();
  readonly #whole: ReadonlySet<TS.Type>;

  constructor(methods: readonly SdkMethod[]) {
    const files = [...methods, ...WHOLE].map(({ file }) => file);
    const module = ts.ModuleKind.NodeNext;
    const options = {
      target: ts.ScriptTarget.ES2022,
      module,
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      types: [],
    };
    this.#program = ts.createProgram([...new Set([...files, 'Events'])].map(pathOf), options);
    this.#checker = this.#program.getTypeChecker();
    this.#whole = new Set(WHOLE.map(({ file, name }) => this.#declared(file, name)));
  }

  generate(methods: readonly SdkMethod[]): SdkSchema {
    const resources = WHOLE.map(({ file, name }) => this.#declared(file, name));
    const paymentError = this.#typeAt(this.#declared('PaymentIntents', 'PaymentIntent'), 'last_payment_error');
    return {
      methods: Object.fromEntries(methods.map((method) => [`${method.file}.${method.method}`, this.#method(method)])),
      resources: Object.fromEntries(resources.map((type) => [this.#resourceName(type), this.#convert(type)])),
      events: this.#events(),
      error: this.#convert(this.#checker.getNonNullableType(paymentError)),
      $defs: this.#defs,
    };
  }

  #declared(file: string, name: string): TS.Type {
    const source = this.#program.getSourceFile(pathOf(file));
    const module = source === undefined ? undefined : this.#checker.getSymbolAtLocation(source);
    const exported = module === undefined ? [] : this.#checker.getExportsOfModule(module);
    const found = exported.find((symbol) => symbol.name === name);
    if (found === undefined) throw new Error(`the SDK has no ${name} in ${file}`);
    return this.#checker.getDeclaredTypeOfSymbol(found);
  }

  #typeAt(type: TS.Type, property: string): TS.Type {
    const symbol = type.getProperty(property);
    if (symbol === undefined) throw new Error(`no ${property}`);
    return this.#checker.getTypeOfSymbol(symbol);
  }

  /** From the signature: parameters are the one object that is not the options, the answer is what is promised. */
  #method({ file, method }: SdkMethod): { request: Schema; answer: Schema } {
    const source = this.#program.getSourceFile(pathOf(file))!;
    const exported = this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(source)!);
    const resource = exported.find(({ name }) => name.endsWith('Resource'))!;
    const [signature] = this.#typeAt(this.#checker.getDeclaredTypeOfSymbol(resource), method).getCallSignatures();
    const params = signature!.getParameters().find(({ name }) => name === 'params');
    const asked =
      params === undefined
        ? false
        : this.#convert(this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(params)));
    const promised = signature!.getReturnType();
    const [inner] = promised.aliasTypeArguments ?? this.#checker.getTypeArguments(promised as TS.TypeReference);
    if (promised.symbol.name !== 'ApiListPromise') return { request: asked, answer: this.#convert(unwrapped(inner!)) };
    const list = {
      object: { const: 'list' },
      data: { type: 'array', items: this.#convert(inner!) },
      has_more: { type: 'boolean' },
      url: { type: 'string' },
    };
    return { request: asked, answer: { ...closed(list), required: Object.keys(list) } };
  }

  /** `Event` is a union with a member for each type. */
  #events(): Record<string, string> {
    const members = (this.#declared('Events', 'Event') as TS.UnionType).types;
    const pairs = members.flatMap((member) => {
      const type = this.#typeAt(member, 'type');
      const object = this.#resourceName(this.#typeAt(this.#typeAt(member, 'data'), 'object'));
      return type.isStringLiteral() && object !== undefined ? [[type.value, object] as const] : [];
    });
    return Object.fromEntries(pairs);
  }

  #convert(type: TS.Type): Schema {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return true;
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Never)) return false;
    if (type.isLiteral()) return { const: type.value };
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.#checker.typeToString(type) === 'true' };
    if (flags & ts.TypeFlags.String) return { type: 'string' };
    if (flags & ts.TypeFlags.Number) return { type: 'number' };
    if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (flags & ts.TypeFlags.Null) return { type: 'null' };
    if (type.isUnion()) return this.#union(type);
    if (this.#checker.isArrayType(type)) {
      return { type: 'array', items: this.#convert(this.#checker.getTypeArguments(type as TS.TypeReference)[0]!) };
    }
    // The SDK's own number type; it crosses the wire as text.
    if (type.symbol?.name === 'Decimal') return { type: 'string' };
    return this.#object(type);
  }

  #union(type: TS.UnionType): Schema {
    const literals: unknown[] = [];
    const others: Schema[] = [];
    let isOpen = false;
    for (const member of type.types) {
      // `OtherString` keeps enums open for the future; a stand-in has no future values to give.
      if (isOtherString(member)) isOpen = true;
      else if (member.isStringLiteral()) literals.push(member.value);
      else if (member.flags & ts.TypeFlags.BooleanLiteral) literals.push(this.#checker.typeToString(member) === 'true');
      else if (!(member.flags & ts.TypeFlags.Undefined)) others.push(this.#convert(member));
    }
    if (literals.length > 0) others.push(enumOf(literals));
    else if (isOpen) others.push({ type: 'string' });
    const isReference =
      type.types.some(({ flags }) => flags & ts.TypeFlags.String) &&
      type.types.some((member) => this.#resourceName(member) !== undefined);
    const schema = others.length === 1 ? others[0]! : { anyOf: others };
    return isReference && typeof schema === 'object' ? { ...schema, expandable: true } : schema;
  }

  #object(type: TS.Type): Schema {
    const resource = this.#resourceName(type);
    if (resource !== undefined && !this.#whole.has(type) && !type.symbol.name.startsWith('Deleted')) {
      return { type: 'object', required: ['id', 'object'], properties: { object: { const: resource } } };
    }
    const known = this.#ids.get(type);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    const id = `${type.symbol?.name ?? 'anonymous'}-${this.#ids.size}`;
    this.#ids.set(type, id);
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const symbol of this.#checker.getPropertiesOfType(type)) {
      const schema = this.#convert(this.#checker.getTypeOfSymbol(symbol));
      if (schema === false) continue;
      properties[symbol.name] = schema;
      if (!(symbol.flags & ts.SymbolFlags.Optional)) required.push(symbol.name);
    }
    const indexed = type.getStringIndexType();
    const rest = indexed === undefined ? false : this.#convert(indexed);
    this.#defs[id] = { ...closed(properties), required, additionalProperties: rest };
    return { $ref: `#/$defs/${id}` };
  }

  /** Resources have an `id` and say in `object` what they are. */
  #resourceName(type: TS.Type): string | undefined {
    if (type.isUnion() || type.getProperty('id') === undefined) return undefined;
    const symbol = type.getProperty('object');
    const named = symbol === undefined ? undefined : this.#checker.getTypeOfSymbol(symbol);
    return named?.isStringLiteral() === true ? named.value : undefined;
  }
}

function pathOf(file: string): string {
  return join(SDK, 'esm', 'resources', `${file}.d.ts`);
}

/** `Response<T>` is `T & { lastResponse }`; only `T` crosses the wire. */
function unwrapped(type: TS.Type): TS.Type {
  const { aliasSymbol, aliasTypeArguments } = type;
  return aliasSymbol?.name === 'Response' ? aliasTypeArguments![0]! : type;
}

function isOtherString(type: TS.Type): boolean {
  return type.isIntersection() && type.types.some(({ flags }) => flags & ts.TypeFlags.String);
}

function enumOf(literals: readonly unknown[]): Schema {
  const isBoolean = literals.includes(true) && literals.includes(false);
  const rest = literals.filter((literal) => typeof literal !== 'boolean' || !isBoolean);
  if (!isBoolean) return { enum: rest };
  return rest.length === 0 ? { type: 'boolean' } : { anyOf: [{ type: 'boolean' }, { enum: rest }] };
}

function closed(properties: Record<string, Schema>) {
  return { type: 'object', properties, additionalProperties: false as Schema };
}
