// The process of a detr-model: which picture it looks at next, and what becomes of them when it hangs, dies or is closed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Fault } from '@tapcase/domain';
import type { DetrRequest } from '../../nodes/node-red-contrib-detr/src/detr-model/contract.ts';
import { modelProcess } from '../../nodes/node-red-contrib-detr/src/detr-model/model-process.ts';
import { HANG_MS, until } from '../patience.ts';
import { shelfPicture, tinyModelFolder } from './tiny-detr.ts';

const SHELF = shelfPicture({ cola: 3, soda: 1 });
const evidence = (threshold: number): DetrRequest => ({ picture: SHELF, threshold, lane: null });
const live = (lane: string, threshold: number): DetrRequest => ({ picture: SHELF, threshold, lane });

describe('the process of a model', () => {
  // One that never answers, one that dies at the first picture, one that answers each with its threshold.
  const HANGS = 'setInterval(() => {}, 1000)';
  const DIES = "process.on('message', () => process.exit(3))";
  const ANSWERS = `process.on('message', ({ id, threshold }) => process.send({
    id, kind: 'detected', sha256: String(threshold), name: 'it', boxes: [], size: { width: 64, height: 48 },
    stages: { decodeMs: 0, preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
  }))`;
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
    const limitsMs = [1, HANG_MS];
    const model = modelProcess(CONFIG, { runMsMax: () => limitsMs.shift()!, start: processes(HANGS, ANSWERS) });
    const [hung, seen] = [model.detect(evidence(0.1)), model.detect(evidence(0.2))];
    await assert.rejects(hung, { code: 'detr.timeout' });
    assert.equal((await seen).model, '0.2');
    await model.close();
  });

  it('that dies is replaced, and only its own picture is lost', async () => {
    const model = modelProcess(CONFIG, { start: processes(DIES, ANSWERS) });
    const [lost, seen] = [model.detect(evidence(0.1)), model.detect(evidence(0.2))];
    await assert.rejects(lost, { code: 'detr.crashed' });
    assert.equal((await seen).model, '0.2');
    await model.close();
  });

  it('that died between two pictures is noticed at the next, and replaced', async () => {
    const first = runs(ANSWERS);
    let given = first;
    const model = modelProcess(CONFIG, { start: () => given });
    assert.equal((await model.detect(evidence(0.1))).model, '0.1');
    first.kill('SIGKILL');
    await once(first, 'exit');
    given = runs(ANSWERS);
    await assert.rejects(model.detect(evidence(0.2)), { code: 'detr.crashed' });
    assert.equal((await model.detect(evidence(0.3))).model, '0.3');
    await model.close();
  });

  it('sees the latest pictures: of more than eight that wait, the oldest are told that they were given up', async () => {
    const model = modelProcess(CONFIG, { start: processes(ANSWERS) });
    const results = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => model.detect(evidence(i / 100))));
    // The first is being looked at; eight of the other eleven fit.
    const lost = results.flatMap((result, i) => (result.status === 'rejected' ? [[i, result.reason.code]] : []));
    assert.deepEqual(lost, [
      [1, 'detr.superseded'],
      [2, 'detr.superseded'],
      [3, 'detr.superseded'],
    ]);
    await model.close();
  });

  it('sees of a live camera the newest picture only, in turn with the other, and evidence of a visit before both', async () => {
    const model = modelProcess(CONFIG, { start: processes(ANSWERS) });
    const seen: string[] = [];
    const ask = (request: DetrRequest, name: string) =>
      model.detect(request).then(
        () => seen.push(name),
        (fault: Fault) => seen.push(`${name}: ${fault.code}`),
      );
    await Promise.all([
      ask(live('0', 0.1), 'first of 0'),
      ask(live('0', 0.2), 'second of 0'),
      ask(live('1', 0.3), 'first of 1'),
      ask(live('0', 0.4), 'third of 0'),
      ask(evidence(0.5), 'before the visit'),
      ask(evidence(0.6), 'after it'),
    ]);
    assert.deepEqual(seen, [
      'second of 0: detr.superseded',
      'first of 0',
      'before the visit',
      'after it',
      'third of 0',
      'first of 1',
    ]);
    await model.close();
  });

  it('keeps all evidence of a visit however many live pictures come, and at most eight live cameras', async () => {
    const model = modelProcess(CONFIG, { start: processes(ANSWERS) });
    const running = model.detect(evidence(0.1));
    const visit = [model.detect(evidence(0.2)), model.detect(evidence(0.3))];
    const shown = Array.from({ length: 12 }, (_, camera) => model.detect(live(String(camera), 0.4)));
    const results = await Promise.allSettled([running, ...visit, ...shown]);
    const lost = results.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
    assert.deepEqual(lost, [3, 4, 5, 6]);
    await model.close();
  });

  it('when closed tells every picture so, waiting or new', async () => {
    const model = modelProcess(CONFIG, { start: processes(HANGS) });
    const pictures = [model.detect(evidence(0.1)), model.detect(evidence(0.2))].map((picture) =>
      picture.catch((fault: Fault) => fault.code),
    );
    await model.close();
    assert.deepEqual(await Promise.all(pictures), ['detr.closing', 'detr.closing']);
    await assert.rejects(model.detect(evidence(0.3)), { code: 'detr.closing' });
  });

  it('can be closed at any moment of its loading and looking, and Node-RED lives on', async () => {
    const folder = tinyModelFolder();
    for (const pictures of [0, 0, 1, 1, 3, 3]) {
      const model = modelProcess({ folder, threads: 1 });
      const looks = Array.from({ length: pictures }, () =>
        model.detect(evidence(0.5)).catch(({ code }: Fault) => code),
      );
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
    await until('the end of the model’s process', () => !isRunning(pid));
  });

  it('leaves Node-RED awake while it looks', async () => {
    const folder = tinyModelFolder();
    const model = modelProcess({ folder, threads: 1 });
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 1);
    const large = { width: 1280, height: 720, rgb: new Uint8Array(1280 * 720 * 3) };
    await Promise.all([1, 2, 3, 4].map(() => model.detect({ picture: large, threshold: 0.5, lane: null })));
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
