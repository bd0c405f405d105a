// The recorder on a real folder, with the clock in the test's hand: visits, pins, restarts, and a card in trouble.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault, KeptClip, RingLimits } from '@tapcase/domain';
import type { RecordingTarget } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import { type Card, openCard } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/card.ts';
import { QUIET_MS } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/footage.ts';
import {
  createRecorder,
  type Recorder,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/recorder.ts';
import { skip } from '../needs.ts';

const NOON = Date.UTC(2026, 10, 21, 12); // fixed day: the recorder is given this clock.
const HOUR = 3_600_000;
const FILE_BYTES = 10_000;
const SECONDS = 20;

describe('tapcase-video-recorder on its card', () => {
  let folder: string;
  let running: Recording[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recorder-'));
    running = [];
  });
  afterEach(async () => {
    for (const { recorder } of running) await recorder.close();
    for (const { unmount } of mounted.splice(0)) unmount();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (options: Options = {}): Promise<Recording> => {
    const recording = await record({ folder, ...options });
    running.push(recording);
    return recording;
  };
  const names = () => readdirSync(folder).filter((name) => name.endsWith('.mp4'));

  it('names every file of a visit after it, from before its beginning to after its end, and tells it once', async () => {
    const { film, clip, pass, told } = await start();
    for (let n = 0; n < 3; n += 1) await film();
    pass(2_000);
    await clip('visit1', 'begin');
    await film();
    await clip('visit1', 'end');
    await clip('visit1', 'end');
    await film();
    const [kept] = await told(1);
    const files = ['0_20261121T120040Z_20s_visit1.mp4', '0_20261121T120102Z_20s_visit1.mp4'];
    assert.deepEqual(kept, {
      ...{ name: 'visit1', action: 'kept', camera: '0', pinned: false },
      ...{ files, fromMs: NOON + 40_000, toMs: NOON + 82_000, bytes: 2 * FILE_BYTES },
    });
    assert.deepEqual(names().sort(), [
      ...['0_20261121T120000Z_20s.mp4', '0_20261121T120020Z_20s.mp4'],
      ...files,
      '0_20261121T120122Z.mp4',
    ]);
    await film();
    await told(1);
  });

  it('keeps a visit together across a crash in its middle', async () => {
    const before = await start();
    await before.film();
    await before.film();
    await before.clip('visit1', 'begin');
    await before.recorder.close();
    const after = await start({ nowMs: before.now() + 40_000 });
    await after.film();
    await after.clip('visit1', 'end');
    await after.film();
    const [kept] = await after.told(1);
    assert.equal(kept?.files.length, 2);
    assert.deepEqual(
      names().filter((name) => name.includes('visit1')),
      kept?.files,
    );
  });

  it('lets two visits share a file', async () => {
    const { film, clip, told } = await start();
    await film();
    await clip('visit1', 'begin');
    await clip('visit1', 'end');
    await clip('visit2', 'begin');
    await clip('visit2', 'end');
    await film();
    await film();
    const kept = await told(2);
    assert.deepEqual(kept[0]?.files, kept[1]?.files);
    assert.match(kept[0]!.files[0]!, /_visit1_visit2\.mp4$/);
  });

  for (const when of ['before', 'during', 'after'] as const) {
    it(`keeps a visit for longer that is pinned ${when} it took place`, async () => {
      const { film, clip, told, pass, tick } = await start();
      if (when === 'before') await clip('visit1', 'pin');
      await film();
      await clip('visit1', 'begin');
      if (when === 'during') await clip('visit1', 'pin');
      await clip('visit1', 'end');
      await film();
      await film();
      if (when === 'after') await clip('visit1', 'pin');
      const kept = (await told(when === 'after' ? 2 : 1)).at(-1)!;
      assert.equal(kept.pinned, true);
      assert.deepEqual(kept.files, ['0_20261121T120000Z_20s_pin-visit1.mp4']);
      pass(25 * HOUR);
      await tick();
      assert.ok(names().includes(kept.files[0]!), names().join());
    });
  }

  it('lets the oldest pin go when they are too much, and names the visit in a fault', async () => {
    const { film, clip, faults } = await start({ limits: { pinBytes: 1.5 * FILE_BYTES } });
    for (const visit of ['visit1', 'visit2']) {
      await film();
      await clip(visit, 'pin');
      await clip(visit, 'begin');
      await clip(visit, 'end');
      await film();
    }
    await film();
    assert.deepEqual(
      faults.map(({ code, details }) => [code, details.visit]),
      [['recorder.pins-full', 'visit1']],
    );
    assert.ok(names().some((name) => name.endsWith('_visit1.mp4')));
    assert.ok(names().some((name) => name.endsWith('_pin-visit2.mp4')));
  });

  it('refuses the end of a visit that never began, and a ninth at a time', async () => {
    const { clip } = await start();
    await assert.rejects(clip('visit1', 'end'), { code: 'recorder.unknown-clip' });
    for (let n = 0; n < 8; n += 1) await clip(`visit${n}`, 'begin');
    await clip('visit0', 'begin');
    await assert.rejects(clip('visit9', 'begin'), { code: 'recorder.too-many-clips' });
  });

  it('tells a visit’s video when the camera has gone to sleep, without another file', async () => {
    const { film, clip, pass, told, tick } = await start();
    await film();
    await clip('visit1', 'begin');
    await clip('visit1', 'end');
    await tick();
    pass(QUIET_MS);
    await tick();
    assert.equal((await told(1))[0]?.files.length, 1);
  });

  describe('at its start', () => {
    it('drops files with nothing in them, closes what was cut short, leaves alone what is not its own', async () => {
      const write = (name: string, content: Buffer | string) => writeFileSync(join(folder, name), content);
      const strangers = ['holiday.mp4', '1_20261121T110000Z.mp4', 'notes.txt', '0_20261121T110000Z_abc123.mp4'];
      for (const name of strangers) write(name, '');
      mkdirSync(join(folder, '0_20261121T100000Z_20s.mp4'));
      write('0_20261121T110000Z_20s.mp4', '');
      write('0_20261121T110020Z.mp4', '');
      write('0_20261121T110040Z.mp4', video().subarray(0, 945));
      write('0_20261121T110100Z.mp4', video());
      const writtenAt = new Date(NOON - 59 * 60_000 + 7_000);
      // fixed day: an hour before the recorder's noon.
      utimesSync(join(folder, '0_20261121T110100Z.mp4'), writtenAt, writtenAt);
      const { states } = await start();
      const own = ['0_20261121T100000Z_20s.mp4', '0_20261121T110100Z_7s.mp4'];
      assert.deepEqual(readdirSync(folder).sort(), [...own, ...strangers, '0.manifest.jsonl'].sort());
      assert.equal(states.at(-1)?.bytes, FILE_BYTES);
    });

    it('makes its manifest anew where it is cut, forged or gone', async () => {
      const first = await start();
      for (let n = 0; n < 3; n += 1) await first.film();
      await first.clip('visit1', 'begin');
      await first.recorder.close();
      const manifest = join(folder, '0.manifest.jsonl');
      const text = readFileSync(manifest, 'utf8');
      const read = async () => {
        await (await start({ nowMs: NOON + 60_000 })).recorder.close();
        const lines = readFileSync(manifest, 'utf8').trim().split('\n');
        return lines
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .filter(({ file }) => file !== undefined);
      };
      const right = await read();
      assert.deepEqual(
        right.map(({ file, camera, from, to, bytes, visits, pinned }) => [
          file,
          camera,
          from,
          to,
          bytes,
          visits,
          pinned,
        ]),
        [0, 20, 40].map((second) => [
          // fixed day: the recorder's noon.
          `0_202611211200${second || '00'}`.replace('20261121', '20261121T') +
            `Z_20s${second === 40 ? '_visit1' : ''}.mp4`,
          '0',
          new Date(NOON + second * 1000).toISOString(),
          new Date(NOON + second * 1000 + 20_000).toISOString(),
          FILE_BYTES,
          second === 40 ? ['visit1'] : [],
          false,
        ]),
      );
      for (const spoilt of ['', text.slice(0, -30), `${text}{"file":7}\n[]\nnull\n{"clip":"../x","from":"never"}\n`]) {
        writeFileSync(manifest, spoilt);
        const again = await read();
        assert.deepEqual(
          again.map(({ file }) => file),
          right.map(({ file }) => file),
        );
      }
    });

    it('keeps apart two files that began at one time on a clock that was set back', async () => {
      const { film, pass } = await start();
      await film();
      await film();
      pass(-SECONDS * 1000 * 2);
      await film();
      await film();
      assert.deepEqual(names().sort(), [
        '0_20261121T120000Z-2_20s.mp4',
        '0_20261121T120000Z_20s.mp4',
        '0_20261121T120020Z.mp4',
        '0_20261121T120020Z_20s.mp4',
      ]);
    });
  });

  it('does not prune what it recorded before its clock was set, and prunes it a day later', async () => {
    const { film, setClock, pass, tick } = await start({ nowMs: Date.UTC(1970, 0, 1, 0, 1) });
    await film();
    await film();
    setClock(NOON);
    await tick();
    assert.deepEqual(names().length, 2);
    pass(QUIET_MS);
    await tick();
    pass(24.1 * HOUR);
    await tick();
    assert.deepEqual(names().length, 0);
  });

  describe('in trouble', () => {
    it('tells once that the folder cannot be made, and records when it can', async () => {
      const inFile = join(folder, 'taken');
      writeFileSync(inFile, '');
      const { tick, faults, targets } = await start({ folder: join(inFile, 'video') });
      await tick();
      assert.deepEqual(codes(faults), ['recorder.no-folder']);
      assert.equal(targets.length, 0);
      rmSync(inFile);
      await tick();
      assert.equal(targets.length, 1);
    });

    it('stops recording on a card that has gone read-only or fails, tells it once, and goes on when it is well', async () => {
      let errno: string | undefined;
      const failing = (card: Card): Card => ({
        ...card,
        check: async () => {
          if (errno === undefined) return card.check();
          throw cardError(errno);
        },
      });
      const { tick, film, faults, targets, stops, clip, told } = await start({ wrap: failing });
      await film();
      for (const [code, name] of [
        ['EROFS', 'recorder.read-only'],
        ['EIO', 'recorder.card-failing'],
      ] as const) {
        errno = code;
        await tick();
        await tick();
        assert.equal(codes(faults).at(-1), name);
        assert.equal(stops(), targets.length);
        errno = undefined;
        await tick();
        assert.equal(targets.length, stops() + 1);
      }
      assert.equal(faults.length, 2);
      await clip('visit1', 'begin');
      await clip('visit1', 'end');
      assert.equal((await told(1)).length, 1);
    });

    it('goes read-only and back on a real file system', async function () {
      const real = mountSmall(this, folder);
      const { tick, faults, targets } = await start({ folder: join(real.path, 'video') });
      real.remount('ro');
      await tick();
      await tick();
      assert.deepEqual(codes(faults), ['recorder.read-only']);
      real.remount('rw');
      await tick();
      assert.equal(targets.length, 2);
    });

    it('fills a real card: first the oldest goes, then it stops, then it records again by itself', async function () {
      const real = mountSmall(this, folder);
      const video = join(real.path, 'video');
      const reserveBytes = 500_000;
      const { tick, film, faults, targets } = await start({ folder: video, limits: { reserveBytes } });
      for (let n = 0; n < 4; n += 1) await film(200_000);
      const freeBytes = () => statfsSync(real.path).bavail * statfsSync(real.path).bsize;
      writeFileSync(join(real.path, 'logs'), Buffer.alloc(freeBytes() - 350_000));
      await tick();
      assert.deepEqual(codes(faults), []);
      assert.equal(readdirSync(video).filter((name) => name.endsWith('.mp4')).length, 3);
      // Not a byte is left: nothing can be written down either.
      assert.throws(() => writeFileSync(join(real.path, 'more'), Buffer.alloc(10_000_000)), { code: 'ENOSPC' });
      for (let n = 0; n < 3; n += 1) await tick();
      assert.deepEqual(codes(faults), ['recorder.disk-full']);
      assert.equal(targets.length, 1);
      rmSync(join(real.path, 'more'));
      rmSync(join(real.path, 'logs'));
      await tick();
      assert.equal(targets.length, 2);
    });
  });
});

interface Options {
  readonly folder?: string;
  readonly nowMs?: number;
  readonly limits?: Partial<RingLimits>;
  readonly wrap?: (card: Card) => Card;
}
interface Recording {
  readonly recorder: Recorder;
  readonly faults: readonly Fault[];
  readonly states: readonly { readonly bytes: number }[];
  readonly targets: readonly RecordingTarget[];
  stops(): number;
  now(): number;
  pass(ms: number): void;
  /** Puts the wall clock right; the machine has not been up for longer by that. */
  setClock(nowMs: number): void;
  /** A new file begins, with its content, and 20 seconds pass. */
  film(bytes?: number): Promise<void>;
  clip(visit: string, action: 'begin' | 'end' | 'pin'): Promise<boolean>;
  tick(): Promise<void>;
  /** Awaits so many answers. */
  told(count: number): Promise<readonly KeptClip[]>;
}

async function record({ folder = '', nowMs = NOON, limits = {}, wrap = (card) => card }: Options): Promise<Recording> {
  let [now, up, stopped] = [nowMs, nowMs, 0];
  const [faults, kept, states, targets]: [Fault[], KeptClip[], { bytes: number }[], RecordingTarget[]] = [
    [],
    [],
    [],
    [],
  ];
  let wake = () => {};
  const on =
    <T>(list: T[]) =>
    (item: T) => {
      list.push(item);
      wake();
    };
  const until = async (isTrue: () => boolean) => {
    while (!isTrue()) await new Promise<void>((resolve) => (wake = resolve));
  };
  const source = {
    record: (target: RecordingTarget) => {
      targets.push(target);
      return () => (stopped += 1);
    },
  };
  const recorder = createRecorder({
    ...{ folder, camera: '0', source: source as never, continuous: true, segmentSeconds: SECONDS },
    ...{ preRollMs: 5_000, postRollMs: 0, card: wrap(openCard(folder, '0')) },
    limits: { ringBytes: 1e9, ringMs: 24 * HOUR, pinBytes: 1e9, pinMs: 720 * HOUR, reserveBytes: 1_000, ...limits },
    clock: { nowMs: () => now, uptimeMs: () => up, boot: 'boot1' },
    ...{ onKept: on(kept), onFault: on(faults), onState: on(states) },
  });
  await recorder.start();
  const pass = (ms: number) => {
    now += ms;
    if (ms > 0) up += ms;
  };
  const film = async (bytes = FILE_BYTES) => {
    const seen = states.length;
    const path = join(folder, `0_${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}.mp4`);
    writeFileSync(path, video(bytes));
    await until(() => states.length > seen);
    pass(SECONDS * 1000);
    utimesSync(path, new Date(now), new Date(now));
  };
  return {
    ...{ recorder, faults, states, targets, stops: () => stopped, now: () => now, pass, film },
    setClock: (ms) => (now = ms),
    clip: (visit, action) => recorder.clip({ visit, action }),
    tick: () => recorder.tick(),
    told: async (count) => {
      await until(() => kept.length >= count);
      assert.equal(kept.length, count);
      return kept;
    },
  };
}

const codes = (faults: readonly Fault[]) => faults.map(({ code }) => code);

/** As much of a fragmented MP4 as tells one from an empty one: `ftyp`, `moov`, `moof`, `mdat`. */
function video(bytes = FILE_BYTES): Buffer {
  const content = Buffer.alloc(bytes);
  let at = 0;
  for (const [type, size] of [
    ['ftyp', 28],
    ['moov', 749],
    ['moof', 164],
    ['mdat', bytes - 941],
  ] as const) {
    content.writeUInt32BE(size, at);
    content.write(type, at + 4, 'latin1');
    at += size;
  }
  return content;
}

function cardError(code: string): Fault {
  return Object.assign(new Error(code), { code }) as never;
}

interface SmallCard {
  readonly path: string;
  remount(mode: 'ro' | 'rw'): void;
  unmount(): void;
}

const mounted: SmallCard[] = [];

/** A file system of 4 MB in memory. Mounting wants root: elsewhere the test is skipped. */
function mountSmall(context: Mocha.Context, folder: string): SmallCard {
  const path = join(folder, 'card');
  mkdirSync(path);
  const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });
  try {
    mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path);
  } catch {
    return skip(context, 'a small file system cannot be mounted here (wants root)');
  }
  const card: SmallCard = {
    path,
    remount: (mode) => mount('-o', `remount,${mode}`, path),
    unmount: () => execFileSync('umount', [path]),
  };
  mounted.push(card);
  return card;
}
