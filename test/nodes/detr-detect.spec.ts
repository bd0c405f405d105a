// detr-detect and its detr-model in a real Node-RED: what is in a picture, and what a model that fails does to the flow.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '@tapcase/domain';
import detrDetect from '../../nodes/node-red-contrib-detr/src/detr-detect/detr-detect.ts';
import detrModel from '../../nodes/node-red-contrib-detr/src/detr-model/detr-model.ts';
import { modelProcess } from '../../nodes/node-red-contrib-detr/src/detr-model/model-process.ts';
import { bench, type Outcome, withRuntime } from './harness.ts';
import { shelfPicture, type TinyOptions, tinyModelFolder, writeTinyModel } from './tiny-detr.ts';

const SHELF = shelfPicture({ cola: 3, soda: 1 });

describe('detr-detect', () => {
  withRuntime();
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  const model = (options: TinyOptions = {}) => {
    const folder = tinyModelFolder(options);
    folders.push(folder);
    return folder;
  };
  const detect = (folder: string, config: object = {}) =>
    bench({
      node: { id: 'detect', type: 'detr-detect', model: 'config.model', threshold: '0.7', ...config },
      outputs: 1,
      modules: [detrModel, detrDetect],
      configNodes: [{ id: 'config.model', type: 'detr-model', folder, threads: '1' }],
    });

  it('says what is in the picture, where, and which model saw it', async () => {
    const { send } = await detect(model());
    const { boxes, model: hash, ms, threshold } = detections(await send({ image: SHELF, topic: 'kept' }));
    assert.deepEqual(boxes.map(({ label, x, y, w, h }) => [label, ...[x, y, w, h].map(Math.round)].join(' ')).sort(), [
      'cola 0 0 16 16',
      'cola 16 0 16 16',
      'cola 32 0 16 16',
      'soda 48 0 16 16',
    ]);
    assert.match(hash, /^[0-9a-f]{12}$/);
    assert.ok(ms >= 0);
    assert.equal(threshold, 0.7);
  });

  it('finds nothing on an empty shelf', async () => {
    const { send } = await detect(model());
    assert.deepEqual(detections(await send({ image: shelfPicture({}) })).boxes, []);
  });

  it('a larger picture is resized, and its boxes are in its own pixels', async () => {
    const { send } = await detect(model());
    const rgb = new Uint8Array(128 * 96 * 3);
    for (let i = 0; i < 128 * 96; i += 1) if (i % 128 < 32 && i < 128 * 32) rgb.set([255, 0, 0], i * 3);
    const { boxes } = detections(await send({ image: { width: 128, height: 96, rgb } }));
    assert.deepEqual(
      boxes.map(({ label, w, h }) => [label, Math.round(w), Math.round(h)]),
      [['cola', 32, 32]],
    );
  });

  for (const mask of ['frozen', 'dynamic'] as const) {
    it(`feeds a model whose exporter wants a ${mask} mask`, async () => {
      const { send } = await detect(model({ mask }));
      assert.equal(detections(await send({ image: SHELF })).boxes.length, 4);
    });
  }

  const broken: [story: string, code: string, folder: () => string][] = [
    ['there is no folder', 'detr.model-missing', () => '/no/such/folder'],
    [
      'the model file is cut short',
      'detr.model-broken',
      () => {
        const folder = model();
        truncateSync(join(folder, 'model.onnx'), 100);
        return folder;
      },
    ],
    [
      'a configuration is not JSON',
      'detr.model-broken',
      () => {
        const folder = model();
        writeFileSync(join(folder, 'config.json'), '{');
        return folder;
      },
    ],
    ['the outputs are not those of DETR', 'detr.model-unfit', () => model({ logitsName: 'class_scores' })],
    [
      'the labels leave no class for "no object"',
      'detr.model-unfit',
      () => model({ id2label: { 0: 'cola', 1: 'soda', 2: 'water' } }),
    ],
    ['the model answers nonsense', 'detr.bad-output', () => model({ bias: Number.POSITIVE_INFINITY })],
  ];
  for (const [story, code, folder] of broken) {
    it(`tells Catch ${code} when ${story}, on every picture, and lives on`, async () => {
      const { send } = await detect(folder());
      for (let time = 0; time < 2; time += 1) assertFault(await send({ image: SHELF }), code);
    });
  }

  it('a model that was put right is used without a Deploy', async () => {
    const folder = model();
    rmSync(folder, { recursive: true });
    const { send } = await detect(folder);
    assertFault(await send({ image: SHELF }), 'detr.model-missing');
    writeTinyModel(folder);
    assert.equal(detections(await send({ image: SHELF })).boxes.length, 4);
  });

  it('refuses what is no picture', async () => {
    const { send } = await detect(model());
    assertFault(await send({ image: { ...SHELF, width: 63 } }), 'image.malformed');
    assertFault(await send({ payload: 'no picture at all' }), 'image.malformed');
  });

  it('tells Catch when its configuration is wrong', async () => {
    assertFault(await (await detect(model(), { threshold: '2' })).send({ image: SHELF }), 'config.invalid');
  });

  it('tells Catch when no model is chosen', async () => {
    assertFault(await (await detect(model(), { model: '' })).send({ image: SHELF }), 'config.missing-node');
  });

  it('tells Catch when the model has no folder, or no sensible number of threads', async () => {
    assertFault(await (await detect(' ')).send({ image: SHELF }), 'config.invalid');
  });
});

