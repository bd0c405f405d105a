// What every npm script goes through: installs and builds what is missing, then runs the command on the pinned Node.
// Plain JavaScript without dependencies, because on a fresh clone there is nothing else, and Node may be 20.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...rest] = process.argv.slice(2);

const PINNED_NODE = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const INSTALL_STAMP = join(root, 'node_modules', '.tapcase-installed');
const BUILD_STAMP = join(root, 'node_modules', '.tapcase-built');
/** Folders whose sources end up in a dist folder. */
const BUILT_FROM = ['domain/src', 'ledger/src', 'nodes', 'pwa'];

const COMMANDS = {
  start: () => work('start.ts', ...rest),
  build: () => {},
  test: () => work('scripts/test/main.ts', ...rest),
  demo: () => work('scripts/demo.ts', ...rest),
  detect: () => work('scripts/detect.ts', ...rest),
  'model:fetch': () => work('scripts/model-fetch.ts', ...rest),
  bench: () => work('bench/index.ts', ...rest),
  'bench:reconcile': () => work('bench/reconcile/index.ts', ...rest),
  prove: () => work('prove/main.ts', ...rest),
  reconcile: () => work('scripts/reconcile/main.ts', ...rest),
  staff: () => work('scripts/staff.ts', ...rest),
  'ledger:restore-check': () => work('scripts/ledger-restore-check.ts', ...rest),
  soak: () => work('scripts/soak/main.ts', ...rest),
  week: () => work('scripts/week.ts', ...rest),
  'dataset:export': () => work('scripts/dataset-export.ts', ...rest),
  'flows:diff': () => work('scripts/flows/diff.ts', ...rest),
  'flows:check': () => work('scripts/flows/check.ts', ...rest),
  'case:provision': () => work('scripts/provision/main.ts', ...rest),
  'case:token': () => work('scripts/provision/token.ts', ...rest),
  'firmware:build': () => work('scripts/firmware-build.ts', ...rest),
  'firmware:flash': () => work('scripts/firmware-flash.ts', ...rest),
  check: () => work('scripts/check.ts', ...rest),
  format: () => tool('@biomejs/biome/bin/biome', 'check', '--write', '.'),
  shots: () => work('scripts/shots.ts', ...rest),
};

if (!Object.hasOwn(COMMANDS, command)) fail(`no command "${command}"; there are: ${Object.keys(COMMANDS).join(', ')}`);
process.chdir(root);
install();
build();
COMMANDS[command]();

function install() {
  const wanted = hash(join(root, 'package-lock.json'));
  if (existsSync(PINNED_NODE) && existsSync(INSTALL_STAMP) && readFileSync(INSTALL_STAMP, 'utf8') === wanted) return;
  say('Installing the dependencies (once, a minute or two) ...');
  // npm tells where it lives when it runs a script; without it, the one on the PATH. Warnings about this machine's
  // Node are beside the point: the pinned one runs everything. What went well needs no words; errors come on stderr.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const quietly = { stdio: ['inherit', 'ignore', 'inherit'], env: installEnvironment() };
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args], quietly);
  else run('npm', args, quietly);
  if (!existsSync(PINNED_NODE)) fail('the package "node" brought no runtime for this machine');
  writeFileSync(INSTALL_STAMP, wanted);
}

function build() {
  const newest = Math.max(...BUILT_FROM.map((folder) => newestSource(join(root, folder))));
  const built = existsSync(BUILD_STAMP) ? Number(readFileSync(BUILD_STAMP, 'utf8')) : 0;
  if (built >= newest && existsSync(join(root, 'pwa', 'dist', 'index.html'))) return;
  say('Building ...');
  tool('typescript/bin/tsc', '-b', 'domain', 'ledger', ...palettes(), 'nodes/define-node/build');
  node('scripts/copy-assets.mjs');
  node('nodes/define-node/dist/build/main.js', ...palettes().filter((path) => path.includes('node-red-contrib-')));
  tool('vite/bin/vite.js', 'build', 'pwa', '--logLevel', 'warn');
  tool('vite/bin/vite.js', 'build', 'pwa/staff', '--logLevel', 'warn');
  mkdirSync(dirname(BUILD_STAMP), { recursive: true });
  writeFileSync(BUILD_STAMP, String(newest));
}

function palettes() {
  return readdirSync(join(root, 'nodes')).map((name) => join('nodes', name));
}

/** Milliseconds of the newest file under `folder`, not counting what is built or installed. */
function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules' || entry.name.endsWith('.tsbuildinfo')) continue;
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestSource(path) : statSync(path).mtimeMs);
  }
  return newest;
}

function tool(path, ...args) {
  node(join('node_modules', path), ...args);
}

function node(...args) {
  run(PINNED_NODE, args);
}

/**
 * The command itself: what asks us to stop is passed on, and we end as it ends. The terminal sends Ctrl-C to the whole group, so
 * that the child has had it already; `npm` sends it to us once more, and whoever kills us alone sends it to nobody else.
 */
function work(script, ...args) {
  const isShop = script === 'start.ts';
  // A line to us: the launcher is asked over it, which is no second Ctrl-C, and notices when we are killed.
  const stdio = ['inherit', 'inherit', 'inherit', ...(isShop ? ['ipc'] : [])];
  const child = spawn(PINNED_NODE, [script, ...args], { stdio, env: environment() });
  const ask = (signal) => {
    if (isShop) child.connected && child.send({ kind: 'stop' }, () => {});
    else if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  child.on('error', (error) => fail(`cannot run ${PINNED_NODE}: ${error.message}`));
  child.on('exit', (status, signal) => process.exit(status ?? (signal === 'SIGINT' ? 0 : 1)));
}

/** Runs in the foreground; this process ends with the child's exit code when that is not 0. */
function run(file, args, options = {}) {
  // The terminal sends Ctrl-C to the whole group: the child stops in its own time, and we wait for it.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const { status, signal, error } = spawnSync(file, args, { stdio: 'inherit', env: environment(), ...options });
  process.off('SIGINT', ignore);
  if (error) fail(`cannot run ${file}: ${error.message}`);
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 0 : 1));
}

/** Children that say `node` get the pinned one too. What Node.js has compiled once it keeps: a fifth of what a start costs. */
function environment() {
  const separator = process.platform === 'win32' ? ';' : ':';
  return {
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
    ...process.env,
    PATH: [dirname(PINNED_NODE), process.env.PATH].join(separator),
  };
}

/**
 * The CPU build of onnxruntime-node is inside its package; its install script would fetch hundreds of megabytes for GPUs.
 * npm 11 leaves the script out (`allowScripts` in package.json), older ones run it: it reads this. Who wants a GPU sets it.
 */
function installEnvironment() {
  return { ...environment(), ONNXRUNTIME_NODE_INSTALL: process.env.ONNXRUNTIME_NODE_INSTALL ?? 'skip' };
}

function hash(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function say(text) {
  console.error(text);
}

function fail(text) {
  console.error(`tapcase: ${text}`);
  process.exit(1);
}
