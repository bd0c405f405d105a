// npm run ledger:restore-check: what Stripe knows and a ledger that was put back does not, and the repair of it.
import { join } from 'node:path';
import { ROOT } from '../host/root.ts';
import { restoreCheck } from './ledger/restore-check.ts';

process.exitCode = await restoreCheck(process.argv.slice(2), {
  environment: process.env,
  stateFolder: join(ROOT, '.tapcase'),
  now: Date.now,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
