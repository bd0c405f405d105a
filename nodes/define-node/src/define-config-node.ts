// Owns the ceremony of a config node: config and secrets parsed once, a port opened for the nodes that use it.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { type AdminAction, registerAction } from './admin-action.ts';
import { PORT, type PortHolder } from './context.ts';
import { type Complete, completer, type Defaults, type Fields } from './defaults.ts';
import { Fault, toFault } from './fault.ts';
import { type Evaluate, nothingToEvaluate } from './values.ts';

/**
 * Reads secret `name`: the credential of that name, else the environment variable that the config property
 * `<name>Env` names. Throws `config.missing-secret`. The value never stands in a flow file.
 */
export type ReadSecret = (name: string) => string;

export interface ConfigNodeSpec<C, P> {
  readonly type: string;
  /** Names of credentials; each is a password field in the dialog. */
  readonly secrets?: readonly string[];
  /** What a property is when the saved node lacks it: an older node, or one that was written by hand. */
  readonly defaults?: Defaults;
  /** Set by `contract`, whose parser migrates what is older and then fills in `defaults` itself. */
  readonly version?: number;
  readonly parseConfig: (raw: unknown, evaluate: Evaluate, complete: Complete) => C | Fault;
  /** Called once per Deploy, at the first use. May throw a Fault; every use then reports it. */
  readonly open: (config: C, secret: ReadSecret, RED: NodeAPI) => P;
  readonly close?: (port: P) => void | Promise<void>;
  /** What the dialog may ask, by the last part of its path. */
  readonly actions?: Readonly<Record<string, AdminAction>>;
}

/** The default export of a config node's file. */
export function defineConfigNode<C, P>(spec: ConfigNodeSpec<C, P>): (RED: NodeAPI) => void {
  const credentials = Object.fromEntries((spec.secrets ?? []).map((name) => [name, { type: 'password' as const }]));
  return (RED) => {
    for (const [name, action] of Object.entries(spec.actions ?? {})) registerAction(RED, spec.type, name, action);
    RED.nodes.registerType(
      spec.type,
      function construct(this: Node, saved: NodeDef) {
        RED.nodes.createNode(this, saved);
        const opened = once(() => openPort(spec, this, saved as never, RED));
        (this as PortHolder)[PORT] = () => {
          const port = opened();
          if (port instanceof Fault) throw port;
          return port;
        };
        this.on('close', (_removed: boolean, done: () => void) => {
          const port = opened.value();
          Promise.resolve(port === undefined || port instanceof Fault ? undefined : spec.close?.(port))
            .catch((thrown: unknown) => this.warn(toFault(thrown).message))
            .finally(done);
        });
      },
      { credentials } as never,
    );
  };
}

function openPort<C, P>(spec: ConfigNodeSpec<C, P>, node: Node, saved: Fields, RED: NodeAPI): P | Fault {
  try {
    const complete = completer(RED, node, spec.defaults);
    const definition = spec.version === undefined ? complete(saved) : saved;
    const config = spec.parseConfig(definition, nothingToEvaluate, complete);
    if (config instanceof Fault) return config;
    // The variable of an older node may be missing, whatever its version: then it is the one a new node names.
    const named = complete(saved);
    return spec.open(config, (name) => readSecret(RED, node, named, name), RED);
  } catch (thrown) {
    return toFault(thrown);
  }
}

function readSecret(RED: NodeAPI, node: Node, definition: Fields, name: string): string {
  const stored = (node.credentials as Record<string, unknown> | undefined)?.[name];
  if (typeof stored === 'string' && stored !== '') return stored;
  const variable = definition[`${name}Env`];
  if (typeof variable === 'string' && variable !== '') {
    const value: unknown = RED.util.evaluateNodeProperty(variable, 'env', node, {});
    if (typeof value === 'string' && value !== '') return value;
  }
  throw new Fault('config.missing-secret', `${node.type} has no ${name}: neither a credential nor in the environment`, {
    type: node.type,
    name,
  });
}

function once<T>(make: () => T): { (): T; value(): T | undefined } {
  let made: { readonly value: T } | undefined;
  const get = () => {
    made ??= { value: make() };
    return made.value;
  };
  return Object.assign(get, { value: () => made?.value });
}
