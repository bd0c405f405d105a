// A controller as the world sees it: its face, its sensors, its power. The firmware runs in a worker (vm.ts).
import { Worker } from 'node:worker_threads';
import type { Controller, ControllerFace, ControllerOptions } from './types.ts';
import type { FaceMessage, Secrets, VmData, VmOrder } from './vm-messages.ts';

/** How often the worker is told what the sensors feel: faster than the firmware looks. */
const SENSES_MS = 10;
const STOP_MS_MAX = 3_000;

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
    ...limits,
  };
  const workerData: VmData = { shared, flashFolder, secrets, seed: options.seed ?? 1 };
  const worker = new Worker(new URL('./vm.ts', import.meta.url), { workerData });
  const timer = setInterval(feel, SENSES_MS);
  let face = DARK;
  const order = (message: VmOrder) => worker.postMessage(message);
  const controller: Controller = {
    face: () => face,
    radio: (on) => order({ kind: 'radio', on }),
    stop: async () => {
      clearInterval(timer);
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      order({ kind: 'stop' });
      const kill = setTimeout(() => void worker.terminate(), STOP_MS_MAX);
      await ended;
      clearTimeout(kill);
    },
  };
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: FaceMessage) => {
      if (message.kind === 'face') {
        face = message.face;
        options.onChange(face);
        resolve(controller);
      } else if (message.kind === 'log') options.log?.(message.line);
      else if (message.kind === 'crashed') options.log?.(`firmware crashed: ${message.reason}`);
    });
  });
}
