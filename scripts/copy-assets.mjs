// Puts what tsc leaves behind (dialogs, help, labels, pictures) beside the compiled nodes, where Node-RED looks for it.
// Dialogs that a contract describes are made afterwards, by nodes/define-node/build.
import { cpSync, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodes = join(dirname(dirname(fileURLToPath(import.meta.url))), 'nodes');
for (const palette of readdirSync(nodes)) {
  const source = join(nodes, palette, 'src');
  if (!existsSync(source)) continue;
  cpSync(source, join(nodes, palette, 'dist'), {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || !path.endsWith('.ts'),
  });
}
