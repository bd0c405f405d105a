// A step whose answer did not come: it waits in the ledger, longer each time, and is then asked again or looked up.
import { defineNode } from '@tapcase/define-node';
import type { Ledger, MoneyAnswer } from '@tapcase/ledger';
import { endEffects } from '../end-effects.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** Faults that are an answer: nothing was done, and the same question gets the same answer. */
const DEFINITE: ReadonlySet<string> = new Set(['stripe.refused-request', 'stripe.bad-message']);

export default defineNode({
  type: 'settle-wait',
  outputs: ['more', 'ended', 'waits'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ step, code }) => {
      if (step === undefined) return undefined;
      const atMs = node.now();
      const answer: MoneyAnswer = DEFINITE.has(code)
        ? { kind: 'refused', code, declineCode: null, adviceCode: null }
        : { kind: 'unknown', code };
      const { kind, visit } = await ledger.answerMoney(step, answer, {
        atMs,
        ends: (ended) => endEffects(ended, atMs),
      });
      const to = kind === 'more' || kind === 'ended' ? kind : 'waits';
      return { to, add: { visit }, status: code.slice(0, 20), look: 'needs-person' };
    };
  },
});
