// Puts what tsc leaves behind (dialogs, help, labels, pictures) beside the compiled nodes, where Node-RED looks for it, and
// takes from the built folders what an earlier release had and this one has not: tsc leaves that too.
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
for (const part of ['domain', 'ledger', ...palettes]) removeOrphans(join(root, part, 'dist'), join(root, part, 'src'));

function removeOrphans(built, source) {
  if (!existsSync(built) || !existsSync(source)) return;
  for (const entry of readdirSync(built, { withFileTypes: true })) {
    const path = join(built, entry.name);
    const origins = [entry.name, entry.name.replace(/\.(d\.ts|js)$/, '.ts')];
    if (!origins.some((name) => existsSync(join(source, name)))) rmSync(path, { recursive: true });
    else if (entry.isDirectory()) removeOrphans(path, join(source, entry.name));
  }
}
