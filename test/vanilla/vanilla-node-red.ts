// Node-RED as others have it, with one palette of ours in its folder: packed as npm would publish it, installed alone.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { skip } from '../needs.ts';
import { until, within } from '../patience.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const INSTALLED = join(import.meta.dirname, 'node_modules');

/** `node-red-<major>` in test/vanilla/package.json. */
export const VERSIONS = ['4', '5'] as const;
export type Version = (typeof VERSIONS)[number];
export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** Skips the test where it is not installed. */
export function needsVanilla(context: Mocha.Context): void {
  if (VERSIONS.every((version) => existsSync(redOf(version)))) return;
  skip(context, 'a vanilla Node-RED is not installed (npm ci --prefix test/vanilla --ignore-scripts)');
}

function redOf(version: Version): string {
  return join(INSTALLED, `node-red-${version}`, 'red.js');
}

/** Packs a palette of this tree and installs the tarball, and nothing of ours beside it, into a new user folder in `folder`. */
export async function installAlone(palette: string, folder: string): Promise<string> {
  // A copy: what is packed into a palette's own folder would meanwhile be loaded by other tests.
  const copy = join(folder, 'nodes', palette);
  cpSync(join(ROOT, 'nodes', palette), copy, {
    recursive: true,
    filter: (path) => !/[/\\](src|node_modules)$/.test(path) || !path.includes(palette),
  });
  symlinkSync(join(ROOT, 'scripts'), join(folder, 'scripts'));
  const npm = (words: readonly string[], cwd: string) =>
    run('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd,
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    });
  await npm(['pack', '--pack-destination', folder], copy);
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const userDir = join(folder, 'user');
  mkdirSync(userDir);
  writeFileSync(join(userDir, 'package.json'), '{"name":"user","private":true}');
  // Without scripts: no install script of ours or of what we depend on is needed.
  await npm(['install', '--ignore-scripts', '--prefer-offline', join(folder, tarball!)], userDir);
  return userDir;
}

export interface Vanilla {
  /** What the editor is told of each node type of the palette: its error, or null. */
  types(): Promise<ReadonlyMap<string, string | null>>;
  deploy(nodes: readonly FlowNode[]): Promise<void>;
  /** Presses an inject node. */
  press(id: string): Promise<void>;
  /** Resolves with the line that a debug node has printed since the last press. */
  printed(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startVanilla(
  version: Version,
  userDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Vanilla> {
  const port = await freePort();
  const settings = join(userDir, `settings-${version}.js`);
  const quiet = { telemetry: { enabled: false, updateNotification: false }, editorTheme: { tours: false } };
  writeFileSync(
    settings,
    `module.exports = ${JSON.stringify({ uiHost: '127.0.0.1', uiPort: port, flowFile: `flows-${version}.json`, credentialSecret: 'test', ...quiet })};`,
  );
  const child: ChildProcess = spawn(process.execPath, [redOf(version), '-u', userDir, '-s', settings], {
    env: { PATH: process.env.PATH ?? '', HOME: userDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;
  await until('Node-RED to have started', async () => {
    if (child.exitCode !== null) throw new Error(`Node-RED ended:\n${output}`);
    return output.includes('Started flows') || /Now running at/.test(output);
  });

  return {
    types: async () => {
      const answer = await fetch(at('/nodes'), { headers: { accept: 'application/json' } });
      const sets = (await answer.json()) as readonly {
        module: string;
        types: string[];
        err?: unknown;
        enabled: boolean;
      }[];
      const ours = sets.filter(({ module }) => module.startsWith('@tapcase/'));
      return new Map(
        ours.flatMap(({ types, err, enabled }) =>
          types.map((type) => [type, err === undefined && enabled ? null : JSON.stringify(err ?? 'disabled')] as const),
        ),
      );
    },
    deploy: async (nodes) => {
      output = '';
      const answer = await fetch(at('/flows'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'node-red-deployment-type': 'full' },
        body: JSON.stringify(nodes),
      });
      if (answer.status !== 204) throw new Error(`Deploy: ${answer.status} ${await answer.text()}`);
      // Answered before the nodes are there.
      await until('the flows to have started', () => output.includes('Started flows'));
    },
    press: async (id) => {
      const before = output;
      output = '';
      const answer = await fetch(at(`/inject/${id}`), { method: 'POST' });
      if (answer.status !== 200) throw new Error(`inject ${id}: ${answer.status}\n${before}`);
    },
    printed: async (name) => {
      const line = new RegExp(`\\[debug:${name}\\]([^]*?)(?=\\n\\d+ \\w+ \\d\\d:|$)`);
      await until(`${name} to print something`, () => line.test(output));
      return line.exec(output)![1]!.trim();
    },
    stop: async () => {
      child.kill('SIGTERM');
      await within('Node-RED to stop', ended);
    },
  };
}

/** An example of a palette, its debug nodes printing, changed where it must know this machine. */
export function example(
  palette: string,
  name: string,
  change: (node: FlowNode) => object = (node) => node,
): FlowNode[] {
  const text = readFileSync(join(ROOT, 'nodes', palette, 'examples', `${name}.json`), 'utf8');
  const nodes = JSON.parse(text) as FlowNode[];
  // Node-RED runs what stands on a tab.
  const tab = nodes.find(({ type }) => type === 'tab') ?? { id: 'example', type: 'tab', label: name };
  return [
    tab,
    ...nodes
      .filter((node) => node !== tab)
      .map((node) => (node.x === undefined || node.z !== undefined ? node : { ...node, z: tab.id }))
      .map((node) => (node.type === 'debug' ? { ...node, console: true, active: true } : node))
      .map((node) => ({ ...node, ...change(node) })),
  ] as FlowNode[];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
