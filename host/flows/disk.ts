// The flow files on disk: read as they are, written all or none.
//
// What is promised: a process that dies in the middle of a write leaves the old files or the new ones, as soon as the next start (or
// the next reader that calls `finishWrite`) has finished what a journal says. Until then another program may see some of each. A disk
// that keeps its word about fsync keeps this one too, power cut or not.
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { differences } from './deploy.ts';
import { CREDENTIALS_FILE, type FlowFiles, type FlowFolders, type Half } from './node.ts';

const HALVES: readonly Half[] = ['core', 'own'];
const JOURNAL = '.deploy.json';
const DRAFT = /^\.(.+\.json)\.draft$/;
const PATH = /^(core|own)\/[^/\\]+\.json$/;

interface Journal {
  /** Path to the SHA-256 of what its draft holds. */
  readonly write: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** Both halves of a role's flows. A half that is not there is empty. */
export function readFolders(folder: string): FlowFolders {
  return { core: readFlowFiles(join(folder, 'core')), own: readFlowFiles(join(folder, 'own')) };
}

/** One half. */
export function readFlowFiles(folder: string): FlowFiles {
  const names = namesIn(folder).filter(
    (name) => name.endsWith('.json') && !name.startsWith('.') && name !== CREDENTIALS_FILE,
  );
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Paths that are not the same in both, such as `own/evening.json`. */
export function changedPaths(before: FlowFolders, after: FlowFolders): string[] {
  return HALVES.flatMap((half) => differences(before[half], after[half]).map((name) => `${half}/${name}`));
}

/** Only what changed is touched; a file that is in neither half any more goes. All or none, as the head of this file says. */
export function writeFolders(folder: string, after: FlowFolders): void {
  const before = readFolders(folder);
  const changed = changedPaths(before, after);
  if (changed.length === 0) return;
  for (const half of HALVES) mkdirSync(join(folder, half), { recursive: true });
  const journal: { write: Record<string, string>; remove: string[] } = { write: {}, remove: [] };
  for (const path of changed) {
    const text = textAt(after, path);
    if (text === undefined) journal.remove.push(path);
    else {
      writeThrough(draftOf(folder, path), text);
      journal.write[path] = hashOf(text);
    }
  }
  for (const half of HALVES) syncFolder(join(folder, half));
  const file = join(folder, JOURNAL);
  writeThrough(`${file}.draft`, `${JSON.stringify(journal)}\n`);
  // From here on the new files are what counts.
  renameSync(`${file}.draft`, file);
  syncFolder(folder);
  finishWrite(folder);
}

/**
 * Finishes a write that was interrupted after it counted, and forgets one that was interrupted before. Throws `flows.journal`, and
 * touches nothing, where the journal is none of ours.
 */
export function finishWrite(folder: string): void {
  const file = join(folder, JOURNAL);
  if (existsSync(file)) {
    const journal = parseJournal(file);
    for (const [path, hash] of Object.entries(journal.write)) {
      const draft = draftOf(folder, path);
      if (existsSync(draft) && hashOf(readFileSync(draft, 'utf8')) === hash) renameSync(draft, join(folder, path));
    }
    for (const path of journal.remove) rmSync(join(folder, path), { force: true });
    for (const half of HALVES) syncFolder(join(folder, half));
    rmSync(file);
    syncFolder(folder);
  }
  rmSync(`${file}.draft`, { force: true });
  for (const half of HALVES) {
    for (const name of namesIn(join(folder, half))) if (DRAFT.test(name)) rmSync(join(folder, half, name));
  }
}

function parseJournal(file: string): Journal {
  try {
    const { write, remove } = JSON.parse(readFileSync(file, 'utf8')) as Journal;
    const paths = [...Object.keys(write), ...remove];
    if (paths.every((path) => typeof path === 'string' && PATH.test(path))) return { write, remove };
  } catch {}
  throw new Fault(
    'flows.journal',
    `${file} is not what a Deploy writes there. Remove it, and look at what the flow files hold.`,
  );
}

function textAt(folders: FlowFolders, path: string): string | undefined {
  const [half, name] = path.split('/') as [Half, string];
  return folders[half][name];
}

function draftOf(folder: string, path: string): string {
  const [half, name] = path.split('/') as [Half, string];
  return join(folder, half, `.${name}.draft`);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The bytes are on the disk when this returns. */
export function writeThrough(file: string, text: string, mode = 0o666): void {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'w', mode);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Names are on the disk too; where a system cannot do that for a folder (Windows) it does it by itself. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32' || !existsSync(folder)) return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
