// Drives one node in a real Node-RED runtime: sends a message, awaits what comes out of an output or of Catch.
import { createRequire } from 'node:module';
import type { NodeAPI } from 'node-red';
import { within } from '../patience.ts';

const require = createRequire(import.meta.url);
// The helper is CommonJS without types; this is the part of it that the tests use.
interface Helper {
  init(runtime: string): void;
  startServer(callback: () => void): void;
  stopServer(callback: () => void): void;
  load(
    nodes: readonly ((RED: NodeAPI) => void)[],
    flow: readonly object[],
    credentials: object,
    callback: () => void,
  ): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): RunningNode;
}
export interface RunningNode {
  receive(message: object): void;
  on(event: string, listener: (...values: never[]) => void): void;
  once(event: string, listener: (...values: never[]) => void): void;
}
export const helper = require('node-red-node-test-helper') as Helper;
helper.init(require.resolve('node-red'));
const { hooks } = require('@node-red/util') as { hooks: NodeAPI['hooks'] };
const catchNode = require('@node-red/nodes/core/common/25-catch.js') as (RED: NodeAPI) => void;

export type NodeModule = (RED: NodeAPI) => void;
export type Message = Record<string, unknown>;

export interface Bench {
  /** Sends and awaits the first message from any output, or a Fault from Catch. */
  send(message: object): Promise<Outcome>;
  /** Sends and collects everything until `count` messages have come. */
  collect(message: object, count: number): Promise<Outcome[]>;
  /** Sends, and resolves when the node is done with it, whether anything came out or not. */
  done(message: object): Promise<void>;
  node(id: string): RunningNode;
}
export type Outcome =
  | { readonly kind: 'output'; readonly port: number; readonly message: Message }
  | { readonly kind: 'fault'; readonly code: string; readonly message: Message };

/** Starts the runtime's server before the suite and stops it after; call inside a describe. */
export function withRuntime(): void {
  before((done) => {
    helper.startServer(done);
  });
  afterEach(async () => {
    await helper.unload();
  });
  after((done) => {
    helper.stopServer(done);
  });
}

/** One bench for all tests of a describe: for a node that is slow to start and keeps nothing from message to message. */
export function withBench(setup: () => BenchSetup): () => Bench {
  let running: Bench;
  before((done) => {
    helper.startServer(done);
  });
  before(async () => {
    running = await bench(setup());
  });
  after(async () => {
    await helper.unload();
  });
  after((done) => {
    helper.stopServer(done);
  });
  return () => running;
}

/**
 * The time of day stands still during each test of a describe: what a node decides by it does not depend on how long the
 * test takes. Timers run on. To be called before what makes the bench.
 */
export function withStoppedClock(): void {
  const { now } = Date;
  beforeEach(() => {
    const nowMs = now();
    Date.now = () => nowMs;
  });
  afterEach(() => {
    Date.now = now;
  });
}

export interface BenchSetup {
  /** The node under test, without wires: `{ id, type, ...config }`. */
  readonly node: { readonly id: string; readonly type: string } & Record<string, unknown>;
  readonly outputs: number;
  readonly modules: readonly NodeModule[];
  /** A node before it, which gets the messages: the first output of that one leads to the node under test. */
  readonly ahead?: { readonly id: string; readonly type: string } & Record<string, unknown>;
  readonly configNodes?: readonly object[];
  readonly credentials?: object;
}

/** Node-RED takes a node without a place on its tab for a config node, and then no Catch hears it. */
const ON_TAB = { z: 'tab', x: 0, y: 0 };

/** Loads the node on a tab with a Catch and a listener on every output. */
export async function bench({
  node,
  outputs,
  modules,
  ahead,
  configNodes = [],
  credentials = {},
}: BenchSetup): Promise<Bench> {
  const ports = Array.from({ length: outputs }, (_, port) => `out${port}`);
  const flow = [
    { id: 'tab', type: 'tab', label: 'test' },
    { ...node, ...ON_TAB, wires: ports.map((id) => [id]) },
    ...(ahead === undefined ? [] : [{ ...ahead, ...ON_TAB, wires: [[node.id]] }]),
    { id: 'catches', type: 'catch', ...ON_TAB, scope: null, wires: [['caught']] },
    ...[...ports, 'caught'].map((id) => ({ id, type: 'helper', ...ON_TAB, wires: [] })),
    ...configNodes,
  ];
  await helper.load([withHooks, catchNode, ...modules], flow, credentials, () => {});
  const collect = (message: object, count: number) => awaitOutcomes((ahead ?? node).id, ports, message, count);
  return {
    send: async (message) => (await collect(message, 1))[0]!,
    collect,
    done: (message) => isDone((ahead ?? node).id, message),
    node: (id) => helper.getNode(id),
  };
}

async function isDone(nodeId: string, message: object): Promise<void> {
  const done = new Promise<void>((resolve) => {
    hooks.add('onComplete.test', ({ node }) => {
      if (node.id === nodeId) resolve();
    });
  });
  helper.getNode(nodeId).receive(message);
  try {
    await within(`${nodeId} to be done`, done);
  } finally {
    hooks.remove('onComplete.test');
  }
}

/** Loaded before the others: the helper's RED lacks the hooks that Node-RED gives every node. */
const withHooks: NodeModule = (RED) => void Object.assign(RED, { hooks });

function awaitOutcomes(nodeId: string, ports: readonly string[], message: object, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const all = new Promise<Outcome[]>((resolve) => {
    const take = (outcome: Outcome) => {
      outcomes.push(outcome);
      if (outcomes.length === count) resolve(outcomes);
    };
    for (const [port, id] of ports.entries()) {
      helper.getNode(id).on('input', ((sent: Message) => take({ kind: 'output', port, message: sent })) as never);
    }
    helper.getNode('caught').on('input', ((sent: Message) => {
      const { code } = sent.error as { code?: string };
      take({ kind: 'fault', code: code ?? '(no code)', message: sent });
    }) as never);
    helper.getNode(nodeId).receive(message);
  });
  return within(`${count} messages of ${nodeId}`, all);
}
