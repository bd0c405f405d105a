// What a person sees of npm and of the build before anything runs, and that each npm there is takes what is committed.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { until, within } from '../patience.ts';

const require = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, '../..');
/** npm's own check of versions. */
const { satisfies } = require('semver') as { satisfies(version: string, range: string): boolean };

describe('npm', () => {
  it('knows every key of the project’s configuration', () => {
    const npm = join(ROOT, 'node_modules', 'npm', 'bin', 'npm-cli.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [npm, 'config', 'list'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    assert.match(stdout, /; "project" config from .*\.npmrc/);
    // A person's own file may have what it wants.
    assert.doesNotMatch(stderr, /Unknown project config/);
  });

  // npm 11 passes over an optional peer that another version stands in for; npm 10, which comes with Node 20 and 22, says
  // that the lock is out of step and installs nothing.
  it('finds each optional peer in the version that is wanted, or an override for it', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Packages };
    const { overrides = {} } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Project;
    const wrong = Object.entries(lock.packages).flatMap(
      ([path, { peerDependencies = {}, peerDependenciesMeta = {} }]) =>
        Object.entries(peerDependencies).flatMap(([peer, range]) => {
          if (peerDependenciesMeta[peer]?.optional !== true) return [];
          const found = seenFrom(path, peer, lock.packages);
          if (found === undefined || satisfies(found, range)) return [];
          return [{ by: path.split('node_modules/').at(-1)!, peer, range, found }];
        }),
    );
    assert.deepEqual(
      wrong.filter(({ by, peer }) => overrides[by]?.[peer] === undefined),
      [],
    );
    // Whoever updates what needed it can take the override out.
    const needed = Object.entries(overrides).flatMap(([by, peers]) =>
      Object.keys(peers).map((peer) => `${by} ${peer}`),
    );
    assert.deepEqual([...new Set(wrong.map(({ by, peer }) => `${by} ${peer}`))].sort(), needed.sort());
  });
});

interface Project {
  readonly overrides?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
type Packages = Readonly<
  Record<
    string,
    {
      readonly version?: string;
      readonly peerDependencies?: Readonly<Record<string, string>>;
      readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
    }
  >
>;

/** The version of `name` that Node finds from the package at `path`. */
function seenFrom(path: string, name: string, packages: Packages): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = packages[join(folder === '.' ? '' : folder, 'node_modules', name).replaceAll('\\', '/')];
    if (found !== undefined || folder === '.' || folder === '') return found?.version;
  }
}

/** Plays npm: writes down how it was called, makes what an installation leaves behind, and says as much as npm does. */
const NPM = `
const { cpSync, mkdirSync, symlinkSync, writeFileSync } = require('node:fs');
writeFileSync('asked.json', JSON.stringify({ args: process.argv.slice(2), install: process.env.ONNXRUNTIME_NODE_INSTALL }));
if (process.env.NPM_FAILS) {
  console.error('npm error code ENOSPC\\nnpm error nospc There is not enough room');
  process.exit(7);
}
const file = (path, text) => { mkdirSync(require('node:path').dirname(path), { recursive: true }); writeFileSync(path, text); };
mkdirSync('node_modules/node/bin', { recursive: true });
symlinkSync(process.execPath, 'node_modules/node/bin/node');
file('node_modules/typescript/bin/tsc', 'if (process.env.TSC_FAILS) { console.log("domain/src/x.ts(1,1): error TS1: no"); process.exit(2); } ' +
  'const { cpSync } = require("node:fs"); cpSync("nodes/define-node/build/main.ts", "nodes/define-node/dist/build/main.js");');
file('node_modules/vite/bin/vite.js', 'require("node:fs").mkdirSync("pwa/dist", { recursive: true }); require("node:fs").writeFileSync("pwa/dist/index.html", "")');
console.log('\\nadded 622 packages in 3m');
`;

