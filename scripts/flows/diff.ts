// npm run flows:diff -- [REV] [REV]: what changed in the flows, in words. Without a second revision: against the files as they are.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { readFolders } from '../../host/flows/disk.ts';
import { CREDENTIALS_FILE, type FlowFolders } from '../../host/flows/node.ts';
import { changesInWords } from './changes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = ['flows', 'edge-flows'] as const;
/** All tabs of a release are a quarter of a megabyte. */
const GIT_BYTES_MAX = 64 * 1024 * 1024;
const USAGE = `npm run flows:diff -- [REV] [REV]

Says in words what changed in the flows between two revisions, or between one (default: HEAD) and the files as they are: tabs, nodes,
wires and settings. What only moved is counted at the end.
`;

/** `root`: of the working tree, with `flows` and `edge-flows` in it. */
export function flowsDiff(args: readonly string[], write: (line: string) => void, root = ROOT): number {
  if (args.length > 2 || args.some((arg) => arg.startsWith('-'))) {
    write(USAGE);
    return args.includes('--help') ? 0 : 2;
  }
  const [from = 'HEAD', to] = args;
  try {
    const lines = FOLDERS.flatMap((folder) => {
      const after = to === undefined ? readFolders(join(root, folder)) : atRevision(root, to, folder);
      const words = changesInWords(atRevision(root, from, folder), after);
      return words.length === 0 ? [] : [`${folder}/`, ...words.map((line) => `  ${line}`)];
    });
    for (const line of lines.length === 0 ? ['nothing changed in the flows'] : lines) write(line);
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    write(`${thrown.code}: ${thrown.message}`);
    return 2;
  }
}

function atRevision(root: string, revision: string, folder: string): FlowFolders {
  const folders: { core: Record<string, string>; own: Record<string, string> } = { core: {}, own: {} };
  for (const path of git(root, ['ls-tree', '-r', '-z', '--name-only', revision, '--', folder], revision).split('\0')) {
    const [, half, name] = /^[a-z-]+\/(?:(core|own)\/)?([^/]+\.json)$/.exec(path) ?? [];
    if (name === undefined || name === CREDENTIALS_FILE || name.startsWith('.')) continue;
    // Before there were two halves, all of it was the shop's.
    folders[half === 'own' ? 'own' : 'core'][name] = git(root, ['show', `${revision}:${path}`], revision);
  }
  return folders;
}

function git(root: string, args: readonly string[], revision: string): string {
  try {
    return execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      maxBuffer: GIT_BYTES_MAX,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    throw new Fault('flows.no-revision', `git does not know ${revision} here`, { revision }, cause);
  }
}

if (import.meta.main) process.exit(flowsDiff(process.argv.slice(2), console.log));
