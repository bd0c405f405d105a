// What a node may know of Node-RED: its clock, its config nodes, its status, a way to send on its own.
import { Fault } from '@tapcase/domain';
import type { Node, NodeAPI } from 'node-red';

/** How a node looks while it works: green dot, blue dot, yellow ring. Faults are shown by define-node itself. */
export type Look = 'did' | 'working' | 'needs-person';

/** One message on its way out: the incoming one with `add` merged in, through the output named `to`. */
export interface Emission<K extends string> {
  readonly to: K;
  readonly add?: Readonly<Record<string, unknown>>;
  /** Under 20 characters. */
  readonly status?: string;
  readonly look?: Look;
}

export interface NodeContext<K extends string> {
  readonly id: string;
  readonly name: string;
  readonly RED: NodeAPI;
  /** Unix milliseconds. */
  now(): number;
  /** The port that config node `id` of `type` opened. Throws `config.missing-node`, or that node's own Fault. */
  use<P>(id: string, type: string): P;
  /** For a node that is a source of messages: a new message, or a Fault for Catch. */
  emit(emission: Emission<K>): void;
  fail(fault: unknown): void;
  status(text: string, look?: Look): void;
  /** Runs when the node is stopped by a Deploy or shutdown. */
  onClose(close: () => void | Promise<void>): void;
  log(text: string): void;
  warn(text: string): void;
}

/** Shapes and colours, the same in every palette: green did, blue works, yellow needs a person, red is a fault. */
const LOOKS = {
  did: { fill: 'green', shape: 'dot' },
  working: { fill: 'blue', shape: 'dot' },
  'needs-person': { fill: 'yellow', shape: 'ring' },
  fault: { fill: 'red', shape: 'ring' },
} as const;

/** The editor cuts longer texts into the neighbour's wires. */
const STATUS_LENGTH_MAX = 20;

export function showStatus(node: Node, text: string, look: Look | 'fault'): void {
  node.status({ ...LOOKS[look], text: text.slice(0, STATUS_LENGTH_MAX) });
}

/** Marks a config node's instance as carrying a port; a symbol, so that no message or config can forge it. */
export const PORT = Symbol.for('tapcase.port');
export type PortHolder = { [PORT]?: () => unknown };

export function usePort<P>(RED: NodeAPI, id: string, type: string): P {
  const holder = RED.nodes.getNode(id) as unknown as (PortHolder & { type: string }) | null;
  if (!holder || holder.type !== type || holder[PORT] === undefined) {
    throw new Fault('config.missing-node', `no ${type} is chosen, or it is disabled`, { id, type });
  }
  return holder[PORT]() as P;
}

/** Whatever was thrown as a Fault, so that Catch always sees a code. Our own mistakes become `node.bug` with the stack. */
export function toFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  // A second copy of @tapcase/domain in node_modules makes another Fault class; its shape is what counts.
  if (thrown instanceof Error && thrown.name === 'Fault' && 'code' in thrown) return thrown as Fault;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const fault = new Fault('node.bug', message, {}, thrown);
  if (thrown instanceof Error && thrown.stack !== undefined) fault.stack = thrown.stack;
  return fault;
}