describe('the first lines of an npm command', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tapcase-run-'));
    for (const folder of ['scripts', 'domain/src', 'ledger/src', 'nodes/one', 'nodes/define-node/build', 'pwa'])
      mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(join(ROOT, 'scripts', 'run.mjs'), join(root, 'scripts', 'run.mjs'));
    writeFileSync(join(root, 'scripts', 'copy-assets.mjs'), '');
    writeFileSync(join(root, 'package.json'), '{}');
    writeFileSync(join(root, 'package-lock.json'), '{}');
    writeFileSync(join(root, 'npm.js'), NPM);
    writeFileSync(join(root, 'domain/src/one.ts'), '');
    writeFileSync(join(root, 'nodes/define-node/build/main.ts'), '');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const build = (env: Readonly<Record<string, string>> = {}) => {
    const { ONNXRUNTIME_NODE_INSTALL: _, ...own } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'run.mjs'), 'build'], {
      encoding: 'utf8',
      env: { ...own, npm_execpath: join(root, 'npm.js'), ...env },
    });
    return { status, said: stdout + stderr };
  };
  const asked = () => JSON.parse(readFileSync(join(root, 'asked.json'), 'utf8')) as { args: string[]; install: string };

  it('are one for installing and one for building, and none when there is nothing to do', () => {
    assert.deepEqual(build(), {
      status: 0,
      said: 'Installing the dependencies (once, a minute or two) ...\nBuilding ...\n',
    });
    assert.equal(asked().args[0], 'ci');
    assert.deepEqual(build(), { status: 0, said: '' });
  });

  it('npm is told to fetch no GPU files, unless somebody wants them', () => {
    build();
    assert.equal(asked().install, 'skip');
    rmSync(join(root, 'node_modules'), { recursive: true });
    build({ ONNXRUNTIME_NODE_INSTALL: 'cuda12' });
    assert.equal(asked().install, 'cuda12');
  });

  it('dialogs stand beside the compiled nodes, and what an earlier release had is gone', () => {
    const write = (path: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), path);
    };
    const kept = ['one.js', 'one.d.ts', 'sub/two/two.js', 'sub/two/two.html', 'sub/two/locales/es/two.json'];
    for (const path of ['one.ts', 'sub/two/two.ts', 'sub/two/two.html', 'sub/two/locales/es/two.json'])
      write(`nodes/one/src/${path}`);
    for (const path of ['one.js', 'one.d.ts', 'sub/two/two.js', 'two/two.js', 'sub/old.js', 'old.d.ts'])
      write(`nodes/one/dist/${path}`);
    copyFileSync(join(ROOT, 'scripts', 'copy-assets.mjs'), join(root, 'scripts', 'copy-assets.mjs'));
    assert.equal(build().status, 0);
    const built = readdirSync(join(root, 'nodes/one/dist'), { recursive: true, withFileTypes: true });
    const files = built.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    assert.deepEqual(files.sort(), kept.map((path) => join(root, 'nodes/one/dist', path)).sort());
  });

  it('an error of npm’s or of the build is shown whole, and ends it with its own code', () => {
    const npm = build({ NPM_FAILS: '1' });
    assert.equal(npm.status, 7);
    assert.match(npm.said, /npm error code ENOSPC\nnpm error nospc There is not enough room\n$/);
    assert.ok(!existsSync(join(root, 'pwa/dist')));
    const compiler = build({ TSC_FAILS: '1' });
    assert.equal(compiler.status, 2);
    assert.match(compiler.said, /error TS1: no/);
  });

  describe('and what asks it to stop', () => {
    const LAUNCHER = `
      process.on('message', ({ kind }) => process.exit(kind === 'stop' ? 5 : 1));
      process.on('disconnect', () => require('node:fs').writeFileSync('alone', ''));
      console.log('up');`;
    const DEMO = `process.on('SIGTERM', () => process.exit(6)); setInterval(() => {}, 1000); console.log('up');`;
    const start = async (command: string) => {
      build();
      writeFileSync(join(root, 'start.ts'), LAUNCHER);
      writeFileSync(join(root, 'scripts', 'demo.ts'), DEMO);
      const running = spawn(process.execPath, [join(root, 'scripts', 'run.mjs'), command], {
        env: { ...process.env, npm_execpath: join(root, 'npm.js') },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await within('the command', once(running.stdout, 'data'));
      return { running, ended: once(running, 'exit') };
    };

    it('is passed on to the launcher, once for each way in which it may be asked, and its end is ours', async () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        const { running, ended } = await start('start');
        running.kill(signal);
        assert.deepEqual(await within('its end', ended), [5, null]);
      }
    });

    it('is passed on to any other command', async () => {
      const { running, ended } = await start('demo');
      running.kill('SIGTERM');
      assert.deepEqual(await within('its end', ended), [6, null]);
    });

    it('the launcher notices when it is killed', async () => {
      const { running } = await start('start');
      running.kill('SIGKILL');
      await until('the launcher to notice', () => existsSync(join(root, 'alone')));
    });
  });
});
