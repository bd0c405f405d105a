// npm test: every test, the quick ones first. --quick stops there; --require-all makes a skipped test a failure;
// --counts FILE adds this run's numbers to a file; other words are test files.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Slow ones last: a mistake in the rules shows within seconds. */
const QUICK = 'test/{*,{domain,host,adapters,flows,sim,nodes,bench,deploy,firmware}/**/*}.spec.ts';
/** What waits for real programs: cameras, a kill, PostgreSQL, inference, pages. */
const SLOW = [
  'test/{e2e,browser}/**/*.spec.ts',
  'test/adapters/ledger{,-postgres}.spec.ts',
  'test/deploy/*.spec.ts',
  'test/firmware/{controller,fuzz,outbox,week}.spec.ts',
  'test/flows/edge.spec.ts',
  'test/host/dataset-export.spec.ts',
  'test/nodes/{camera,camera-source,detr-cli,detr-detect,gpio-in,video-recorder-kill}.spec.ts',
];

const args = process.argv.slice(2);
const has = (flag: string) => args.includes(flag);
const countsFile = args[args.indexOf('--counts') + 1];
const named = args.filter((arg) => arg.endsWith('.ts'));
const slow = SLOW.flatMap((pattern) => globSync(pattern));
const quick = globSync(QUICK).filter((file) => !slow.includes(file));
const groups = named.length > 0 ? [named] : has('--quick') ? [quick] : [quick, slow];

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
let broken = false;
for (const files of groups) {
  if (files.length > 0) broken = !runMocha([...files].sort()) || broken;
}
if (has('--require-all') && total.skipped > 0) {
  console.log(`${total.skipped} tests were skipped, and none may be`);
  total.failed += total.skipped;
}
if (broken && total.failed === 0) total.failed = 1;
if (has('--counts') && countsFile !== undefined) writeFileSync(countsFile, JSON.stringify(total));
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

/** False when mocha ended without saying how many tests it ran, or with a failure. */
function runMocha(files: readonly string[]): boolean {
  const scratch = mkdtempSync(join(tmpdir(), 'tapcase-test-'));
  const file = join(scratch, 'counts.json');
  try {
    const bin = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
    const { status } = spawnSync(process.execPath, [bin, '--reporter', 'scripts/mocha-reporter.mjs', ...files], {
      stdio: 'inherit',
      env: {
        ...process.env,
        TAPCASE_COUNTS: file,
        // The Stripe SDK tells its news on stderr.
        STRIPE_SUPPRESS_NOTICES: 'true',
        ...(has('--require-all') ? { TAPCASE_REQUIRE_ALL: '1' } : {}),
      },
    });
    if (existsSync(file)) {
      const counts = JSON.parse(readFileSync(file, 'utf8')) as Counts;
      for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
      return status === 0;
    }
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
