// A controller as the world sees it: its face, its sensors, its power. The firmware runs in a worker (vm.ts).
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ALL_WELL } from './conditions.ts';
import { deviceLog } from './device-log.ts';
import type { Conditions, Controller, ControllerFace, ControllerOptions, LogLine } from './types.ts';
import {
  type FaceMessage,
  feel,
  putFelt,
  SENSES_BYTES,
  type Secrets,
  type VmData,
  type VmOrder,
} from './vm-messages.ts';

/** How often the worker is told what the sensors feel: faster than the firmware looks. */
const SENSES_MS = 10;
/** A chip that resets boots again after this; one that resets for ever must not eat the machine. */
const BOOT_MS = 500;

const DARK: ControllerFace = {
  locked: true,
  led: [0, 0, 0],
  buzzer: false,
  oled: new Uint8Array(1024),
  line: 0,
  ready: false,
};

/** What this case has of what a case may have (firmware/app/devices.py). */
const FITTED = ['bolt', 'temp', 'power_fail'];
/** A supply that comes back: RTC memory is empty. */
const POWERED = { resetCause: 'power', rtc: '' } as const;

/** Resolves when the firmware has started; it then connects in its own time (`face().ready`). */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const controller = new WorkerController(options);
  await controller.start();
  return controller;
}

class WorkerController implements Controller {
  private readonly options: ControllerOptions;
  private readonly shared = new SharedArrayBuffer(SENSES_BYTES);
  private readonly senses = new Float64Array(this.shared);
  private readonly said = deviceLog();
  private readonly timer: NodeJS.Timeout;
  private now: Conditions = ALL_WELL;
  private shown = DARK;
  private worker: Worker | undefined;
  private running = false;
  /** Has ever run: one that never did is a mistake of ours, and is not started again. */
  private ran = false;
  private boot: NodeJS.Timeout | undefined;
  private stopped = false;
  /** Why it starts next, and with what in its RTC memory. */
  private woken: Pick<VmData, 'resetCause' | 'rtc'> = POWERED;

  constructor(options: ControllerOptions) {
    this.options = options;
    this.feel();
    this.timer = setInterval(() => this.feel(), SENSES_MS);
  }

  face(): ControllerFace {
    return this.shown;
  }

  conditions(): Conditions {
    return this.now;
  }

  dark(): boolean {
    return !this.running;
  }

  log(): readonly LogLine[] {
    return this.said.lines();
  }

  radio(on: boolean): void {
    this.change({ radio: on });
  }

  change(wanted: Partial<Conditions>): void {
    const before = this.now;
    this.now = { ...before, ...wanted };
    this.feel();
    const { power, radio } = this.now;
    if (radio !== before.radio) this.worker?.postMessage({ kind: 'radio', on: radio } satisfies VmOrder);
    if (power !== before.power) this.tell({ kind: 'power', what: power, detail: '' });
    if (power === 'none') this.cut();
    else if (before.power === 'none') this.restart(0);
    this.options.onChange(this.shown);
  }

  brownOut(): boolean {
    if (this.now.power === 'none') return false;
    this.tell({ kind: 'power', what: 'brown-out', detail: '' });
    this.cut();
    this.restart(BOOT_MS);
    return true;
  }

  swapBoard(): void {
    this.tell({ kind: 'power', what: 'swapped', detail: '' });
    // The old one must not write into the flash of the new one.
    void this.cut().then(() => {
      if (this.stopped || this.worker !== undefined) return;
      rmSync(this.options.flashFolder, { recursive: true, force: true });
      if (this.now.power !== 'none') this.restart(BOOT_MS);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.cut();
  }

  /** Resolves with the firmware's first face; rejects when the worker cannot even start. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error) => {
        clearInterval(this.timer);
        reject(error);
      };
      this.run(resolve, failed);
    });
  }

  private run(started: () => void = () => {}, failed: (error: Error) => void = () => {}): void {
    const { caseId, key, broker, flashFolder, limits, seed = 1 } = this.options;
    const secrets: Secrets = {
      case: caseId,
      key: Buffer.from(key).toString('hex'),
      host: broker.host,
      port: broker.port,
      user: broker.username,
      password: broker.password,
      tls: false,
      fitted: FITTED,
      ...limits,
    };
    const workerData: VmData = {
      shared: this.shared,
      flashFolder,
      secrets,
      seed,
      radio: this.now.radio,
      ...this.woken,
    };
    this.woken = POWERED;
    const worker = new Worker(new URL('./vm.ts', import.meta.url), { workerData });
    this.worker = worker;
    // What a worker says after its plug was pulled is nobody's.
    const isCurrent = () => this.worker === worker && !this.stopped;
    worker.on('message', (message: FaceMessage) => {
      if (message.kind === 'log') this.tell(message.line);
      if (!isCurrent()) return;
      if (message.kind === 'reset') this.woken = { resetCause: message.cause, rtc: message.rtc };
      else if (message.kind === 'face') {
        this.running = true;
        this.ran = true;
        this.show(message.face);
        started();
      } else this.options.onChange(this.shown);
    });
    worker.on('error', (error) => {
      this.options.log?.(`the controller's worker failed: ${error.message}`);
      if (!this.ran) failed(error);
    });
    worker.on('exit', () => {
      if (!isCurrent() || !this.ran) return;
      this.running = false;
      this.show(DARK);
      this.restart(BOOT_MS);
    });
  }

  /** As abrupt as a pulled plug: what the firmware had not put into its flash is gone. */
  private async cut(): Promise<void> {
    clearTimeout(this.boot);
    this.woken = POWERED;
    const { worker } = this;
    this.worker = undefined;
    this.running = false;
    if (!this.stopped) this.show(DARK);
    await worker?.terminate();
  }

  private restart(afterMs: number): void {
    clearTimeout(this.boot);
    this.boot = setTimeout(() => this.run(), afterMs);
  }

  private tell(line: Pick<LogLine, 'kind' | 'what' | 'detail'>): void {
    if (!this.said.add(line)) return;
    this.options.log?.(line.kind === 'says' ? line.what : `(${line.kind}) ${line.what} ${line.detail}`.trim());
  }

  private show(face: ControllerFace): void {
    this.shown = face;
    this.options.onChange(face);
  }

  private feel(): void {
    const { cabinet } = this.options;
    putFelt(this.senses, feel(cabinet.massGrams(), cabinet.doorOpen(), this.now));
  }
}
