// Answers pictures in a process of its own, so that Node-RED stays awake and alive. Arguments: the model's folder, the
// number of threads.
import { Fault } from '@tapcase/domain';
import { type Detector, openDetector } from './detector.ts';
import type { WorkerAnswer, WorkerRequest } from './messages.ts';
import { stampOf } from './model-folder.ts';

const [folder = '', threads = '1'] = process.argv.slice(2);
/** Faults of the model and not of the picture: another model may do better. */
const MODEL_FAULTS: ReadonlySet<string> = new Set(['detr.model-unfit', 'detr.bad-output']);

let loading = startLoading();
/** The model has failed on a picture: it is used until its folder changes. */
let suspect = false;

process.on('message', async (request: WorkerRequest) => {
  process.send?.(await answer(request));
});
// Node-RED has gone, perhaps without a word: nobody would ever end this process.
process.on('disconnect', () => process.exit());

async function answer({ id, picture, threshold }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    const detector = await useModel();
    const { name, sha256 } = detector.folder;
    const detected = await detector.detect(picture, threshold);
    return { id, kind: 'detected', name, sha256, ...detected };
  } catch (thrown) {
    const fault =
      thrown instanceof Fault ? thrown : new Fault('detr.model-unfit', `the model did not run: ${String(thrown)}`);
    suspect = MODEL_FAULTS.has(fault.code);
    return { id, kind: 'fault', code: fault.code, message: fault.message };
  }
}

/** The model, loaded again after it failed and its folder was changed: a folder put right needs no Deploy. */
async function useModel(): Promise<Detector> {
  const loaded = await loading.catch(() => undefined);
  if (loaded !== undefined && !(suspect && (await stampOf(folder)) !== loaded.folder.stamp)) return loaded;
  // Let go first: two models at once would not fit into a Pi's memory.
  await loaded?.close();
  suspect = false;
  loading = startLoading();
  return await loading;
}

function startLoading(): Promise<Detector> {
  const started = openDetector(folder, Number(threads));
  // Reported with the next picture; without a handler Node would end the process first.
  started.catch(() => {});
  return started;
}
