// What a config node of ours that runs has opened, for the host that it runs in.

/** Where it keeps that (nodes/define-node/src/context.ts). */
const PORT = Symbol.for('tapcase.port');

/** undefined: no such node. Throws what is wrong with its config. */
export function portOf<Port>(node: unknown): Port | undefined {
  return (node as { readonly [PORT]?: () => Port } | null)?.[PORT]?.();
}
