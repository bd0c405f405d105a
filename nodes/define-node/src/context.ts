// What a node may know of Node-RED: its clock, its config nodes, its status, a way to send on its own.
import type { NodeAPI } from 'node-red';
import { Fault } from './fault.ts';
import type { Status } from './said.ts';
import type { Look } from './status.ts';

/** One message on its way out: a deep copy of the incoming one with `add` merged in, through the output named `to`. */
export interface Emission<K extends string> {
  readonly to: K;
  readonly add?: Readonly<Record<string, unknown>>;
  /** Up to 20 characters; a longer one is shortened at a word, a code (`area.what`) is shown whole. */
  readonly status?: Status;
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
  /** For Catch, with the message it happened to; without one, with a new one. */
  fail(fault: unknown, message?: Readonly<Record<string, unknown>>): void;
  status(status: Status, look?: Look): void;
  /** Runs when the node is stopped by a Deploy or shutdown. */
  onClose(close: () => void | Promise<void>): void;
  log(text: string): void;
  warn(text: string): void;
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
