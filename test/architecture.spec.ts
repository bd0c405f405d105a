// Who may import whom: the dependency table of docs/architecture.md, read from every import in the sources.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** What each part of the tree may import besides its own files. `*` ends a prefix. */
const MAY_IMPORT: readonly { readonly part: string; readonly allowed: readonly string[] }[] = [
  { part: 'domain/src', allowed: ['valibot'] },
  { part: 'ledger/src', allowed: ['@tapcase/domain', 'kysely', 'kysely/*', 'node:*', 'pg'] },
  // A kit for anybody's nodes: it knows nothing of the shop.
  { part: 'nodes/define-node/src', allowed: ['node-red', 'node:*'] },
  { part: 'nodes/define-node/build', allowed: ['@tapcase/define-node', 'node:*'] },
  {
    part: 'nodes/node-red-contrib-stripe/src',
    allowed: ['@tapcase/domain', '@tapcase/define-node', 'node-red', 'node:*', 'stripe', 'valibot'],
  },
  {
    part: 'nodes/node-red-contrib-detr/src',
    allowed: ['@tapcase/domain', '@tapcase/define-node', 'node-red', 'node:*', 'onnxruntime-node', 'sharp'],
  },
  {
    part: 'nodes/node-red-contrib-hmac/src',
    allowed: ['@tapcase/domain', '@tapcase/define-node', 'node-red', 'node:*'],
  },
  {
    part: 'nodes/node-red-contrib-tapcase/src',
    allowed: [
      '@tapcase/domain',
      '@tapcase/define-node',
      '@tapcase/ledger',
      '@tapcase/node-red-contrib-hmac',
      'node-red',
      'node:*',
      'express',
      'nodemailer',
      'valibot',
      'web-push',
    ],
  },
  {
    part: 'nodes/node-red-contrib-tapcase-edge/src',
    allowed: [
      '@tapcase/domain',
      '@tapcase/define-node',
      '@tapcase/node-red-contrib-hmac',
      'node-red',
      'node:*',
      'onoff',
      'serialport',
      'sharp',
    ],
  },
  { part: 'deploy/lambda/src', allowed: ['@tapcase/domain', '@aws-sdk/client-s3', 'node:*'] },
  { part: 'pwa/src', allowed: ['@simplewebauthn/browser', 'svelte', 'svelte/*', 'vite/client'] },
  { part: 'sim/src', allowed: ['@tapcase/domain', '@micropython/*', 'aedes', 'express', 'mqtt', 'node:*', 'sharp'] },
  {
    part: 'host',
    allowed: [
      '@simplewebauthn/server',
      '@tapcase/domain',
      '@tapcase/ledger',
      '@tapcase/node-red-contrib-hmac',
      'compression',
      'express',
      'express-rate-limit',
      'helmet',
      'otpauth',
      'uqr',
      'valibot',
      'node:*',
    ],
  },
];

/** Each vendor lives in one adapter file, so that changing it is one file's work. */
const ONE_ADAPTER = [
  'stripe',
  'onnxruntime-node',
  'nodemailer',
  'web-push',
  'node:sqlite',
  'pg',
  'onoff',
  'serialport',
];

/** Every folder with sources of ours. */
const OURS = [
  'bench',
  'deploy',
  'domain',
  'host',
  'ledger',
  'nodes',
  'prove',
  'pwa',
  'scripts',
  'sim',
  'test',
  'tools',
];

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

const imports = MAY_IMPORT.flatMap(({ part }) => sources(join(ROOT, part)).flatMap(importsOf));

