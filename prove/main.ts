// npm run prove: drives many visits through the real cloud while it is killed, starved, cut off and lied to, and then
// asks Stripe, the ledger and the phones whether anybody was charged wrongly. --visits --kills --seed --store --cases --instances
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Proof, prove } from './prove.ts';

const args = process.argv.slice(2);

function option(name: string, fallback: string): string {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? fallback : (args[at + 1] ?? fallback);
}

function whole(name: string, fallback: number): number {
  const value = Number(option(name, String(fallback)));
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} wants a whole number`);
}

const store = option('store', 'sqlite');
if (store !== 'sqlite' && store !== 'postgres') throw new Error('--store is sqlite or postgres');
const visits = whole('visits', 200);
const folder = mkdtempSync(join(tmpdir(), 'tapcase-prove-'));
const proof: Proof = await prove({
  folder,
  store,
  visits,
  kills: whole('kills', Math.ceil(visits * 0.3)),
  seed: whole('seed', 7),
  // A file has one machine; a server is there to be shared.
  instances: Math.max(1, whole('instances', store === 'postgres' ? 2 : 1)),
  cases: whole('cases', Math.min(32, Math.max(4, Math.ceil(visits / 4)))),
  log: (line) => console.error(line),
  verbose: args.includes('--verbose'),
});
rmSync(folder, { recursive: true, force: true });
for (const finding of proof.findings) console.error(finding);
const { findings, ...line } = proof;
console.log(JSON.stringify(line));
process.exit(proof.isClean ? 0 : 1);
