// Owns the ceremony of a Node-RED node: config parsed once, what leaves is a copy, done exactly once, faults to Catch.
import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { type AdminAction, registerAction } from './admin-action.ts';
import { type Emission, type NodeContext, usePort } from './context.ts';
import { copyMessage } from './copy.ts';
import { type Complete, completer, type Defaults } from './defaults.ts';
import { Fault, toFault } from './fault.ts';
import { type Inherits, isGiven, type Settings, type SettingsHolder } from './inherits.ts';
import { shows } from './said.ts';
import { showStatus } from './status.ts';
import { type Texts, textsOf } from './texts.ts';
import { type Evaluate, evaluator } from './values.ts';

/** Nothing (the message ends here), one message, or several in order. Throw a Fault to reach Catch. */
export type Handled<K extends string> = Emission<K> | readonly Emission<K>[] | undefined;
/** `message` is parsed; `raw` is Node-RED's own, for the rare node that needs `req` or `res`. */
export type Handler<M, K extends string> = (
  message: M,
  raw: Readonly<Record<string, unknown>>,
) => Handled<K> | Promise<Handled<K>>;

export interface NodeSpec<C, M, K extends string> {
  readonly type: string;
  /** Names of the outputs in port order: the expected outcomes. */
  readonly outputs: readonly K[];
  /** What a property is when the saved node lacks it: an older node, or one that was written by hand. */
  readonly defaults?: Defaults;
  /** Set by `contract`, whose parser migrates what is older and then fills in `defaults` itself. */
  readonly version?: number;
  /** The saved config, untyped, to a config or a Fault that every message then reports. */
  readonly parseConfig: (raw: unknown, evaluate: Evaluate, complete: Complete) => C | Fault;
  readonly parseMessage: (raw: unknown) => M | Fault;
  /** Called once per Deploy. May throw: the node then lives and reports the Fault on every message. */
  readonly build: (config: C, node: NodeContext<K>) => Handler<M, K>;
  /** What the dialog may ask, by the last part of its path. */
  readonly actions?: Readonly<Record<string, AdminAction>>;
  /** Whose settings count where the node has none of its own. */
  readonly inherits?: Inherits;
}

/** The default export of a node's file. */
export function defineNode<C, M, K extends string>(spec: NodeSpec<C, M, K>): (RED: NodeAPI) => void {
  return (RED) => {
    for (const [name, action] of Object.entries(spec.actions ?? {})) registerAction(RED, spec.type, name, action);
    RED.nodes.registerType(spec.type, function construct(this: Node, saved: NodeDef) {
      RED.nodes.createNode(this, saved);
      const texts = textsOf(RED, spec.type);
      const context = createContext(RED, this, spec.outputs, texts);
      const handler = attempt(() => buildHandler(spec, saved, context, this));
      // A constructor that throws makes the node vanish from the running flow, so a bad config waits for the messages.
      if (handler instanceof Fault) showStatus(this, texts, shows(handler.code), 'fault');
      this.on('input', (message, send, done) => {
        run(spec, handler, message)
          .then((emissions) => {
            // All copies first: a consumer may run inside `send`, and must not change what a later output says.
            const copies = emissions.map((emission) => outgoing(emission, message));
            for (const [at, emission] of emissions.entries()) {
              deliver(this, texts, spec.outputs, emission, copies[at] as NodeMessage, send);
            }
            done();
          })
          .catch((thrown: unknown) => {
            const fault = toFault(thrown);
            showStatus(this, texts, shows(fault.code), 'fault');
            done(texts.fault(fault));
          });
      });
    });
  };
}

function buildHandler<C, M, K extends string>(
  spec: NodeSpec<C, M, K>,
  saved: NodeDef,
  context: NodeContext<K>,
  node: Node,
): Handler<M, K> | Fault {
  const complete = completer(context.RED, node, spec.defaults);
  const definition = spec.version === undefined ? complete(saved as never) : saved;
  const stored = spec.inherits === undefined ? definition : inherited(spec.inherits, definition as never, context);
  const config = spec.parseConfig(stored, evaluator(context.RED, node), complete);
  return config instanceof Fault ? config : spec.build(config, context);
}

/** Throws `config.missing-node`, or the config node's own Fault. */
function inherited({ from, type, fill }: Inherits, definition: NodeDef, { use }: Pick<NodeContext<never>, 'use'>) {
  const own = definition as unknown as Settings;
  const id = own[from];
  return fill(own, isGiven(id) ? use<SettingsHolder>(String(id), type).settings : {});
}

async function run<C, M, K extends string>(
  spec: NodeSpec<C, M, K>,
  handler: Handler<M, K> | Fault,
  raw: NodeMessage,
): Promise<readonly Emission<K>[]> {
  if (handler instanceof Fault) throw handler;
  const message = spec.parseMessage(raw);
  if (message instanceof Fault) throw message;
  const handled = await handler(message, raw as unknown as Record<string, unknown>);
  if (handled === undefined) return [];
  return Array.isArray(handled) ? handled : [handled as Emission<K>];
}

/** The message of an output, with nothing in it that a config node, a cache or another output holds too. */
function outgoing<K extends string>({ add }: Emission<K>, message: NodeMessage): NodeMessage {
  return copyMessage({ ...message, ...add });
}

function deliver<K extends string>(
  node: Node,
  texts: Texts,
  outputs: readonly K[],
  { to, status, look }: Emission<K>,
  message: NodeMessage,
  send: (message: (NodeMessage | null)[]) => void,
): void {
  if (status !== undefined) showStatus(node, texts, status, look ?? 'did');
  send(outputs.map((output) => (output === to ? message : null)));
}

function createContext<K extends string>(
  RED: NodeAPI,
  node: Node,
  outputs: readonly K[],
  texts: Texts,
): NodeContext<K> {
  return {
    id: node.id,
    name: node.name ?? '',
    RED,
    now: () => Date.now(),
    use: (id, type) => usePort(RED, id, type),
    emit: (emission) => {
      const message = outgoing(emission, { _msgid: RED.util.generateId() });
      deliver(node, texts, outputs, emission, message, (messages) => node.send(messages));
    },
    fail: (thrown, message) => {
      const fault = toFault(thrown);
      showStatus(node, texts, shows(fault.code), 'fault');
      // A message makes it catchable; without one Node-RED only logs.
      node.error(
        texts.fault(fault),
        message === undefined ? { _msgid: RED.util.generateId() } : copyMessage({ ...message }),
      );
    },
    status: (status, look = 'did') => showStatus(node, texts, status, look),
    onClose: (close) => {
      node.on('close', (_removed: boolean, done: () => void) => {
        Promise.resolve()
          .then(close)
          .catch((thrown: unknown) => node.warn(toFault(thrown).message))
          .finally(done);
      });
    },
    log: (text) => node.log(text),
    warn: (text) => node.warn(text),
  };
}

function attempt<T>(action: () => T): T | Fault {
  try {
    return action();
  } catch (thrown) {
    return toFault(thrown);
  }
}
