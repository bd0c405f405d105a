// npm pack -w nodes/PALETTE: puts the workspace packages that a palette bundles into its own node_modules, and the licence beside
// them, so that its tarball stands alone; afterwards takes them away, so that this tree goes on with the links of its root. Called by npm, in the
// palette's folder: before packing as `bundle.mjs in`, after it as `bundle.mjs out`.
import { cpSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const palette = process.cwd();
const own = join(palette, 'node_modules');
const manifest = readJson(join(palette, 'package.json'));

if (process.argv[2] === 'in') {
  cpSync(join(root, 'LICENSE'), join(palette, 'LICENSE'));
  for (const name of manifest.bundleDependencies) bundle(name);
} else {
  remove();
}

function bundle(name) {
  const source = resolve(root, 'node_modules', name);
  if (!existsSync(join(source, 'dist'))) throw new Error(`${name} is not built: npm run build`);
  const target = join(own, name);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const {
    devDependencies: _dev,
    scripts: _scripts,
    bundleDependencies: _bundled,
    ...kept
  } = readJson(join(source, 'package.json'));
  for (const part of ['package.json', ...(kept.files ?? [])]) {
    if (existsSync(join(source, part)))
      cpSync(join(source, part), join(target, part), { recursive: true, dereference: true });
  }
}

function remove() {
  rmSync(join(palette, 'LICENSE'), { force: true });
  for (const name of manifest.bundleDependencies) rmSync(join(own, name), { recursive: true, force: true });
  for (const folder of [join(own, '@tapcase'), own]) {
    try {
      rmdirSync(folder);
    } catch {
      // Something of somebody else's lies there, or nothing ever did.
    }
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
