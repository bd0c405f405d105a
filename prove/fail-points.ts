// Loaded into the cloud's process before anything else: kills it, or puts it to sleep, at a labelled point, and lets its clock be
// moved.
// Production code has no hooks for this. Every hand-over of a message between two nodes is a point (Node-RED's own
// hooks), and so is every commit of the ledger.
import { readFileSync } from 'node:fs';
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

/**
 * `settle.price:receive:3`: the third message that this node gets. Or `commit:before:5`, `commit:after:5`. Or `sleep`: once a
 * charge is written down as sent, and Stripe has not heard of it.
 */
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
if (point === 'commit') {
  atCommit(() => {
    if (side === 'before') reached();
    return () => side === 'after' && reached();
  });
}
if (point === 'sleep') {
  atCommit((isCharge) => () => {
    if (isCharge && left > 0) sleep();
  });
}

/** As a machine that is suspended: it wakes in the middle of the next line, and its clock is right at once. */
function sleep(): void {
  left = 0;
  process.kill(process.pid, 'SIGSTOP');
  for (;;) {
    try {
      nowMs = Number(readFileSync(process.env.PROVE_WAKE_FILE ?? '', 'utf8'));
      return;
    } catch {
      // The signal may take a moment to reach all threads.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAKE_LOOK_MS);
    }
  }
}

/** `begins` is called before each commit, told whether it writes a charge down, and what it returns after it. */
function atCommit(begins: (isCharge: boolean) => () => unknown): void {
  // On a connection everything between two commits is one transaction.
  const charging = new WeakSet<object>();
  const isCharge = (sql: string, values: readonly unknown[]) =>
    /^insert into "money_steps"/i.test(sql) && values.some((value) => /:charge:\d+$/.test(String(value)));
  for (const name of ['run', 'all'] as const) {
    const act = StatementSync.prototype[name] as (...values: unknown[]) => unknown;
    StatementSync.prototype[name] = function (this: StatementSync, ...values: unknown[]) {
      if (isCharge(this.sourceSQL, values)) charging.add(StatementSync);
      if (!/^commit/i.test(this.sourceSQL)) return act.apply(this, values);
      const ends = begins(charging.delete(StatementSync));
      const done = act.apply(this, values);
      ends();
      return done;
    } as never;
  }
  const query = pg.Client.prototype.query as (...values: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...values: unknown[]) {
    const asked = values[0] as { text?: string; values?: unknown[] } | string | undefined;
    const text = typeof asked === 'string' ? asked : (asked?.text ?? '');
    const given = typeof asked === 'string' ? values[1] : asked?.values;
    if (Array.isArray(given) && isCharge(text, given)) charging.add(this);
    if (text !== 'commit' && text !== 'COMMIT') return query.apply(this, values);
    const ends = begins(charging.delete(this));
    const done = query.apply(this, values);
    void (done as Promise<unknown> | undefined)?.then?.(ends);
    return done;
  } as never;
}

/** How often a sleeper looks whether it was woken, where the signal has not stopped all of it yet. */
const WAKE_LOOK_MS = 20;

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
