// The palettes as npm would publish them: packed once for all, and each unpacked into a user folder where it has nothing but
// what it carries and what its own manifest names.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
export const NODES = join(ROOT, 'nodes');
export const PALETTES = readdirSync(NODES).filter((name) => name.startsWith('node-red-contrib-'));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly repository?: { readonly directory?: string };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly 'node-red'?: { readonly version: string; readonly nodes: Readonly<Record<string, string>> };
}

/** Packs all palettes into `folder`, by one npm; gives the tarball of each. */
export async function packAll(folder: string): Promise<ReadonlyMap<string, string>> {
  // Copies: what is packed into a palette's own folder would meanwhile be loaded by other tests.
  for (const palette of PALETTES)
    cpSync(join(NODES, palette), join(folder, 'nodes', palette), {
      recursive: true,
      filter: (path) => !/[/\\](src|node_modules)$/.test(path),
    });
  symlinkSync(join(ROOT, 'scripts'), join(folder, 'scripts'));
  const words = ['pack', ...PALETTES.map((palette) => `./nodes/${palette}`), '--loglevel=error'];
  await run('npm', words, { cwd: folder });
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  return new Map(PALETTES.map((palette) => [palette, join(folder, tarballs.find(isOf(palette)) ?? '')]));
}

/**
 * What `npm install TARBALL` leaves in an empty user folder, without asking a registry: the package with what it bundles, and
 * beside it what it depends on, if that is installed here in the very version. Whatever else it asked for would not be found.
 */
export async function installAlone(tarball: string, userDir: string): Promise<Manifest> {
  const unpacked = mkdtempSync(`${tarball}-`);
  await run('tar', ['-xzf', tarball, '-C', unpacked]);
  const manifest = read(join(unpacked, 'package'));
  const home = join(userDir, 'node_modules', manifest.name);
  mkdirSync(dirname(home), { recursive: true });
  renameSync(join(unpacked, 'package'), home);
  writeFileSync(
    join(userDir, 'package.json'),
    JSON.stringify({ name: 'user', private: true, dependencies: { [manifest.name]: manifest.version } }),
  );

  for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.equal(manifest.scripts?.[script], undefined, `${manifest.name} wants to run ${script}`);
  for (const [name, wanted] of Object.entries(manifest.dependencies ?? {})) {
    const bundled = join(home, 'node_modules', name);
    if (name.startsWith('@tapcase/'))
      assert.ok(existsSync(bundled), `${name} is in no registry and not in the tarball`);
    if (existsSync(bundled)) {
      assertMet(read(bundled), manifest);
      continue;
    }
    const installed = join(ROOT, 'node_modules', name);
    assert.equal(
      read(installed).version,
      wanted,
      `${name} is installed here in another version than the tarball wants`,
    );
    const target = join(userDir, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) symlinkSync(installed, target);
  }
  return manifest;
}

/** npm installs nothing for what is bundled: all that it depends on must stand in the palette's own manifest. */
function assertMet(bundled: Manifest, palette: Manifest): void {
  for (const [name, wanted] of Object.entries(bundled.dependencies ?? {}))
    assert.equal(palette.dependencies?.[name], wanted, `${bundled.name} in ${palette.name} depends on ${name}`);
}

/** `tapcase-node-red-contrib-hmac-0.1.0.tgz`; of two palettes one has the other's name as its beginning. */
function isOf(palette: string): (tarball: string) => boolean {
  const { name, version } = read(join(NODES, palette));
  return (tarball) => tarball === `${name.slice(1).replace('/', '-')}-${version}.tgz`;
}

function read(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
