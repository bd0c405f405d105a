// A controller as the world sees it: its face, its sensors, its power. The firmware runs in a worker (vm.ts).
import { Worker } from 'node:worker_threads';
import type { Controller, ControllerFace, ControllerOptions } from './types.ts';
import type { FaceMessage, Secrets, VmData, VmOrder } from './vm-messages.ts';

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

/** Resolves when the firmware has started; it then connects in its own time (`face().ready`). */
export function startController(options: ControllerOptions): Promise<Controller> {
  const { caseId, key, broker, cabinet, flashFolder, limits } = options;
  const shared = new SharedArrayBuffer(16);
  const senses = new Float64Array(shared);
  const feel = () => {
    senses[0] = cabinet.massGrams();
    senses[1] = cabinet.doorOpen() ? 1 : 0;
  };
  feel();
  const secrets: Secrets = {
    case: caseId,
    key: Buffer.from(key).toString('hex'),
    host: broker.host,
    port: broker.port,
    user: broker.username,
    password: broker.password,
    tls: false,
    ...limits,
  };
  const workerData: VmData = { shared, flashFolder, secrets, seed: options.seed ?? 1 };
  const timer = setInterval(feel, SENSES_MS);
  let face = DARK;
  let worker: Worker;
  let boot: NodeJS.Timeout | undefined;
  let stopped = false;
  const show = (next: ControllerFace) => {
    face = next;
    options.onChange(face);
  };
  const controller: Controller = {
    face: () => face,
    radio: (on) => worker.postMessage({ kind: 'radio', on } satisfies VmOrder),
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      clearTimeout(boot);
      // As abrupt as a pulled plug: what the firmware had not put into its flash is gone.
      await worker.terminate();
    },
  };
  return new Promise((resolve, reject) => {
    let started = false;
    const start = () => {
      worker = new Worker(new URL('./vm.ts', import.meta.url), { workerData });
      worker.on('message', (message: FaceMessage) => {
        if (message.kind === 'log') return options.log?.(message.line);
        if (stopped) return;
        show(message.face);
        started = true;
        resolve(controller);
      });
      worker.on('error', (error) => {
        options.log?.(`the controller's worker failed: ${error.message}`);
        if (started) return;
        clearInterval(timer);
        reject(error);
      });
      worker.on('exit', () => {
        if (stopped || !started) return;
        show(DARK);
        boot = setTimeout(start, BOOT_MS);
      });
    };
    start();
  });
}
