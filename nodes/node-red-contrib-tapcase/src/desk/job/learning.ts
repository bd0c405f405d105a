// Learns each case of the shop from its past visits, keeps that in the ledger, and says what an operator should look at.
import { asFields, type Emission, parsed, part, says } from '@tapcase/define-node';
import { type CaseLearning, learnCase, notices, type Orderer, PAST_MS_MAX, PAST_VISITS_MAX } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { actOf, givenBy } from '../../money/order/given.ts';
import type { Shop, ShopCase } from '../../shop/shop/contract.ts';
import type { JobConfig, Output } from './contract.ts';

/** null: the clock's, or an own flow's. */
interface LearningWish {
  readonly orderer: Orderer | null;
}

export const learning = part<JobConfig, LearningWish, Output>({
  // What comes from a page is somebody's order; the dashboard writes `_client` onto all of it.
  parseMessage: (raw) =>
    parsed(() => ({ orderer: asFields(raw)._client === undefined ? null : givenBy(raw, 'learning-run') })),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ orderer }) => {
      if (orderer !== null) {
        await ledger.recordAct(actOf(orderer, { act: 'learning-run', subject: null, atMs: node.now(), detail: {} }));
      }
      const cases = shop.cases();
      const emissions: Emission<Output>[] = [];
      // One after the other: each takes the process for some hundredths of a second.
      for (const one of cases) {
        const emission = emissionOf(one, await learn(ledger, one, node.now()));
        if (emission.to === 'look') node.warn(`case ${one.id}: ${emission.add?.payload}`);
        emissions.push({ ...emission, status: says('__n__ cases', { n: cases.length }) });
      }
      return emissions;
    };
  },
});

async function learn(ledger: Ledger, { id, catalog }: ShopCase, atMs: number): Promise<CaseLearning> {
  const visits = await ledger.pastBaskets({ caseId: id, sinceMs: atMs - PAST_MS_MAX, limit: PAST_VISITS_MAX });
  const learning = learnCase(catalog, visits, atMs, await ledger.forgotten(id));
  await ledger.saveLearning(id, learning);
  return learning;
}

function emissionOf({ id, catalog }: ShopCase, learning: CaseLearning): Emission<Output> {
  const all = notices(catalog, learning);
  // That a case is young is no news.
  const news = all.filter(({ kind }) => kind !== 'few_visits');
  const add = { caseId: id, learning, notices: all, payload: news.map(({ text }) => text.en).join(' ') };
  return { to: news.length > 0 ? 'look' : 'report', add };
}