describe('architecture', () => {
  for (const { part, allowed } of MAY_IMPORT) {
    it(`${part} imports only ${allowed.join(', ')} and itself`, () => {
      const own = imports.filter(({ file }) => file.startsWith(`${part}/`));
      assert.ok(own.length > 0, `no imports found in ${part}`);
      const bad = own.filter((entry) => !isInside(entry, part) && !allowed.some((name) => matches(name, entry.from)));
      assert.deepEqual(bad.filter((entry) => !isException(entry)).map(show), []);
    });
  }

  it('the phone takes types, and only types, from the protocol', () => {
    const shared = imports.filter(({ file, from }) => file.startsWith('pwa/') && from.startsWith('@tapcase/'));
    assert.ok(shared.length > 0);
    assert.deepEqual(
      shared.filter(({ from, typeOnly }) => from !== '@tapcase/domain/protocol' || !typeOnly).map(show),
      [],
    );
  });

  it('only the launcher, tests, benchmarks, scripts and tools know the simulated world', () => {
    const shop = imports.filter(({ file }) => !file.startsWith('sim/'));
    assert.deepEqual(
      shop.filter(({ from }) => from.startsWith('@tapcase/sim') || /(^|\/)sim\//.test(from)).map(show),
      [],
    );
  });

  for (const vendor of ONE_ADAPTER) {
    it(`${vendor} is imported in one adapter file of the palettes and the ledger`, () => {
      const files = new Set(
        imports
          .filter((entry) => /^(nodes|ledger)\//.test(entry.file) && entry.from === vendor && !entry.typeOnly)
          .map(({ file }) => file),
      );
      assert.equal(files.size, 1, [...files].join(', '));
    });
  }

  it('each package names what its files import, so that it can be installed without the others', () => {
    const missing = MAY_IMPORT.filter(({ part }) => /^(domain|ledger|nodes)\b/.test(part)).flatMap(({ part }) => {
      const manifest = JSON.parse(readFileSync(join(ROOT, part, '..', 'package.json'), 'utf8')) as Manifest;
      // Its own name leads to itself.
      const named = { [manifest.name]: '*', ...manifest.dependencies, ...manifest.optionalDependencies };
      return imports.filter(
        ({ file, from, typeOnly }) =>
          file.startsWith(`${part}/`) && !typeOnly && !/^(\.|node:)/.test(from) && named[packageOf(from)] === undefined,
      );
    });
    assert.deepEqual(missing.map(show), []);
  });

  it('no file leads back to itself by its imports, not even for a type', () => {
    assert.deepEqual(circlesOf(neighbours()), []);
  });

  it('in the shop only the ledger speaks to a database', () => {
    // The Stripe stand-in keeps books of its own, as Stripe does.
    const shop = imports.filter(({ file }) => !file.startsWith('sim/'));
    const drivers = shop.filter(({ from }) => /^(kysely(\/.*)?|pg|node:sqlite)$/.test(from));
    assert.ok(drivers.length > 0);
    // The simulated Stripe keeps its own books: another company's computer.
    const others = drivers.filter(({ file }) => !/^(ledger|sim)\//.test(file));
    assert.deepEqual(others.map(show), []);
  });

  it('the domain asks no clock, no randomness and no process', () => {
    for (const file of sources(join(ROOT, 'domain/src'))) {
      const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      assert.doesNotMatch(
        text,
        /Date\.now|new Date\(\)|Math\.random|\bprocess\.|setTimeout|setInterval/,
        relative(ROOT, file),
      );
    }
  });
});

/** Each circle as a way through it and back. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]) => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file].join(' > '));
    if (at >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return circles;
}

/**
 * Every file of ours with the files that it imports. Imports of types count: two files that need each other's types are
 * one thing in two places, and the first value that one of them takes makes the circle real.
 */
function neighbours(): ReadonlyMap<string, readonly string[]> {
  const top = readdirSync(ROOT).filter((name) => /\.(ts|mjs)$/.test(name));
  const files = [...top.map((name) => join(ROOT, name)), ...OURS.flatMap((folder) => sources(join(ROOT, folder)))];
  const own = files.map((path) => [pathOf(path), importsOf(path)] as const);
  return new Map(
    own.map(([file, imported]) => [
      file,
      imported.filter(({ from }) => from.startsWith('.')).map(({ from }) => pathOf(join(ROOT, file, '..', from))),
    ]),
  );
}

/** Types alone may cross: the domain's to the phone, the SDK's to the Stripe stand-in, which they hold to its shapes. */
function isException({ file, from, typeOnly }: Import): boolean {
  if (!typeOnly) return false;
  if (file.startsWith('sim/src/stripe/')) return from === 'stripe';
  return file.startsWith('pwa/') && from === '@tapcase/domain/protocol';
}

function isInside({ file, from }: Import, part: string): boolean {
  if (!from.startsWith('.')) return false;
  const target = pathOf(join(ROOT, file, '..', from));
  // The host and its settings are two halves of one thing: settings.ts stands in the root for whoever looks for it.
  return (
    target.startsWith(`${part}/`) ||
    target.startsWith(`${part.replace(/\/src$/, '')}/`) ||
    (part === 'host' && target === 'settings.ts')
  );
}

/** `kysely/migration` is part of kysely, `@tapcase/domain/protocol` of @tapcase/domain. */
function packageOf(from: string): string {
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function show({ file, from }: Import): string {
  return `${file} imports ${from}`;
}

/** From the root, with slashes. */
function pathOf(path: string): string {
  return relative(ROOT, path).split(sep).join('/');
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs|svelte)$/.test(name) && !name.includes('node_modules') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

function importsOf(path: string): Import[] {
  const file = pathOf(path);
  const text = readFileSync(path, 'utf8');
  const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm);
  const dynamic = text.matchAll(/\bimport\(\s*'([^']+)'/g);
  return [
    ...Array.from(statements, (match) => ({ file, from: match[2]!, typeOnly: match[1] !== undefined })),
    ...Array.from(dynamic, (match) => ({ file, from: match[1]!, typeOnly: false })),
  ];
}
