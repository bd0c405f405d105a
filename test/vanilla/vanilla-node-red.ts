// Node-RED as others have it, in a process of its own: what it knows, what is deployed and pressed there, what it prints.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { skip } from '../needs.ts';
import { until, within } from '../patience.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const INSTALLED = join(import.meta.dirname, 'node_modules');

/** Which Node runs it: another one than ours to see that what a package's `engines` claim is so (docs/testing.md). */
const NODE = process.env.VANILLA_NODE ?? process.execPath;

/** `node-red-<major>` in test/vanilla/package.json. */
export const VERSIONS = ['4', '5'] as const;
export type Version = (typeof VERSIONS)[number];
export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** Skips the test where it is not installed. */
export function needsVanilla(context: Mocha.Context): void {
  if (VERSIONS.every((version) => existsSync(redOf(version)))) return;
  skip(context, 'a vanilla Node-RED is not installed (npm ci --prefix test/vanilla --ignore-scripts)');
}

/** The one of `node-red-<major>` that is installed. */
export function versionOf(version: Version): string {
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return dependencies[`node-red-${version}`]!.replace('npm:node-red@', '');
}

function coreNodesOf(version: Version): string {
  return dirname(createRequire(redOf(version)).resolve('@node-red/nodes'));
}

function redOf(version: Version): string {
  return join(INSTALLED, `node-red-${version}`, 'red.js');
}

export interface Vanilla {
  readonly url: string;
  /** What the editor is told of each node type of the palette: its error, or null. */
  types(): Promise<ReadonlyMap<string, string | null>>;
  deploy(nodes: readonly FlowNode[]): Promise<void>;
  /** Presses an inject node. */
  press(id: string): Promise<void>;
  /** Resolves with the line that a debug node has printed since the last press. */
  printed(name: string): Promise<string>;
  /** All that came out since the last press or Deploy. */
  said(): string;
  /** Resolves when something like this has come out. */
  heard(words: RegExp): Promise<void>;
  stop(): Promise<void>;
}

export async function startVanilla(
  version: Version,
  userDir: string,
  env: Readonly<Record<string, string>> = {},
  more: { readonly lang?: string } = {},
): Promise<Vanilla> {
  const port = await freePort();
  const settings = join(userDir, `settings-${version}.js`);
  // Node-RED looks for palettes in each node_modules above its own nodes too: from here those of this repository are above.
  const coreNodesDir = join(userDir, `core-${version}`);
  if (!existsSync(coreNodesDir)) symlinkSync(coreNodesOf(version), coreNodesDir);
  const quiet = { telemetry: { enabled: false, updateNotification: false }, editorTheme: { tours: false } };
  writeFileSync(
    settings,
    `module.exports = ${JSON.stringify({ uiHost: '127.0.0.1', uiPort: port, flowFile: `flows-${version}.json`, credentialSecret: 'test', coreNodesDir, ...quiet, ...more })};`,
  );
  const child: ChildProcess = spawn(NODE, [redOf(version), '-u', userDir, '-s', settings], {
    // What Node.js has compiled once it keeps: half of what a start costs.
    env: { PATH: process.env.PATH ?? '', HOME: userDir, ...compileCache(), ...env },
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
    url: at(''),
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
    said: () => output,
    heard: async (words) => {
      await until(`${words} to be said`, () => words.test(output));
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

function compileCache(): Record<string, string> {
  const { NODE_COMPILE_CACHE: folder } = process.env;
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
