// The cloud's process through its lives: started with a point at which it dies, told the time, handed what staff press.
import { join } from 'node:path';
import { within } from '../test/patience.ts';
import type { Clock } from './clock.ts';
import { type Running, start } from './process.ts';

const ROOT = join(import.meta.dirname, '..');

export interface CloudOptions {
  readonly environment: Readonly<Record<string, string>>;
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

  constructor(options: CloudOptions) {
    this.#options = options;
  }

  /** `failAt`: where this life ends by itself, as `fail-points.ts` reads it. Resolves when it is ready, or dead before that. */
  async start(failAt: string): Promise<boolean> {
    if (this.#isClosed) throw new Error('the proof is over');
    const { environment, clock, onLine } = this.#options;
    const life = start({
      // Without a supervisor: the proof starts it again itself, to die elsewhere.
      script: join(ROOT, 'host', 'role-process.ts'),
      args: ['cloud'],
      env: { ...environment, PROVE_FAIL_AT: failAt, PROVE_NOW_MS: String(clock.nowMs()) },
      preload: join(ROOT, 'prove', 'fail-points.ts'),
      onLine,
    });
    this.#life = life;
    void life.ended.then(() => {
      this.#isUp = false;
    });
    this.#isUp = await within('the cloud to be ready', life.ready);
    return this.#isUp;
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
    this.#send({ kind: 'clock', nowMs: this.#options.clock.nowMs() });
    return within('the cloud to hear the time', Promise.race([heard, life.ended.then(() => false)]));
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
