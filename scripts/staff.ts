// npm run staff -- owner-link: a new link for the owner who lost everything that let them in; new-board: a case has a new
// controller.
import { join } from 'node:path';
import { staffCommand } from './staff/command.ts';

process.exitCode = await staffCommand(process.argv.slice(2), {
  environment: process.env,
  stateFolder: join(import.meta.dirname, '..', '.tapcase'),
  now: Date.now,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
