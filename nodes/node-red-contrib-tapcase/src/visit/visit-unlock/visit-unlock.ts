// What a hold leads to. Made: it is written down, and the signed unlock and observe go to the outbox. Not made: the visit
// ends, the door stays shut, the case is free again.
import { defineNode, type Emission, type NodeContext, shows } from '@tapcase/define-node';
import { CARD_GONE, orThrow, UNLOCK_VALID_SECONDS } from '@tapcase/domain';
import type { Effect, Ledger } from '@tapcase/ledger';
import { endEffects } from '../../money/end-effects.ts';
import { HOLD_ATTEMPT } from '../../money/hold-request.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { type HoldAnswer, parseMessage, visitUnlock } from './contract.ts';

type Output = (typeof visitUnlock.outputs)[number];
type Held = Extract<HoldAnswer, { kind: 'held' }>;
type Refused = Extract<HoldAnswer, { kind: 'refused' }>;

export default defineNode({
  ...visitUnlock,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async (answer) =>
      answer.kind === 'held' ? unlocked(ledger, shop, node, answer) : refused(ledger, node, answer);
  },
});

async function unlocked(
  ledger: Ledger,
  shop: Shop,
  node: NodeContext<Output>,
  { visit: { id, caseId }, hold }: Held,
): Promise<Emission<Output>> {
  const { visionWaitMs } = orThrow(shop.case(caseId));
  const atMs = node.now();
  const at = Math.floor(atMs / 1000);
  const exp = at + UNLOCK_VALID_SECONDS;
  const effects: Effect[] = [
    { kind: 'command', caseId, command: { type: 'unlock', id, at, exp } },
    { kind: 'vision-command', caseId, command: { type: 'observe', id, at, exp } },
  ];
  const visit = orThrow(await ledger.holdMade(id, hold, { atMs, visionWaitMs, effects }));
  return { to: 'unlocking', add: { visit }, status: shows(id) };
}

async function refused(
  ledger: Ledger,
  node: NodeContext<Output>,
  {
    visit: {
      id,
      card: { paymentMethod },
    },
    refusal,
  }: Refused,
): Promise<Emission<Output>> {
  const atMs = node.now();
  const step = { visitId: id, kind: 'hold', attempt: HOLD_ATTEMPT } as const;
  const { visit } = await ledger.answerMoney(step, refusal, {
    atMs,
    ends: (ended, isLetGo) => endEffects(ended, isLetGo, atMs),
  });
  const isGone = refusal.code === CARD_GONE;
  // The customer is asked for a card again, as if they had none.
  if (isGone) await ledger.cardGone(paymentMethod, atMs);
  const add = { visit, refusal: { code: isGone ? 'customer.no-card' : 'stripe.declined' } };
  return { to: 'refused', add, status: shows(refusal.code), look: 'needs-person' };
}
