// npm run flows:check -- [FOLDER]...: whether the flows are safe to run (the shop's and yours), and whether the shop's keep its style.
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import type { Finding } from './finding.ts';
import { styleFindings } from './house-style.ts';
import { lookAt } from './look.ts';
import { safetyFindings } from './safety.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const USAGE = `npm run flows:check -- [FOLDER]...

Looks at flow folders (default: flows and edge-flows), each with core/ and own/ in it. Changes nothing.

  safety       core and own: what can be read, wires that lead somewhere, no wire from own/ into the shop's own nodes, no second
               answer to a path of the shop's or to a question of its, locked tabs, no secrets, no programs, no modules of functions
  house style  core only

Ends with 1 where it finds anything.
`;

export function flowsCheck(args: readonly string[], write: (line: string) => void): number {
  if (args.some((arg) => arg.startsWith('-'))) {
    write(USAGE);
    return args.includes('--help') ? 0 : 2;
  }
  const folders = args.length > 0 ? args : [join(ROOT, 'flows'), join(ROOT, 'edge-flows')];
  let count = 0;
  for (const folder of folders) {
    for (const [level, findings] of findingsIn(folder)) {
      count += findings.length;
      for (const { where, what } of findings) write(`${folder}  ${level}  ${where}: ${what}`);
    }
  }
  write(count === 0 ? `flows are in order: ${folders.join(', ')}` : `${count} ${count === 1 ? 'finding' : 'findings'}`);
  return count === 0 ? 0 : 1;
}

function findingsIn(folder: string): (readonly [string, readonly Finding[]])[] {
  try {
    const looked = lookAt(folder);
    return [
      ['safety', safetyFindings(looked)],
      ['style', styleFindings(looked)],
    ];
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return [['safety', [{ where: thrown.code, what: thrown.message }]]];
  }
}

if (import.meta.main) process.exit(flowsCheck(process.argv.slice(2), console.log));
