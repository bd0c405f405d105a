// The texts of a node type in the runtime's language, from the catalog that also labels its dialog.
import type { NodeAPI } from 'node-red';
import { Fault } from './fault.ts';
import { inEnglish, type Status, valueText } from './said.ts';

export interface Texts {
  /** The catalog's `<type>.status.<words>`, its values filled in; else as it is in English. */
  status(status: Status): string;
  /** The Fault with `<type>.faults.<code>` as its message, its details filled in for `__name__`; else as it is. */
  fault(fault: Fault): Fault;
}

export function textsOf(RED: NodeAPI, type: string): Texts {
  const status = (said: Status): string => {
    if ('fact' in said) return said.fact;
    const values = Object.entries(said.values).map(([name, value]) => [name, valueText(value, status)]);
    return lookUp(RED, `${type}.status.${said.words}`, Object.fromEntries(values)) ?? inEnglish(said);
  };
  return {
    status,
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
  // Without a default it answers with the key, and fills the values into that.
  const text: unknown = RED._?.(key, { ...values, defaultValue: '' } as never);
  return typeof text === 'string' && text !== '' && !text.endsWith(key) ? text : undefined;
}
