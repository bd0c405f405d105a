// node bench/comes-back.ts: how long nobody can buy after the cloud, or the edge, of a whole shop was killed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Role } from '../host/environment.ts';
import type { RunningShop } from '../host/shop.ts';
import { startOwnShop } from '../scripts/demo-shop.ts';

const LOOK_MS = 10;
/** Whoever does not come back in this time does not. */
const BACK_MS_MAX = 120_000;

const { shop, stateFolder, stop } = await startOwnShop();
try {
  for (const [role, what] of [
    // Its flows run, its ledger answers, its broker is connected, and the case was heard: the next tap unlocks.
    ['cloud', 'cloud killed until it sells again'],
    ['edge', 'edge killed until it answers again'],
  ] as const) {
    const seconds = (await backMs(role)) / 1_000;
    console.log(`${what.padEnd(56)} ${seconds.toFixed(1).padStart(7)} s`);
  }
} finally {
  await stop();
}
process.exit();

async function backMs(role: Role): Promise<number> {
  const before = processOf(role);
  const killedMs = performance.now();
  process.kill(before, 'SIGKILL');
  while (performance.now() - killedMs < BACK_MS_MAX) {
    if (processOf(role) !== before && (await (role === 'cloud' ? sells() : edgeAnswers()))) {
      return performance.now() - killedMs;
    }
    await pause(LOOK_MS);
  }
  throw new Error(`the ${role} has not come back`);
}

/** Of the running one: `running.json` names it once it is ready. */
function processOf(role: Role): number {
  const running = JSON.parse(readFileSync(join(stateFolder, 'running.json'), 'utf8')) as RunningShop;
  return running.processes[role] ?? 0;
}

async function sells(): Promise<boolean> {
  const [ready, at] = await Promise.all([asked('/readyz'), asked(`/api/cases/${shop.caseId}`)]);
  return ready?.ready === true && at?.state === 'ready';
}

async function asked(path: string): Promise<Record<string, unknown> | undefined> {
  return fetch(`${shop.shopUrl}${path}`).then(
    async (answer) => (await answer.json()) as Record<string, unknown>,
    () => undefined,
  );
}

function edgeAnswers(): Promise<boolean> {
  return fetch(shop.edgeUrl, { redirect: 'manual' }).then(
    ({ status }) => status < 500,
    () => false,
  );
}
