// The cloud's process through its lives: started with a point at which it dies, told the time, handed what staff press.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { within } from '../test/patience.ts';
import type { Clock } from './clock.ts';
import { type Running, start } from './process.ts';

const ROOT = join(import.meta.dirname, '..');
/** Where a life stops and lies as if dead until it is woken. */
export const SLEEP = 'sleep::1';
const LOOK_MS = 20;

/** man proc_pid_stat(5): the letter after the name in brackets. */
function isStopped(pid: number): boolean {
  try {
    return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export interface CloudOptions {
  /** Asked at each start: a ledger that was put back lies elsewhere. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** Where it reads the time when it wakes. */
  readonly wakeFile: string;
  readonly clock: Clock;
  readonly onLine: (line: string) => void;
  /** Nodes that have got a message. */
  readonly onPassed: (nodes: readonly string[]) => void;
}

export class Cloud {
  readonly #options: CloudOptions;
  #life: Running | undefined;
  #isUp = false;
  #isClosed = false;
  /** How far its clock is off. */
  skewMs = 0;
  #slept = Promise.withResolvers<true>();

  constructor(options: CloudOptions) {
    this.#options = options;
  }

  /** `failAt`: where this life ends by itself, as `fail-points.ts` reads it. Resolves when it is ready, or dead before that. */
  async start(failAt: string): Promise<boolean> {
    if (this.#isClosed) throw new Error('the proof is over');
    const { environment, wakeFile, onLine } = this.#options;
    rmSync(wakeFile, { force: true });
    this.#slept = Promise.withResolvers();
    const life = start({
      // Without a supervisor: the proof starts it again itself, to die elsewhere.
      script: join(ROOT, 'host', 'role-process.ts'),
      args: ['cloud'],
      env: {
        ...environment(),
        ...{ PROVE_FAIL_AT: failAt, PROVE_NOW_MS: String(this.#nowMs()), PROVE_WAKE_FILE: wakeFile },
      },
      preload: join(ROOT, 'prove', 'fail-points.ts'),
      onLine,
    });
    this.#life = life;
    void life.ended.then(() => {
      this.#isUp = false;
    });
    if (failAt === SLEEP) void this.#watch(life);
    // Who falls asleep while it starts is not up.
    const isReady = await within('the cloud to be ready', Promise.race([life.ready, this.#slept.promise]));
    this.#isUp = isReady && !(await this.isAsleep());
    return this.#isUp;
  }

  /** Resolves when this life has stopped at its point. */
  get slept(): Promise<true> {
    return this.#slept.promise;
  }

  isAsleep(): Promise<boolean> {
    return Promise.race([this.#slept.promise, Promise.resolve(false)]);
  }

  /** It goes on where it stopped, at the time that it is now. */
  wake(): void {
    writeFileSync(this.#options.wakeFile, String(this.#nowMs()));
    this.#slept = Promise.withResolvers();
    this.#life?.child.kill('SIGCONT');
    this.#isUp = true;
  }

  /** A process that was stopped tells nobody: its state is read. */
  async #watch({ child, ended }: Running): Promise<void> {
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    for (; !isOver; await setTimeout(LOOK_MS)) {
      if (!isStopped(child.pid!)) continue;
      this.#isUp = false;
      this.#slept.resolve(true);
      return;
    }
  }

  #nowMs(): number {
    return this.#options.clock.nowMs() + this.skewMs;
  }

  /** Ready, and not known to be dead. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Resolves when this life is over. */
  get ended(): Promise<void> {
    return this.#life?.ended ?? Promise.resolve();
  }

  /** At once, whatever it is doing. */
  shoot(): void {
    this.#life?.child.kill('SIGKILL');
  }

  async kill(): Promise<void> {
    await this.#life?.kill();
  }

  /** Dead for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.kill();
  }

  /** Asks it to stop, as a service manager does. */
  async stop(): Promise<void> {
    this.#life?.child.kill('SIGTERM');
    await within('the cloud to stop', this.ended);
  }

  /** Tells it the time; resolves when it has taken it, `false` when there is nobody to tell. */
  async keepsUp(): Promise<boolean> {
    const life = this.#life;
    if (life === undefined || !this.#isUp) return false;
    const heard = new Promise<boolean>((resolve) => {
      const listen = ({ kind, passed = [] }: { kind?: string; passed?: readonly string[] }) => {
        if (kind !== 'clock') return;
        life.child.off('message', listen);
        this.#options.onPassed(passed);
        resolve(true);
      };
      life.child.on('message', listen);
    });
    this.#send({ kind: 'clock', nowMs: this.#nowMs() });
    const deaf = Promise.race([life.ended, this.#slept.promise]).then(() => false);
    return within('the cloud to hear the time', Promise.race([heard, deaf]));
  }

  /** Hands a message to one of its nodes, as a form or a button of the editor does. */
  press(node: string, form: object): void {
    if (this.#isUp) this.#send({ kind: 'form', node, form });
  }

  /** A cloud that was just killed hears nothing, and that is no fault. */
  #send(message: object): void {
    if (this.#life?.child.connected === true) this.#life.child.send(message, () => {});
  }
}
