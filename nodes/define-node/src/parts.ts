// A node that does one of several things of one subject: a property says which, and each part reads a message of its own.
import type { NodeContext } from './context.ts';
import type { Handled, Handler } from './define-node.ts';
import { Fault } from './fault.ts';

export interface Part<C, M, K extends string> {
  readonly parseMessage: (raw: unknown) => M | Fault;
  /** Called once per Deploy, as that of a whole node. */
  readonly build: (config: C, node: NodeContext<K>) => Handler<M, K>;
}

/** A part as it is, with its message's type inferred. */
export function part<C, M, K extends string>(part: Part<C, M, K>): Part<C, M, K> {
  return part;
}

/**
 * To be spread into `defineNode({ ...contract, ...partsBy('what', { door, vision }) })`: what a node does whose `property` names
 * one of `parts`.
 */
export function partsBy<P extends string, W extends string, C extends Readonly<Record<P, W>>, K extends string>(
  property: P,
  // biome-ignore lint/suspicious/noExplicitAny: each part's message is its own affair.
  parts: Readonly<Record<W, Part<C, any, K>>>,
): Part<C, unknown, K> {
  return {
    parseMessage: (raw) => raw,
    build: (config, node) => {
      const { parseMessage, build } = parts[config[property]];
      const handle = build(config, node);
      return (whole, raw): Handled<K> | Promise<Handled<K>> => {
        const message: unknown = parseMessage(whole);
        if (message instanceof Fault) throw message;
        return handle(message, raw);
      };
    },
  };
}
