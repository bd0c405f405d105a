// A process that comes back: what is started again, what is not, and when a process counts as hung. The processes here are
// small scripts that do one thing wrong.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '@tapcase/domain';
import { HUNG_MS_MAX, type Silence, silenceSince } from '../../host/heartbeat.ts';
import { type KeepAliveOptions, type KeptAlive, keepAlive } from '../../host/kept-alive.ts';
import { until, within } from '../patience.ts';

/** It is ready, and then does `what`. */
const ready = (what: string) =>
  `process.on('disconnect', () => process.exit()); process.send({ kind: 'ready' }, () => { ${what} });`;
const BEATS = `setInterval(() => process.send({ kind: 'alive' }), 100);`;

/** Signal 0 only asks. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a process that is kept alive', () => {
  let folder: string;
  let running: KeptAlive | undefined;
  let news: EventEmitter;
  let lines: string[];
  let again: string[];
  let pids: number[];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'supervision-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    [lines, again, pids] = [[], [], []];
    news = new EventEmitter();
  });
  afterEach(() => running?.stop());

  /** `code` runs with `n`: 1 at the first start, 2 at the second. */
  function keep(code: string, options: Pick<KeepAliveOptions, 'hungMs' | 'carefulEnv'> = {}): KeptAlive {
    const count = join(folder, 'count');
    rmSync(count, { force: true });
    const script = join(folder, 'role.mjs');
    writeFileSync(
      script,
      `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
      const n = existsSync(${JSON.stringify(count)}) ? Number(readFileSync(${JSON.stringify(count)}, 'utf8')) + 1 : 1;
      writeFileSync(${JSON.stringify(count)}, String(n));
      ${code}`,
    );
    running = keepAlive({
      ...{ name: 'cloud', script, env: {}, pausesMs: [0] },
      ...options,
      onLine: (line) => lines.push(line),
      onAgain: ({ code: why, message }) => again.push(`${why} ${message}`),
      onReady: (pid) => {
        pids.push(pid);
        news.emit('ready');
      },
      onBack: () => news.emit('back'),
      onCrash: (fault) => news.emit('crash', fault),
    });
    return running;
  }

  it('is away while something is done that can only be done then, and comes back without a word of an accident', async () => {
    const kept = keep(ready(''));
    await kept.ready;
    const [first] = pids;
    let wasAlive: boolean | undefined;
    const done = await kept.around(() => {
      wasAlive = isAlive(first!);
    });
    assert.deepEqual([done, wasAlive, pids.length, again], [true, false, 2, []]);
    assert.notEqual(pids[1], first);
    // What goes wrong meanwhile keeps nobody from coming back.
    await assert.rejects(
      kept.around(() => {
        throw new Error('no copy');
      }),
      /no copy/,
    );
    assert.deepEqual([pids.length, again], [3, []]);
  });

  it('is started again after a mistake of its own, whose stack with its cause is in the log once', async () => {
    const kept = keep(ready(`if (n === 1) throw new Error('a mistake', { cause: new Error('its cause') });`));
    await kept.ready;
    await within('the second one', once(news, 'back'));
    assert.deepEqual(again, ['start.child-crashed The cloud stopped unexpectedly (code 1).']);
    const log = lines.join('\n');
    assert.equal(log.split('Error: a mistake').length, 2, log);
    assert.match(log, /\[cause\]: Error: its cause/);
    assert.match(log, /The cloud stopped unexpectedly \(code 1\)\. It is started again\./);
    assert.equal(new Set(pids).size, 2);
  });

  it('is ended when its loop no longer turns, and started again', async () => {
    const kept = keep(`${BEATS} ${ready('while (n === 1);')}`, { hungMs: 2_000 });
    await kept.ready;
    await within('the second one', once(news, 'back'));
    assert.deepEqual(again, ['start.child-hung The cloud stood still for 2 s and was ended.']);
  });

  it('that stood still twice is started without what may have hung it', async () => {
    const kept = keep(`${BEATS} console.log('own tabs', process.env.OWN_TABS); ${ready('while (n < 3);')}`, {
      hungMs: 2_000,
      carefulEnv: { OWN_TABS: 'off' },
    });
    await kept.ready;
    await until('the third one', () => lines.filter((line) => line.startsWith('own tabs')).length === 3);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('own tabs')),
      ['own tabs undefined', 'own tabs undefined', 'own tabs off'],
    );
  });

  it('leaves behind nothing that it started: a program that holds a camera would keep it from the next', async () => {
    const kept = keep(`import { spawn } from 'node:child_process';
      const program = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      console.log(\`program \${program.pid}\`);
      ${ready(`if (n === 1) process.kill(process.pid, 'SIGKILL');`)}`);
    await kept.ready;
    await within('the second one', once(news, 'back'));
    const program = Number(/^program (\d+)$/m.exec(lines.join('\n'))![1]);
    await until('the program to end', () => {
      try {
        return !process.kill(program, 0);
      } catch {
        return true;
      }
    });
  });

  it('that names why it cannot start is not started again', async () => {
    const kept = keep(
      `process.send({ kind: 'failed', reason: 'PORT is missing', code: 'config.incomplete' }, () => process.exit(1));`,
    );
    await assert.rejects(within('its word', kept.ready), /^Fault: PORT is missing$/);
    assert.deepEqual([again, readFileSync(join(folder, 'count'), 'utf8')], [[], '1']);
  });

  it('that dies at each start is given up, with the last word', async () => {
    const kept = keep(`throw new Error('always');`);
    await assert.rejects(within('its end', kept.ready), (fault: Fault) => {
      assert.equal(fault.message, 'The cloud could not start (code 1). It was tried 5 times in a row.');
      assert.ok((fault.details.lastWords as string[]).some((line) => line.includes('always')));
      return true;
    });
    assert.equal(readFileSync(join(folder, 'count'), 'utf8'), '5');
  });

  it('that cannot start any more after it has lived is given up as well; one that gets ready never is', async () => {
    const crash = once(news, 'crash');
    const kept = keep(`if (n > 8) process.exit(3); ${ready('process.exit(2);')}`);
    await kept.ready;
    const [fault] = (await within('its end', crash)) as [Fault];
    assert.equal(fault.message, 'The cloud could not start (code 3). It was tried 5 times in a row.');
    assert.equal(pids.length, 8);
  });

  it('pauses longer from death to death', async () => {
    const crash = once(news, 'crash');
    const pauses: number[] = [];
    running = keepAlive({
      ...{ name: 'cloud', script: join(folder, 'role.mjs'), env: {}, pausesMs: [0, 1, 2] },
      onLine: () => {},
      onAgain: (_, pauseMs) => pauses.push(pauseMs),
      onBack: () => {},
      onCrash: (fault) => news.emit('crash', fault),
    });
    writeFileSync(join(folder, 'role.mjs'), `throw new Error('always');`);
    running.ready.catch((fault) => news.emit('crash', fault));
    await within('its end', crash);
    assert.deepEqual(pauses, [0, 1, 2, 2]);
  });

  it('stops when it is asked to, also while it starts, and is not started again', async () => {
    const mark = join(folder, 'begun');
    const kept = keep(
      `process.on('disconnect', () => process.exit()); writeFileSync(${JSON.stringify(mark)}, ''); process.send({ kind: 'begun' });`,
    );
    const refused = assert.rejects(kept.ready, (fault: Fault) => fault.code === 'start.stopped');
    await within('its end', kept.stop());
    await refused;
    assert.deepEqual(again, []);
    assert.equal(pids.length, 0);
  });
});

