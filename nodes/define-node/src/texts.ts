// The texts of a node type in the runtime's language: its own catalog, which also labels its dialog, and its palette's faults.
import type { NodeAPI } from 'node-red';
import { Fault } from './fault.ts';
import { inEnglish, type Said, type Status, valueText } from './said.ts';

export interface Texts {
  /** The catalog's `<type>.status.<words>`, its values filled in; else as it is in English. */
  status(status: Status): string;
  /**
   * The Fault with the catalog's text of its code, its details filled in for `__name__`, what it says in English for
   * `__message__`: `<type>.faults.<code>`, else the palette's. A text that wants a detail which the Fault has not is none.
   * Without any the Fault is as it is.
   */
  fault(fault: Fault): Fault;
}

export function textsOf(RED: NodeAPI, type: string): Texts {
  /** Where the build has put the palette's texts and the kit's: the namespace of one of its nodes. */
  const shared = (key: string) => {
    const namespace = lookUp(RED, `${type}.sharedFaults`);
    return namespace === undefined ? undefined : lookUp(RED, `${namespace}:${key}`);
  };
  const status = (said: Status): string => {
    if ('fact' in said) return said.fact;
    return fill(lookUp(RED, `${type}.status.${said.words}`), saidValues(said, status)) ?? inEnglish(said);
  };
  const problem = (said: Status): string => {
    if ('fact' in said) return said.fact;
    return fill(shared(`problems.${said.words}`), saidValues(said, problem)) ?? inEnglish(said);
  };
  return {
    status,
    fault: (fault) => {
      const details = Object.entries({ message: fault.message, ...fault.details }).flatMap(([name, value]) => {
        const text = detailText(value, problem);
        return text === undefined ? [] : [[name, text]];
      });
      const texts = [lookUp(RED, `${type}.faults.${fault.code}`), shared(`faults.${fault.code}`)];
      const message = texts.map((text) => fill(text, Object.fromEntries(details))).find(isText);
      if (message === undefined) return fault;
      // A new one: the same Fault may be reported by many nodes, each with words of its own.
      const told = new Fault(fault.code, message, fault.details, fault.cause);
      if (fault.stack !== undefined) told.stack = fault.stack;
      return told;
    },
  };
}

type Values = Readonly<Record<string, string>>;

function saidValues({ values }: Said, text: (status: Status) => string): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, valueText(value, text)]));
}

/** undefined for what cannot stand in a sentence. */
function detailText(value: unknown, problem: (status: Status) => string): string | undefined {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return isSaid(value) ? problem(value) : undefined;
}

function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'words' in value && 'values' in value;
}

function isText(text: string | undefined): text is string {
  return text !== undefined;
}

/** The text with its values; undefined where one is missing. */
function fill(text: string | undefined, values: Values): string | undefined {
  let isWhole = true;
  const filled = text?.replace(/__(\w+?)__/g, (_all, name: string) => {
    isWhole &&= Object.hasOwn(values, name);
    return values[name] ?? '';
  });
  return isWhole ? filled : undefined;
}

/**
 * The text as it stands in the catalog, its values not filled in; undefined where there is none: Node-RED then answers with
 * the key, with or without its namespace.
 */
function lookUp(RED: NodeAPI, key: string): string | undefined {
  const text: unknown = RED._?.(key, { defaultValue: '', skipInterpolation: true } as never);
  return typeof text === 'string' && text !== '' && !text.endsWith(key) ? text : undefined;
}
