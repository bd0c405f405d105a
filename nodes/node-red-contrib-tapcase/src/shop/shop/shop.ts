// The shop config node: finds a case by its id and joins it with the catalog it sells from; says what all cases share.
import { type ConfigNodeSpec, defineConfigNode, usePort } from '@tapcase/define-node';
import { type Catalog, Fault } from '@tapcase/domain';
import { defaults, parseConfig, type Shop, type ShopCase, type ShopConfig } from './contract.ts';

const spec: ConfigNodeSpec<ShopConfig, Shop> = {
  type: 'tapcase-shop',
  defaults,
  parseConfig,
  open: (config, _secret, RED) => createShop(config, usePort<Catalog>(RED, config.catalog, 'tapcase-catalog')),
};

export default defineConfigNode(spec);

export function createShop(config: ShopConfig, catalog: Catalog): Shop {
  const cases = new Map<string, ShopCase>(config.cases.map((row) => [row.id, { ...row, catalog }]));
  return {
    case: (id) => cases.get(id) ?? new Fault('case.unknown', 'no such case in this shop', { caseId: id.slice(0, 32) }),
    cases: () => [...cases.values()],
    publicUrl: config.publicUrl,
    rollout: config.rollout,
  };
}
