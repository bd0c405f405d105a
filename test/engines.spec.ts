// Which Node each package claims to run on, and that nothing in it needs a newer one. The language's own additions are refused
// by the compiler, for each package is built with the `lib` of the oldest Node that it claims.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** The newest ECMAScript that a Node has whole: Map.groupBy and Promise.withResolvers of 2024 came with 21 and 22. */
const LIB_OF_MAJOR: Readonly<Record<number, number>> = { 20: 2023, 22: 2024, 24: 2024 };

/** Node-RED 4.1 `require`s a palette (5 imports it); these cannot require an ES module (nodejs.org/api/modules.html). */
const CANNOT_REQUIRE_MODULES = ['18.20.8', '20.18.3', '21.7.3', '22.9.0', '22.11.0'];

/** What Node itself gained since the oldest that anything here claims. */
const NEWER_IN_NODE: readonly { readonly name: RegExp; readonly since: string }[] = [
  // Without a flag from 22.13 on; a statement tells its columns from 22.16 on, which kysely's dialect asks for.
  { name: /'node:sqlite'/, since: '22.16.0' },
  { name: /\bglobSync\b|\bfs\.glob\b/, since: '22.0.0' },
  { name: /\bnew WebSocket\(|\bnavigator\./, since: '22.0.0' },
  { name: /\bimport\.meta\.main\b/, since: '24.2.0' },
];

interface Manifest {
  readonly name: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly 'node-red'?: object;
}

const packages = ['domain', 'ledger', 'deploy/lambda', ...globSync('nodes/*', { cwd: ROOT })].map((folder) => ({
  folder,
  manifest: read(join(folder, 'package.json')) as Manifest,
}));

describe('the Node that a package claims to run on', () => {
  for (const { folder, manifest } of packages) {
    describe(manifest.name, () => {
      const claimed = manifest.engines?.node ?? '';

      it('is said, as a range with a lowest version', () => assert.doesNotThrow(() => floors(claimed)));

      it('has the language that its sources are compiled for, so that the compiler refuses what is newer', () => {
        const { target, lib } = compilerOptions(join(ROOT, folder, 'tsconfig.json'));
        const most = Math.min(...floors(claimed).map(([major]) => LIB_OF_MAJOR[major!]!));
        for (const level of [target!, ...lib!.filter((name) => !name.startsWith('dom'))])
          assert.ok(yearOf(level) <= most, `${level}, but the oldest Node of ${claimed} has es${most}`);
      });

      it('has what its sources use of Node', () => {
        const texts = globSync('src/**/*.ts', { cwd: join(ROOT, folder) }).map((file) =>
          readFileSync(join(ROOT, folder, file), 'utf8'),
        );
        assert.ok(texts.length > 0);
        for (const { name, since } of NEWER_IN_NODE) {
          if (!texts.some((text) => name.test(text))) continue;
          for (const floor of floors(claimed)) assert.ok(notOlder(floor, parse(since)), `${name} came with ${since}`);
        }
      });

      it('is one on which all that it depends on runs', () => {
        for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
          const theirs = installed(name, folder)?.engines?.node;
          if (theirs === undefined) continue;
          for (const floor of floors(claimed)) assert.ok(satisfies(floor, theirs), `${name} wants ${theirs}`);
        }
      });

      if (manifest['node-red'] !== undefined) {
        it('is one in which Node-RED 4.1 too can load it: a node is required, and is an ES module', () => {
          for (const version of CANNOT_REQUIRE_MODULES) assert.ok(!satisfies(parse(version), claimed), version);
        });
      }
    });
  }
});

type Version = readonly number[];

/** The lowest version of each alternative. Only `>=` and `^` are read: nothing here says it otherwise. */
function floors(range: string): Version[] {
  return range.split('||').map((alternative) => parse(alternative.trim().replace(/^(>=|\^)\s*/, '')));
}

function parse(version: string): Version {
  assert.match(version, /^\d+(\.\d+){0,2}$/);
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return [major, minor, patch];
}

function satisfies(version: Version, range: string): boolean {
  return range.split('||').some((alternative) => {
    const [lowest] = floors(alternative);
    return notOlder(version, lowest!) && (!alternative.trim().startsWith('^') || version[0] === lowest![0]);
  });
}

function notOlder(version: Version, than: Version): boolean {
  const at = version.findIndex((part, index) => part !== than[index]);
  return at < 0 || version[at]! > than[at]!;
}

/** With what it inherits from the configuration it extends. */
function compilerOptions(path: string): { target?: string; lib?: string[] } {
  const { extends: base, compilerOptions: own } = JSON.parse(readFileSync(path, 'utf8')) as {
    extends?: string;
    compilerOptions: object;
  };
  return { ...(base === undefined ? {} : compilerOptions(join(dirname(path), base))), ...own };
}

/** `es2023` or `es2023.array` is of 2023; `esnext` is of no Node at all. */
function yearOf(level: string): number {
  return Number(/^es(\d{4})/i.exec(level)?.[1] ?? Number.POSITIVE_INFINITY);
}

/** The manifest of what is installed under this name, ours or another's; an optional one may be absent. */
function installed(name: string, folder: string): Manifest | undefined {
  const path = [join(folder, 'node_modules', name), join('node_modules', name)]
    .map((place) => join(place, 'package.json'))
    .find((file) => existsSync(join(ROOT, file)));
  return path === undefined ? undefined : (read(path) as Manifest);
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}