describe('the process of a model', () => {
  // One that never answers, one that dies at the first picture, one that answers each with its threshold.
  const HANGS = 'setInterval(() => {}, 1000)';
  const DIES = "process.on('message', () => process.exit(3))";
  const ANSWERS =
    "process.on('message', ({ id, threshold }) => " +
    "process.send({ id, kind: 'detected', model: String(threshold), boxes: [] }))";
  const CONFIG = { folder: 'unused', threads: 1 };
  const runs = (code: string) =>
    spawn(process.execPath, ['-e', code], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
  /** Starts the given processes one after the other. */
  const processes = (...codes: string[]) => {
    let started = 0;
    return () => runs(codes[Math.min(started++, codes.length - 1)]!);
  };

  it('that hangs is ended, its picture is told so, and the next picture is seen by a new one', async () => {
    // Long enough for the second process to start on a busy machine.
    const model = modelProcess(CONFIG, { runMsMax: 1_000, start: processes(HANGS, ANSWERS) });
    const [hung, seen] = [model.detect(SHELF, 0.1), model.detect(SHELF, 0.2)];
    await assert.rejects(hung, { code: 'detr.timeout' });
    assert.equal((await seen).model, '0.2');
    await model.close();
  });

  it('that dies is replaced, and only its own picture is lost', async () => {
    const model = modelProcess(CONFIG, { start: processes(DIES, ANSWERS) });
    const [lost, seen] = [model.detect(SHELF, 0.1), model.detect(SHELF, 0.2)];
    await assert.rejects(lost, { code: 'detr.crashed' });
    assert.equal((await seen).model, '0.2');
    await model.close();
  });

  it('that died between two pictures is noticed at the next, and replaced', async () => {
    const first = runs(ANSWERS);
    let given = first;
    const model = modelProcess(CONFIG, { start: () => given });
    assert.equal((await model.detect(SHELF, 0.1)).model, '0.1');
    first.kill('SIGKILL');
    await once(first, 'exit');
    given = runs(ANSWERS);
    await assert.rejects(model.detect(SHELF, 0.2), { code: 'detr.crashed' });
    assert.equal((await model.detect(SHELF, 0.3)).model, '0.3');
    await model.close();
  });

  it('sees the latest pictures: of more than eight that wait, the oldest are told that they were given up', async () => {
    const model = modelProcess(CONFIG, { start: processes(ANSWERS) });
    const results = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => model.detect(SHELF, i / 100)));
    // The first is being looked at; eight of the other eleven fit.
    const lost = results.flatMap((result, i) => (result.status === 'rejected' ? [[i, result.reason.code]] : []));
    assert.deepEqual(lost, [
      [1, 'detr.superseded'],
      [2, 'detr.superseded'],
      [3, 'detr.superseded'],
    ]);
    await model.close();
  });

  it('when closed tells every picture so, waiting or new', async () => {
    const model = modelProcess(CONFIG, { start: processes(HANGS) });
    const pictures = [model.detect(SHELF, 0.1), model.detect(SHELF, 0.2)].map((picture) =>
      picture.catch((fault: Fault) => fault.code),
    );
    await model.close();
    assert.deepEqual(await Promise.all(pictures), ['detr.closing', 'detr.closing']);
    await assert.rejects(model.detect(SHELF, 0.3), { code: 'detr.closing' });
  });

  it('can be closed at any moment of its loading and looking, and Node-RED lives on', async () => {
    const folder = tinyModelFolder();
    for (const pictures of [0, 0, 1, 1, 3, 3]) {
      const model = modelProcess({ folder, threads: 1 });
      const looks = Array.from({ length: pictures }, () => model.detect(SHELF, 0.5).catch(({ code }: Fault) => code));
      // With one picture: while it runs or a little later. With three: while the others wait.
      if (pictures > 1) await looks[0];
      await model.close();
      for (const look of await Promise.all(looks)) assert.ok(typeof look === 'object' || look === 'detr.closing');
    }
    rmSync(folder, { recursive: true });
  });

  it('knows none of the keys in Node-RED’s environment, and ends when Node-RED ends without a word', async () => {
    const source = new URL('../../nodes/node-red-contrib-detr/src/detr-model/', import.meta.url);
    const peek = `
      import childProcess from 'node:child_process';
      import { syncBuiltinESMExports } from 'node:module';
      const { fork } = childProcess;
      childProcess.fork = (...args) => {
        const child = fork(...args);
        console.log(JSON.stringify({ pid: child.pid, env: Object.keys(args[2].env) }));
        return child;
      };
      syncBuiltinESMExports();
      const { modelProcess } = await import('${new URL('model-process.ts', source)}');
      modelProcess({ folder: 'nowhere', threads: 1 });
      setInterval(() => {}, 1000);`;
    const nodeRed = spawn(process.execPath, ['--input-type=module', '-e', peek], {
      env: { ...process.env, DEVICE_KEY: 'secret' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(nodeRed.stdout, 'data')) as [Buffer];
    const { pid, env } = JSON.parse(String(line)) as { pid: number; env: string[] };
    assert.ok(!env.includes('DEVICE_KEY'));
    nodeRed.kill('SIGKILL');
    await once(nodeRed, 'close');
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('leaves Node-RED awake while it looks', async () => {
    const folder = tinyModelFolder();
    const model = modelProcess({ folder, threads: 1 });
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 1);
    const large = { width: 1280, height: 720, rgb: new Uint8Array(1280 * 720 * 3) };
    await Promise.all([1, 2, 3, 4].map(() => model.detect(large, 0.5)));
    clearInterval(count);
    await model.close();
    rmSync(folder, { recursive: true });
    assert.ok(turns > 10, `${turns} turns of the loop while four large pictures were looked at`);
  });
});

/** Linux: an ended process that nobody has asked about yet is a zombie, and still has its number. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

interface Detections {
  readonly boxes: readonly { label: string; score: number; x: number; y: number; w: number; h: number }[];
  readonly model: string;
  readonly ms: number;
  readonly threshold: number;
}

function detections(outcome: Outcome): Detections {
  assert.equal(outcome.kind, 'output', outcome.kind === 'fault' ? outcome.code : '');
  return outcome.message.detections as Detections;
}

function assertFault(outcome: Outcome, code: string): void {
  assert.equal(outcome.kind === 'fault' ? outcome.code : 'no fault', code);
}
