// Shops that tests start: their own deadlines are so long that no busy machine meets them. A test that is about a deadline
// sets that one itself, short, and waits for what must come.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ALL_WELL } from '@tapcase/sim/case/conditions';
import type { FlowNode } from '../host/flows/node.ts';
import { splitFlows } from '../host/flows/tabs.ts';
import { type DemoShop, startOwnShop } from '../scripts/demo-shop.ts';
import { caseOf } from '../scripts/demo-visit.ts';
import { until } from './patience.ts';
import { copyShippedFlows } from './shipped-flows.ts';

/** How many times longer than a shop's own deadlines. The next phase's deadline (domain/src/visit/deadlines.ts) is later still. */
const FACTOR = 20;
/** Of the firmware (firmware/app/config.py). */
const OPEN_MS = 10_000;
const ALL_CAMERAS_WELL = { covered: false, frozen: false, swapped: false, offline: false, hanging: false };

export interface PatientOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Changes the text of flows/core/config.json. */
  readonly config?: (text: string) => string;
  /** Limits of the controller, milliseconds, where the test is about one of them. */
  readonly limits?: {
    readonly open_within_ms?: number;
    readonly open_too_long_ms?: number;
    readonly status_ms?: number;
  };
  /** An operator's own tab in the cloud, from the start on. */
  readonly own?: readonly object[];
  /** Both cameras are also recorded, where ffmpeg is installed: a third of a shop's work. Off unless the test is about it. */
  readonly recorded?: boolean;
}

export interface PatientShop extends DemoShop {
  /** Copies of the project's: of the cloud, of the edge. */
  readonly flowsFolder: string;
  readonly edgeFlowsFolder: string;
}

/** The project's flows in a folder of the shop's own, so that nothing a test does in an editor is kept. */
export async function startPatientShop(options: PatientOptions = {}): Promise<PatientShop> {
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-flows-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const shop = await startOwnShop({ ...environmentIn(folder, options), ...options.env });
    return {
      ...shop,
      flowsFolder: join(folder, 'flows'),
      edgeFlowsFolder: join(folder, 'edge-flows'),
      stop: async () => {
        await shop.stop();
        remove();
      },
    };
  } catch (thrown) {
    remove();
    throw thrown;
  }
}

/** The case as it was but for what was sold: all well, the door shut, and nobody's visit under way. */
export async function restored({ shop, stateFolder }: DemoShop): Promise<void> {
  const atCase = caseOf(shop);
  await atCase('cameras', ALL_CAMERAS_WELL);
  await atCase('conditions', ALL_WELL);
  await atCase('door', { open: false });
  const ledger = new DatabaseSync(join(stateFolder, 'ledger.sqlite'), { readOnly: true });
  try {
    const open = ledger.prepare('select count(*) as visits from visits where occupies_case = 1');
    await until('the last visit to end', () => open.get()?.visits === 0);
  } finally {
    ledger.close();
  }
}

function environmentIn(folder: string, { config = (text) => text, limits, own, recorded = false }: PatientOptions) {
  const [flows, edgeFlows] = [join(folder, 'flows'), join(folder, 'edge-flows')];
  copyShippedFlows('flows', flows);
  copyShippedFlows('edge-flows', edgeFlows);
  change(join(flows, 'core', 'config.json'), (text) => config(longer(text)));
  change(join(edgeFlows, 'core', '20-see.json'), neverLate);
  if (!recorded) change(join(edgeFlows, 'core', '30-record.json'), switchedOff);
  if (own !== undefined) writeFileSync(join(flows, 'own', 'mine.json'), JSON.stringify(own));
  return {
    FLOWS_DIR: flows,
    EDGE_FLOWS_DIR: edgeFlows,
    CASE_LIMITS: JSON.stringify({ open_within_ms: FACTOR * OPEN_MS, open_too_long_ms: FACTOR * OPEN_MS, ...limits }),
  };
}

/** How long the cloud waits for the cameras, and how long it believes in a case that says nothing. */
function longer(config: string): string {
  const times = (_: string, name: string, ms: string) => `"${name}":${FACTOR * Number(ms)}`;
  return replaced(replaced(config, /"(visionWaitMs)":(\d+)/, times), /"(offlineAfterMs)":(\d+)/, times);
}

/**
 * A look counts as one before the visit however late its picture comes: the hands of the tests wait for the cameras
 * (scripts/demo-cameras.ts). Only a wish that says when it was asked for can be late.
 */
function neverLate(see: string): string {
  const nodes = JSON.parse(see) as FlowNode[];
  const wish = nodes.find(({ id }) => id === 'see.from-wake');
  if (wish === undefined) throw new Error('the flow has no see.from-wake');
  const forget = {
    ...{ id: 'see.forget', type: 'change', z: 'see', name: 'Never late', x: 160, y: 80, wires: wish.wires },
    rules: [{ t: 'delete', p: 'look.askedAtMs', pt: 'msg' }],
  };
  const others = nodes.filter((node) => node !== wish);
  const changed = [...others, { ...wish, wires: [[forget.id]] }, forget];
  return splitFlows(changed, { before: nodes })['20-see.json']!;
}

function switchedOff(tab: string): string {
  return replaced(tab, /"disabled": false/, () => '"disabled": true');
}

/** A flow that no longer says what is to be changed is a mistake of the test. */
export function replaced(text: string, what: RegExp, by: (...found: string[]) => string): string {
  if (!what.test(text)) throw new Error(`the flow has no ${what}`);
  return text.replace(what, by);
}

function change(file: string, edit: (text: string) => string): void {
  writeFileSync(file, edit(readFileSync(file, 'utf8')));
}