describe('the count of a silence', () => {
  const second = 1_000;
  /** When it is too long, looked at every second; `share` of the time it computes. */
  const look = (silence: Silence, fromMs: number, toMs: number, share = 1) => {
    for (let at = fromMs; at <= toMs; at += second) if (silence.isTooLong(at, at * share)) return at;
    return undefined;
  };

  it('is too long after the limit and not before, and every beat ends it', () => {
    const silence = silenceSince(0, HUNG_MS_MAX);
    assert.equal(look(silence, second, HUNG_MS_MAX), undefined);
    silence.heard(HUNG_MS_MAX);
    assert.equal(look(silence, HUNG_MS_MAX + second, 3 * HUNG_MS_MAX), 2 * HUNG_MS_MAX + second);
  });

  it('begins again where whoever listens was late itself: a laptop that slept, a machine with no time for anybody', () => {
    const silence = silenceSince(0, HUNG_MS_MAX);
    const awakeMs = 3_600_000;
    assert.equal(look(silence, second, 10 * second), undefined);
    assert.equal(silence.isTooLong(awakeMs, awakeMs), false);
    assert.equal(look(silence, awakeMs + second, awakeMs + 60 * second), awakeMs + HUNG_MS_MAX + second);
  });

  it('of one that hardly gets to compute is the machine’s, until it is eight times as long', () => {
    const starved = silenceSince(0, HUNG_MS_MAX);
    assert.equal(look(starved, second, 20 * HUNG_MS_MAX, 0.05), 8 * HUNG_MS_MAX + second);
    const busy = silenceSince(0, HUNG_MS_MAX);
    assert.equal(look(busy, second, 20 * HUNG_MS_MAX, 0.5), 21 * second);
  });

  it('counts alone where the system does not tell who computes', () => {
    const silence = silenceSince(0, HUNG_MS_MAX);
    let at = second;
    while (!silence.isTooLong(at, undefined)) at += second;
    assert.equal(at, HUNG_MS_MAX + second);
  });
});
