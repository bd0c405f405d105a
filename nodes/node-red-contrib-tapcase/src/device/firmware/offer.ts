// Tells a controller which firmware it is offered now: by stages, and to nobody more when too many cases are in trouble.
import { asFields, part, says, shows } from '@tapcase/define-node';
import { Fault, isInStage, type OfferedCase, orThrow, stageOf, UPDATE_FAILED } from '@tapcase/domain';
import type { CaseRow, Ledger } from '@tapcase/ledger';
import { paramOf } from '../../messages.ts';
import { MANIFEST_FILE, type Release, SIGNATURE_FILE } from '../../shop/firmware/port.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { FirmwareConfig, Output } from './contract.ts';
import { rangeAnswer } from './range.ts';

interface FirmwareQuestion {
  readonly caseId: string;
  readonly wants: 'offer' | 'manifest';
  readonly raw: unknown;
}

const WANTS: Readonly<Record<string, FirmwareQuestion['wants']>> = { 'manifest.sig': 'offer', manifest: 'manifest' };

/** What a controller reads as: nothing for you now (firmware/app/manifest.py). */
const NOTHING = Buffer.from('{"number":0}');
/** An update takes minutes over LTE-M and a restart; only then is a case silent that is expected every half minute. */
const SILENT_MS_MIN = 3_600_000;

export const offer = part<FirmwareConfig, FirmwareQuestion, Output>({
  parseMessage: (raw) => {
    const wants = WANTS[paramOf(raw, 'file')];
    if (wants === undefined) return new Fault('firmware.unknown-file', 'neither manifest nor manifest.sig');
    return { caseId: paramOf(raw, 'case'), wants, raw };
  },
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    const store = orThrow(shop.firmware);
    const rollout = orThrow(shop.rollout);
    let toldHalted = false;

    const caseOf = async (caseId: string, offeredAtMs: number, hadFailed: boolean): Promise<OfferedCase> => {
      const row = await ledger.caseRow(caseId);
      const found = shop.case(caseId);
      const silentAfterMs = Math.max(SILENT_MS_MIN, found instanceof Fault ? 0 : found.offlineAfterMs);
      const heard = { firmware: row.lastStatus?.fw ?? null, faults: faultsOf(row), heardAtMs: row.heardAtMs };
      return { caseId, offeredAtMs, hadFailed, silentAfterMs, ...heard };
    };
    const isHalted = async ({ number }: Release): Promise<boolean> => {
      const offers = [...(await store.offered(number))];
      const cases = await Promise.all(offers.map(([caseId, { atMs, hadFailed }]) => caseOf(caseId, atMs, hadFailed)));
      const { kind, troubled } = stageOf(rollout, cases, node.now());
      if (kind === 'running') return false;
      const ids = troubled.slice(0, 5).join(', ');
      // Once a Deploy: each case asks again, and one word to the operator is enough.
      if (!toldHalted)
        node.fail(new Fault('firmware.halted', `${rollout.version}: ${troubled.length} in trouble: ${ids}`));
      toldHalted = true;
      return true;
    };
    const mark = async ({ number }: Release, caseId: string): Promise<void> => {
      const row = await ledger.caseRow(caseId);
      const atMs = node.now();
      // Anybody may ask in the name of a case: one that is not alive was somebody else, and must not count as fallen silent.
      if (atMs - (row.heardAtMs ?? 0) > SILENT_MS_MIN) return;
      await store.markOffered(number, caseId, { atMs, hadFailed: faultsOf(row).includes(UPDATE_FAILED) });
    };
    const offerTo = async (caseId: string): Promise<Release | 'none' | 'halted'> => {
      orThrow(shop.case(caseId));
      if (rollout.version === '' || !isInStage(rollout, caseId)) return 'none';
      const release = await store.release(rollout.version);
      return (await isHalted(release)) ? 'halted' : release;
    };
    return async ({ caseId, wants, raw }) => {
      const release = await offerTo(caseId);
      if (typeof release === 'string') {
        if (wants === 'manifest') throw new Fault('firmware.unknown-file', 'nothing is offered to this case now');
        const look = release === 'halted' ? 'needs-person' : 'did';
        return {
          to: 'answered',
          add: rangeAnswer(raw, NOTHING, JSON_TYPE),
          status: says('__case__ __what__', { case: caseId, what: says(release) }),
          look,
        };
      }
      const bytes = await store.read(release.number, wants === 'offer' ? SIGNATURE_FILE : MANIFEST_FILE);
      if (bytes === undefined) throw new Fault('firmware.unknown-file', 'the release is gone');
      // From here on this case counts: whoever fetches the manifest wants to install it.
      if (wants === 'manifest') await mark(release, caseId);
      return { to: 'answered', add: rangeAnswer(raw, bytes, JSON_TYPE), status: shows(`${caseId} ${release.version}`) };
    };
  },
});

const JSON_TYPE = 'application/json';

function faultsOf({ lastStatus }: CaseRow): readonly string[] {
  const { faults } = asFields(lastStatus);
  return Array.isArray(faults) ? faults.filter((fault) => typeof fault === 'string') : [];
}
