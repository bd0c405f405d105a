// The dialog's question "what would this have done?": reads what is typed there, and answers with a replay.
import { type AdminAction, asFields, chosen, inEnglish, phrase } from '@tapcase/define-node';
import { CASE_ID, Fault, orThrow } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { parseConfig } from './contract.ts';
import { type ReplayAsk, replay } from './replay.ts';

let isRunning = false;

/** One at a time, whoever asks: `reconcile.replay-busy`. A wrong value is refused with the code that a message would get. */
export const replayAction: AdminAction = async (body, { use }) => {
  const ask = parseAsk(body);
  const ledger = use<Ledger>(chosen(body, 'ledger'), 'tapcase-ledger');
  if (isRunning) throw new Fault('reconcile.replay-busy', 'somebody else is looking at past visits: try again');
  isRunning = true;
  try {
    const learnedOf = (caseId: string) => ledger.learning(caseId);
    return await replay({ ledger, learnedOf, now: () => Date.now() }, ask);
  } finally {
    isRunning = false;
  }
};

function parseAsk(body: unknown): ReplayAsk {
  const { caseId, before, after } = asFields(body);
  if (caseId !== null && (typeof caseId !== 'string' || !CASE_ID.test(caseId))) {
    const problem = phrase('wants the name of a case, or null');
    throw new Fault('request.invalid', `caseId: ${inEnglish(problem)}`, { where: 'caseId', problem });
  }
  return { caseId, before: orThrow(parseConfig(before)), after: orThrow(parseConfig(after)) };
}
