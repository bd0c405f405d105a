// The texts of a node type in the runtime's language, from the catalog that also labels its dialog.
import type { NodeAPI } from 'node-red';
import { Fault } from './fault.ts';

export interface Texts {
  /** A status text: `<type>.status.<text>`, else as it is. The key is the English text itself. */
  status(text: string): string;
  /** The Fault with `<type>.faults.<code>` as its message, its details filled in for `__name__`; else as it is. */
  fault(fault: Fault): Fault;
}

/** i18next takes these for a path or for a namespace. */
const NOT_IN_A_KEY = /[.:]/;

export function textsOf(RED: NodeAPI, type: string): Texts {
  return {
    status: (text) => (NOT_IN_A_KEY.test(text) ? text : (lookUp(RED, `${type}.status.${text}`) ?? text)),
    fault: (fault) => {
      const message = lookUp(RED, `${type}.faults.${fault.code}`, fault.details);
      if (message === undefined) return fault;
      // A new one: the same Fault may be reported by many nodes, each with words of its own.
      const told = new Fault(fault.code, message, fault.details, fault.cause);
      if (fault.stack !== undefined) told.stack = fault.stack;
      return told;
    },
  };
}

/** undefined where the catalog has none: Node-RED then answers with the key, with or without its namespace. */
function lookUp(RED: NodeAPI, key: string, values: Readonly<Record<string, unknown>> = {}): string | undefined {
  const text: unknown = RED._?.(key, values as never);
  return typeof text === 'string' && text !== '' && !text.endsWith(key) ? text : undefined;
}
