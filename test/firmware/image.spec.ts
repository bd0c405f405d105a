// What firmware:build makes: an image that starts on a board, signed, with nothing left out; and what main.py does with a bad one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRelease } from '../../scripts/firmware/release.ts';
import { createBoard, FIRMWARE } from '../../sim/src/case/board.ts';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { mountFlash } from '../../sim/src/case/flash.ts';
import type { MicroPython } from '../../sim/src/case/micropython.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';
import { VMS } from './vms.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BUILD = join(ROOT, 'scripts', 'firmware-build.ts');
const FLASH = join(ROOT, 'scripts', 'firmware-flash.ts');
/** Two slots of it and the reports fit into the 2 MB that a board of 8 MB has for files, with room to grow. */
const IMAGE_BYTES_MAX = 200_000;
const SECRETS = {
  case: '123',
  key: '07'.repeat(32),
  host: 'broker.test',
  port: 1883,
  user: 'u',
  password: 'p',
  tls: false,
};
const LATER_MS = 10_000;

describe('a release', () => {
  it('is none that the cases in the field would not take: that would be found out by each of them, too late', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapcase-release-'));
    try {
      const { privateKey } = generateKeyPairSync('ed25519');
      const imageOf = (count: number) => ({
        version: '1.0.0',
        files: Array.from({ length: count }, (_, i) => ({ path: `m${i}.mpy`, data: Buffer.from('x') })),
      });
      const write = (count: number, number: number) =>
        writeRelease(folder, imageOf(count), { number, privateKey, at: 1_700_000_000 });
      assert.throws(() => write(65, 1), { code: 'firmware.too-large' });
      assert.deepEqual(readdirSync(folder), []);
      write(64, 2);
      assert.deepEqual(readdirSync(folder), ['2']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('firmware:build and firmware:flash', () => {
  let folder: string;
  const build = (...args: readonly string[]) =>
    spawnSync(process.execPath, [BUILD, ...args], { cwd: ROOT, encoding: 'utf8' });
  const built = (name: string) => join(folder, 'out', name);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-image-'));
    const made = build('--new-key', join(folder, 'update.pem'));
    assert.match(made.stdout, /"update_key": "[0-9a-f]{64}"/);
    const { status, stderr } = build(
      '--key',
      join(folder, 'update.pem'),
      '--out',
      join(folder, 'out'),
      '--version',
      '1.4.0',
    );
    assert.equal(status, 0, stderr);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('the secret half of the key is for its owner’s eyes, is never replaced, and never in the repository', () => {
    const file = join(folder, 'update.pem');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(build('--new-key', file).stderr, /firmware\.key-exists/);
    assert.match(build('--new-key', join(ROOT, 'update.pem')).stderr, /outside of this repository.*firmware\.usage/);
    assert.equal(existsSync(join(ROOT, 'update.pem')), false);
  });

  it('the image has every module of the application, in its version, under a signature that anybody can check', () => {
    const manifest = readFileSync(built('1/manifest.json'));
    const { version, number, files } = JSON.parse(manifest.toString());
    assert.deepEqual([version, number], ['1.4.0', 1]);
    const modules = readdirSync(join(FIRMWARE, 'app')).filter((name) => name.endsWith('.py'));
    assert.deepEqual(
      files.map(({ path }: { path: string }) => path),
      modules.sort().map((name) => name.replace(/py$/, 'mpy')),
    );
    const { signature, size } = JSON.parse(readFileSync(built('1/manifest.sig'), 'utf8'));
    const key = createPublicKey(readFileSync(join(folder, 'update.pem')));
    assert.equal(verify(null, manifest, key, Buffer.from(signature, 'hex')), true);
    assert.equal(size, manifest.length);
    const total = files.reduce((sum: number, file: { size: number }) => sum + file.size, 0);
    assert.ok(total < IMAGE_BYTES_MAX, `${total} bytes`);
  });

  it('a number is used once, and the next one is found', () => {
    const key = ['--key', join(folder, 'update.pem'), '--out', join(folder, 'out')];
    assert.match(build(...key, '--number', '1').stderr, /firmware\.number-taken/);
    assert.match(
      build(...key, '--py', '--min-number', '1').stdout,
      /number 2\n[\s\S]*files, \d+ bytes; the largest is/,
    );
    const { min_number, micropython } = JSON.parse(readFileSync(built('2/manifest.json'), 'utf8'));
    assert.deepEqual([min_number, micropython], [1, 0]);
  });

  it('says what is wrong with the words it was given', () => {
    assert.match(build().stdout, /--new-key FILE/);
    assert.equal(build().status, 2);
    for (const words of [['--nonsense'], ['--key', 'x', '--number', '0'], ['--key', 'x', '--version', 'a b']]) {
      assert.match(build(...words).stderr, /firmware\.(usage|bad-key)/, words.join(' '));
    }
    writeFileSync(join(folder, 'no.pem'), 'nothing');
    assert.match(build('--key', join(folder, 'no.pem')).stderr, /firmware\.bad-key/);
  });

  describe('firmware:flash', () => {
    const flash = (...args: readonly string[]) =>
      // An empty PATH: whatever this machine has, mpremote is not there.
      spawnSync(process.execPath, [FLASH, ...args], { encoding: 'utf8', env: { PATH: '' } });

    it('shows the commands: main.py goes first and comes last, with the provisioning before it', () => {
      const secrets = join(folder, 'secrets.json');
      writeFileSync(secrets, JSON.stringify(SECRETS));
      const { stdout, status } = flash(
        '--images',
        join(folder, 'out'),
        '--port',
        '/dev/ttyACM0',
        '--secrets',
        secrets,
        '--dry-run',
      );
      assert.equal(status, 0);
      const commands = stdout.split(/^mpremote connect \/dev\/ttyACM0 /m).slice(1);
      assert.deepEqual(
        commands.map((command) => /^(exec|reset|fs cp)/.exec(command)?.[1]),
        ['exec', 'exec', 'reset', 'exec', 'fs cp', 'fs cp', 'fs cp', 'reset'],
      );
      // The same minimum as the application's own.
      const config = readFileSync(join(FIRMWARE, 'app', 'config.py'), 'utf8');
      assert.ok(commands[0]!.includes(/^MICROPYTHON_MIN = (.*)$/m.exec(config)![1]!));
      assert.match(commands[1]!, /os\.remove\("\/main\.py"\)/);
      assert.match(commands[4]!, /manifest\.json.* :\/a\/\n$/);
      assert.match(commands[5]!, /secrets\.json :\/flash\/secrets\.json\n$/);
      assert.match(commands[6]!, /slots\.py \S*main\.py :\/\n$/);
    });

    it('says how to get mpremote, to build first, and what secrets it wants', () => {
      assert.match(flash('--images', join(folder, 'out')).stderr, /pipx install mpremote.*firmware\.no-mpremote/);
      assert.match(flash('--images', folder).stderr, /firmware:build.*firmware\.not-built/);
      assert.match(flash('--nonsense').stderr, /firmware\.usage/);
      writeFileSync(join(folder, 'empty.json'), '{}');
      for (const file of ['empty.json', 'none.json', 'update.pem']) {
        const { stderr } = flash('--images', join(folder, 'out'), '--secrets', join(folder, file), '--dry-run');
        assert.match(stderr, /firmware\.bad-secrets/, file);
      }
    });

    it('stops where mpremote fails', () => {
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      writeFileSync(join(bin, 'mpremote'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      const { stderr } = spawnSync(process.execPath, [FLASH, '--images', join(folder, 'out')], {
        encoding: 'utf8',
        env: { PATH: bin },
      });
      assert.match(stderr, /mpremote ended with 1.*firmware\.not-flashed/);
    });
  });

  describe('a board', () => {
    interface Started {
      readonly vm: MicroPython;
      readonly clock: VirtualClock;
      readonly resets: string[];
      readonly log: string[];
      value(code: string): string | undefined;
    }
    let flashFolder: string;
    beforeEach(() => {
      flashFolder = mkdtempSync(join(folder, 'flash-'));
      writeFileSync(join(flashFolder, 'secrets.json'), JSON.stringify(SECRETS));
    });

    async function start(fill: (vm: MicroPython) => void, build: string = VMS[1].build): Promise<Started> {
      const clock = new VirtualClock();
      const resets: string[] = [];
      const log: string[] = [];
      const board = await createBoard({
        clock,
        build,
        massGrams: () => 0,
        doorOpen: () => false,
        uarts: {},
        chips: [new Ssd1306Chip()],
        seed: 1,
        mount: (vm) => {
          mountFlash(vm, flashFolder);
          fill(vm);
        },
        onPin: () => {},
        onLed: () => {},
        onLog: (line) => log.push(line),
        onReset: (reason) => resets.push(reason),
      });
      board.boot();
      const value = (code: string) => {
        log.length = 0;
        board.vm.runPython(code);
        return log.at(-1);
      };
      return { vm: board.vm, clock, resets, log, value };
    }
    const slot = (from: string) => (vm: MicroPython) => {
      vm.FS.mkdir('/b');
      for (const name of readdirSync(from)) vm.FS.writeFile(`/b/${name}`, readFileSync(join(from, name)));
    };
    const state = (part: object) =>
      writeFileSync(
        join(flashFolder, 'slots.json'),
        JSON.stringify({ active: '/a', trial: null, attempts: 0, floor: 0, failed: 0, crashes: 0, ...part }),
      );
    const kept = () => JSON.parse(readFileSync(join(flashFolder, 'slots.json'), 'utf8'));

    it('starts the image from its slot, compiled', async () => {
      state({ trial: '/b' });
      const { value, resets, clock } = await start(slot(built('1')));
      await clock.advance(LATER_MS);
      assert.equal(value('import sys\nprint(sys.path[0], sys.modules["app"].__file__)'), '/b /b/app.mpy');
      assert.equal(value('import config\nprint(config.FIRMWARE)'), '1.4.0');
      assert.deepEqual(resets, []);
      assert.equal(kept().attempts, 1);
    });

    it('starts the image of sources also where MicroPython is older', async () => {
      state({ trial: '/b' });
      const { value } = await start(slot(built('2')), VMS[0].build);
      assert.equal(value('print(sys.modules["app"].__file__)'), '/b/app.py');
    });

    it('a trial that cannot be imported is given up after three starts, each time with the lock shut', async () => {
      state({ trial: '/b' });
      const broken = (vm: MicroPython) => {
        slot(built('2'))(vm);
        // As signed as the rest: what is wrong with it nobody has noticed.
        const text = 'raise ValueError("broken")\n';
        vm.FS.writeFile('/b/app.py', text);
        const sha256 = createHash('sha256').update(text).digest('hex');
        const manifest = { number: 9, files: [{ path: 'app.py', sha256 }] };
        vm.FS.writeFile('/b/manifest.json', JSON.stringify(manifest));
        vm.runPython(
          'import os\nfor name in os.listdir("/b"):\n    if name not in ("app.py", "manifest.json"): os.remove("/b/" + name)',
        );
      };
      for (let times = 1; times <= 3; times += 1) {
        const { resets, clock } = await start(broken);
        assert.deepEqual(resets, []);
        await clock.advance(LATER_MS);
        assert.deepEqual(resets, ['the firmware asked for it']);
        assert.equal(kept().attempts, times);
      }
      const { value } = await start(broken);
      assert.equal(value('print(sys.path[0])'), '/a');
      assert.deepEqual([kept().failed, kept().floor], [9, 9]);
    });

    it('a compiled file that was cut short never starts', async () => {
      state({ trial: '/b' });
      const cut = (vm: MicroPython) => {
        slot(built('1'))(vm);
        vm.FS.writeFile('/b/app.mpy', readFileSync(built('1/app.mpy')).subarray(0, 500));
      };
      const { value } = await start(cut);
      assert.equal(value('print(sys.path[0])'), '/a');
    });
  });
});
