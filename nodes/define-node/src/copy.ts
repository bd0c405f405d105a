// Copies what leaves a node, so that nobody behind it can change what a config node, a cache or another branch holds.
import { types } from 'node:util';
import { Fault } from './fault.ts';

/** Deeper than any message that a flow reads; beyond it a recursive copy, ours or Node-RED's, would end the stack. */
const DEPTH_MAX = 200;
/** The caller's connection: an `http response` node needs the very object. Node-RED spares the same two. */
const KEPT_AS_THEY_ARE: ReadonlySet<string> = new Set(['req', 'res']);

/**
 * A deep copy of a message. Copied: plain objects of any realm, arrays, Map, Set, Date, bytes (Buffer, typed arrays,
 * ArrayBuffer). The same object: `msg.req` and `msg.res`, functions, Errors, and instances of classes (sockets, streams),
 * which a copy would break. What is met twice is copied once, so circles stay circles. Frozen things become changeable.
 * Throws `message.too-deep`.
 */
export function copyMessage<M extends object>(message: M): M {
  const seen = new Map<object, unknown>();
  // Also takes symbols and keeps them as they are: they are some module's private marks.
  const copy = { ...message } as Record<string, unknown>;
  for (const key of Object.keys(copy)) {
    if (!KEPT_AS_THEY_ARE.has(key)) put(copy, key, copyOf(copy[key], seen, 0));
  }
  return copy as M;
}

function copyOf(value: unknown, seen: Map<object, unknown>, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const made = seen.get(value);
  if (made !== undefined) return made;
  if (depth > DEPTH_MAX)
    throw new Fault('message.too-deep', `the message is nested deeper than ${DEPTH_MAX}`, { levels: DEPTH_MAX });
  if (Array.isArray(value)) return copyArray(value, seen, depth);
  if (isPlain(value)) return copyPlain(value as Record<string, unknown>, seen, depth);
  return copySpecial(value, seen, depth);
}

function copyArray(list: readonly unknown[], seen: Map<object, unknown>, depth: number): unknown[] {
  const copy: unknown[] = new Array(list.length);
  seen.set(list, copy);
  for (let at = 0; at < list.length; at += 1) if (at in list) copy[at] = copyOf(list[at], seen, depth + 1);
  return copy;
}

function copyPlain(fields: Readonly<Record<string, unknown>>, seen: Map<object, unknown>, depth: number): object {
  const copy: Record<string, unknown> = Object.getPrototypeOf(fields) === null ? Object.create(null) : {};
  seen.set(fields, copy);
  for (const key of Object.keys(fields)) put(copy, key, copyOf(fields[key], seen, depth + 1));
  return copy;
}

function copySpecial(value: object, seen: Map<object, unknown>, depth: number): unknown {
  const keep = <T>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };
  if (Buffer.isBuffer(value)) return keep(Buffer.from(value));
  // The clone of a view brings its whole buffer, which may be a pool of others' bytes: so only what the view shows.
  if (types.isTypedArray(value)) return types.isSharedArrayBuffer(value.buffer) ? value : keep(value.slice());
  if (types.isDate(value)) return keep(new Date(value.getTime()));
  if (types.isArrayBuffer(value)) return keep(value.slice(0));
  if (types.isMap(value)) {
    const copy = keep(new Map());
    for (const [key, held] of value) copy.set(copyOf(key, seen, depth + 1), copyOf(held, seen, depth + 1));
    return copy;
  }
  if (types.isSet(value)) {
    const copy = keep(new Set());
    for (const held of value) copy.add(copyOf(held, seen, depth + 1));
    return copy;
  }
  return value;
}

/** A function node's objects come from another realm: their prototype is a root one, but not ours. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

/**
 * Assigning a name that the prototype has an accessor for (`__proto__`, which JSON can hold) would run that accessor: then
 * the property is defined instead.
 */
function put(fields: Record<string, unknown>, key: string, value: unknown): void {
  if (!(key in fields) || Object.hasOwn(fields, key)) fields[key] = value;
  else Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
}
