// Reads the values of typed inputs (msg, flow, global, env, JSONata, ...) for a message, through Node-RED's own readers.
import type { Node, NodeAPI } from 'node-red';
import type { Check } from './check.ts';
import { Fault, type FaultCode } from './fault.ts';
import { inEnglish, phrase, type Said } from './said.ts';

export type TypedKind = 'msg' | 'flow' | 'global' | 'env' | 'str' | 'num' | 'bool' | 'json' | 'jsonata';

/** `await config.amount(raw)`, with Node-RED's message. Rejects with a Fault that names where it looked. */
export type TypedValue<T> = (message: object) => Promise<T>;

/** What Node-RED finds for a typed input. Rejects with whatever the reader threw. */
export type Evaluate = (value: string, type: TypedKind, message: object) => Promise<unknown>;

/** A context store or an expression that never answers must not keep a message for ever. */
const WAIT_MS_MAX = 10_000;

export interface TypedInput<T> {
  readonly property: string;
  readonly type: TypedKind;
  readonly value: string;
  readonly is: Check<T>;
  readonly optional: boolean;
  readonly badValue: FaultCode;
  readonly evaluate: Evaluate;
}

export function typedValue<T>(input: TypedInput<T>): TypedValue<T | undefined> {
  const where = input.type === 'msg' ? `msg.${input.value}` : `${input.property} (${input.type})`;
  const { badValue, property } = input;
  const bad = (problem: Said, cause?: unknown) =>
    new Fault(badValue, `${where}: ${inEnglish(problem)}`, { where, property, problem }, cause);
  return async (message) => {
    let found: unknown;
    try {
      found = await input.evaluate(input.value, input.type, message);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw bad(phrase('cannot be read (__why__)', { why }), cause);
    }
    if (input.type === 'env') found = fromText(found, input.is.of);
    if (input.optional && (found === undefined || found === null || found === '')) return undefined;
    const value = input.is.read(found);
    if (value === undefined) throw bad(phrase('wants __what__', { what: input.is.want }));
    return value;
  };
}

/** For a place where there is no message: a config node. */
export const nothingToEvaluate: Evaluate = () => Promise.reject(new Error('there is no message here'));

export function evaluator(RED: NodeAPI, node: Node): Evaluate {
  const prepared = new Map<string, ReturnType<NodeAPI['util']['prepareJSONataExpression']>>();
  const expression = (value: string) => {
    const known = prepared.get(value) ?? RED.util.prepareJSONataExpression(value, node);
    prepared.set(value, known);
    return known;
  };
  return (value, type, message) => {
    const found = new Promise<unknown>((resolve, reject) => {
      const answer = (problem: Error | null, result?: unknown) => (problem ? reject(problem) : resolve(result));
      if (type === 'msg') resolve(propertyOf(RED, message, value));
      else if (type === 'jsonata')
        RED.util.evaluateJSONataExpression(expression(value), message as never, answer as never);
      else RED.util.evaluateNodeProperty(value, type, node, message as never, answer as never);
    });
    return type === 'jsonata' || type === 'flow' || type === 'global' ? inTime(found) : found;
  };
}

/** undefined also where the object is missing that would hold it. Throws where `path` is no path. */
function propertyOf(RED: NodeAPI, message: object, path: string): unknown {
  try {
    return RED.util.getMessageProperty(message as never, path) as unknown;
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}

/** An environment variable is a text, whatever is meant. */
function fromText(found: unknown, of: Check<unknown>['of']): unknown {
  if (typeof found !== 'string' || found === '' || of === 'text') return found;
  if (of === 'number') return Number(found);
  try {
    return JSON.parse(found) as unknown;
  } catch {
    return found;
  }
}

async function inTime(found: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${WAIT_MS_MAX} ms`)), WAIT_MS_MAX);
  });
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}
