// Puts what tsc leaves behind (dialogs, help, labels, pictures) beside the compiled nodes, where Node-RED looks for it, and
// takes from the built folders what an earlier release had and this one has not: tsc leaves that too.
// Dialogs that a contract describes are made afterwards, by nodes/define-node/build.
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const palettes = readdirSync(join(root, 'nodes')).map((name) => join('nodes', name));

for (const palette of palettes) {
  const source = join(root, palette, 'src');
  if (!existsSync(source)) continue;
  cpSync(source, join(root, palette, 'dist'), {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || !path.endsWith('.ts'),
  });
}
for (const part of ['domain', 'ledger', ...palettes]) {
  // A folder beside `src` may be built too, under its own name (nodes/define-node/build).
  removeOrphans(join(root, part, 'dist'), [join(root, part, 'src'), join(root, part)]);
}

/** What is built of a file or folder that none of `sources` has. */
function removeOrphans(built, sources) {
  if (!existsSync(built)) return;
  for (const entry of readdirSync(built, { withFileTypes: true })) {
    const path = join(built, entry.name);
    const names = [entry.name, entry.name.replace(/\.(d\.ts|js)$/, '.ts')];
    const origins = sources.flatMap((source) => names.map((name) => join(source, name))).filter(existsSync);
    if (origins.length === 0) rmSync(path, { recursive: true });
    else if (entry.isDirectory()) removeOrphans(path, origins);
  }
}
