// Loaded into the cloud's process before anything else: kills it at a labelled point, and lets its clock be moved.
// Production code has no hooks for this. Every hand-over of a message between two nodes is a point (Node-RED's own
// hooks), and so is every commit of the ledger.
import { createRequire } from 'node:module';
import { StatementSync } from 'node:sqlite';
import pg from 'pg';

const require = createRequire(import.meta.url);

interface Hooks {
  add(name: string, hook: (event: never) => void): void;
}
const { hooks } = require('node-red') as { hooks: Hooks };
/** Hands a message to a node, as the dashboard's form does whose browser is not here. */
const flows = require('@node-red/runtime/lib/flows') as {
  get(id: string): { receive(message: object): void } | undefined;
};

/** `settle.price:receive:3`: the third message that this node gets. Or `commit:before:5`, `commit:after:5`. */
const [point = '', side = '', nth = '1'] = (process.env.PROVE_FAIL_AT ?? '').split(':');
let left = Number(nth);

function reached(): void {
  left -= 1;
  // SIGKILL: nothing is flushed, closed or said.
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

/** Nodes that got a message since the proof last asked: where a kill would meet somebody. */
const passed = new Set<string>();
hooks.add('onReceive.proveSeen', (({ destination }: { destination: { id: string } }) => {
  passed.add(destination.id);
}) as (event: never) => void);

if (side === 'receive') {
  hooks.add('onReceive.prove', (({ destination }: { destination: { id: string } }) => {
    if (destination.id === point) reached();
  }) as (event: never) => void);
}
if (side === 'send') {
  hooks.add('onSend.prove', ((sends: readonly { source: { id: string } }[]) => {
    if (sends.some(({ source }) => source.id === point)) reached();
  }) as (event: never) => void);
}
if (point === 'commit') atCommit();

function atCommit(): void {
  const run = StatementSync.prototype.run;
  StatementSync.prototype.run = function (this: StatementSync, ...values) {
    if (!/^commit/i.test(this.sourceSQL)) return run.apply(this, values as never);
    if (side === 'before') reached();
    const done = run.apply(this, values as never);
    if (side === 'after') reached();
    return done;
  } as typeof run;
  const query = pg.Client.prototype.query as (...values: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...values: unknown[]) {
    const text = typeof values[0] === 'string' ? values[0] : (values[0] as { text?: string } | undefined)?.text;
    if (text !== 'commit' && text !== 'COMMIT') return query.apply(this, values);
    if (side === 'before') reached();
    const done = query.apply(this, values);
    if (side === 'after') void (done as Promise<unknown> | undefined)?.then?.(reached);
    return done;
  } as never;
}

// Deadlines are minutes long, and a machine may be slow: the clock of shop, cases and Stripe stands still unless it is moved.
// Only Date obeys, whole: whoever compares `new Date()` with `Date.now()` would otherwise find a time that is never over.
// Timers, sockets and the order of things stay real. Each new time is answered from the event loop, that is after everything
// that waited there.
let nowMs = Number(process.env.PROVE_NOW_MS);
globalThis.Date = new Proxy(Date, {
  construct: (real, values, target) =>
    Reflect.construct(real, values.length === 0 ? [nowMs] : values, target) as object,
  apply: (real) => new real(nowMs).toString(),
  get: (real, name) => (name === 'now' ? () => nowMs : Reflect.get(real, name)),
});
process.on('message', (message: { kind?: string; nowMs?: number; node?: string; form?: object }) => {
  if (message.kind === 'clock') {
    nowMs = message.nowMs ?? nowMs;
    setImmediate(() => {
      if (process.connected) process.send?.({ kind: 'clock', nowMs, passed: [...passed] });
      passed.clear();
    });
  }
  if (message.kind === 'form') flows.get(message.node ?? '')?.receive({ ...message.form });
});
