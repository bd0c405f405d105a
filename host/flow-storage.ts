// Node-RED's storage, with the flows in one file per tab: a Deploy in the editor writes the files that git keeps.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type FlowFiles, type FlowNode, joinFlows, splitFlows } from './flow-files.ts';

const require = createRequire(import.meta.url);
/** Node-RED's own module keeps credentials, editor settings and sessions in its userDir. */
const ownStorage = require('@node-red/runtime/lib/storage/localfilesystem') as Readonly<Record<string, unknown>> & {
  getCredentials(): Promise<Readonly<Record<string, unknown>>>;
};

/** Which credential is which environment variable, by node: references only, never a value. */
export const CREDENTIALS_FILE = 'credentials.env.json';

export interface FlowStorage extends Readonly<Record<string, unknown>> {
  getFlows(): Promise<FlowNode[]>;
  saveFlows(nodes: readonly FlowNode[]): Promise<void>;
}

/** For `settings.storageModule`. `folder` holds the flow files of one role. */
export function flowStorage(folder: string): FlowStorage {
  return {
    ...ownStorage,
    getFlows: async () => joinFlows(readFlowFiles(folder)),
    saveFlows: async (nodes) => writeFlowFiles(folder, splitFlows(nodes)),
    // Until somebody types credentials into the editor, all of them come from the environment.
    getCredentials: async () => {
      const stored = await ownStorage.getCredentials();
      return Object.keys(stored).length > 0 ? stored : readReferences(folder);
    },
  };
}

export function readFlowFiles(folder: string): FlowFiles {
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(flowFileNames(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Only what changed is touched; a file of a tab that is gone goes too. */
export function writeFlowFiles(folder: string, files: FlowFiles): void {
  const before = readFlowFiles(folder);
  for (const [name, text] of Object.entries(files)) {
    if (before[name] === text) continue;
    // Renamed into place, so that a crash leaves the old file or the new one.
    const draft = join(folder, `.${name}.draft`);
    writeFileSync(draft, text);
    renameSync(draft, join(folder, name));
  }
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(files, name)) rmSync(join(folder, name));
  }
}

function readReferences(folder: string): Readonly<Record<string, unknown>> {
  const path = join(folder, CREDENTIALS_FILE);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {};
}

function flowFileNames(folder: string): string[] {
  return readdirSync(folder).filter(
    (name) => name.endsWith('.json') && !name.startsWith('.') && name !== CREDENTIALS_FILE,
  );
}
