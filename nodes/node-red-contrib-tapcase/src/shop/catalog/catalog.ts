// The catalog config node: what is sold, at which price. Its port is the Catalog itself, frozen until the next Deploy.
import { type ConfigNodeSpec, defineConfigNode } from '@tapcase/define-node';
import type { Catalog } from '@tapcase/domain';
import { defaults, parseConfig } from './contract.ts';

const spec: ConfigNodeSpec<Catalog, Catalog> = {
  type: 'tapcase-catalog',
  defaults,
  parseConfig,
  open: (catalog) => catalog,
};

export default defineConfigNode(spec);
