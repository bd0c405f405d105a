// Reads the flows of one role for a check; changes nothing on the disk, also while a shop runs on them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFolders } from '../../host/flows/disk.ts';
import { CREDENTIALS_FILE } from '../../host/flows/node.ts';
import { readShopFlows } from '../../host/flows/read.ts';
import type { Looked } from './finding.ts';

/** Throws the Fault of a core that cannot be read. */
export function lookAt(folder: string): Looked {
  const files = readFolders(folder);
  const flows = readShopFlows(files);
  const nodes = [...flows.core, ...flows.own];
  const references = Object.fromEntries(
    ['core', 'own'].flatMap((half) => {
      const file = join(folder, half, CREDENTIALS_FILE);
      return existsSync(file) ? [[half, readFileSync(file, 'utf8')]] : [];
    }),
  );
  return { files, flows, nodes, byId: new Map(nodes.map((node) => [node.id, node])), references };
}
