// npm run check: types of everything, style and mistakes of everything. Says all that is wrong, not only the first.
import { spawnSync } from 'node:child_process';

const CHECKS: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-b'] },
  {
    name: 'types of the pages',
    args: ['node_modules/svelte-check/bin/svelte-check', '--tsconfig', 'pwa/tsconfig.json', '--fail-on-warnings'],
  },
  { name: 'style', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
];

let failed = 0;
for (const { name, args } of CHECKS) {
  console.log(`checking ${name} ...`);
  const { status } = spawnSync(process.execPath, [...args], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
console.log(failed === 0 ? 'all checks passed' : `${failed} of ${CHECKS.length} checks failed`);
process.exit(failed === 0 ? 0 : 1);
