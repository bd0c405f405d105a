// The shop config node: its cases with the catalog they sell from, and what all of them share: firmware, sessions, web push, mail.
import { type ConfigNodeSpec, defineConfigNode, type ReadSecret, usePort } from '@tapcase/define-node';
import { type Catalog, Fault, notChargeable } from '@tapcase/domain';
import { firmwareFolder } from '../firmware/folder.ts';
import { createSmtp } from '../mail/smtp.ts';
import { type Opening, opening } from '../opening.ts';
import { createPush } from '../push/sender.ts';
import { createSessions } from '../sessions/secrets.ts';
import { defaults, parseConfig, type Shop, type ShopCase, type ShopConfig } from './contract.ts';

/** The port, and what only its own node does with it. */
type OpenedShop = Shop & {
  readonly close: () => void;
  /** Of the cases whose hold no card could carry. */
  readonly badHolds: () => readonly Fault[];
};

const spec: ConfigNodeSpec<ShopConfig, OpenedShop> = {
  type: 'tapcase-shop',
  secrets: ['sessionKey', 'pushPrivateKey', 'mailPassword'],
  defaults,
  parseConfig,
  open: (config, secret, RED) => {
    const shop = createShop(config, (id) => usePort<Catalog>(RED, id, 'tapcase-catalog'), secret);
    // Whoever deploys it reads it now, not at the first tap; the catalogs are there by then.
    RED.events.once('flows:started', () => {
      for (const { message } of shop.badHolds()) RED.log.error(`[tapcase-shop] ${message}`);
    });
    return shop;
  },
  close: (shop) => shop.close(),
};

export default defineConfigNode(spec);

/** Every part opens at its first use, and what is wrong with one is told there: none of them stops another. */
export function createShop(config: ShopConfig, catalogOf: (id: string) => Catalog, secret: ReadSecret): OpenedShop {
  const cases = opening(config.cases, (rows) => casesOf(rows, config.catalog, catalogOf));
  const firmware = opening(config.firmware, firmwareFolder);
  const sessions = opening(config.sessions, (settings) => createSessions(secret('sessionKey'), settings));
  // The public key is read like a secret, from the environment: the pair is made together and changes together.
  const push = opening(config.push, (settings) =>
    createPush(settings, { publicKey: secret('pushPublicKey'), privateKey: secret('pushPrivateKey') }),
  );
  const mail = opening(config.mail, (settings) => {
    if (settings.kind === 'log') return settings;
    return createSmtp(settings, settings.user === '' ? '' : secret('mailPassword'));
  });
  return {
    case: (id) => caseIn(cases, id),
    cases: () => {
      const found = cases();
      if (found instanceof Fault) throw found;
      const all = [...found.values()];
      const selling = all.filter((each): each is ShopCase => !(each instanceof Fault));
      const [wrong] = all.filter((each) => each instanceof Fault);
      if (selling.length === 0 && wrong !== undefined) throw wrong;
      return selling;
    },
    publicUrl: config.publicUrl,
    rollout: config.rollout,
    get firmware() {
      return firmware();
    },
    get sessions() {
      return sessions();
    },
    get push() {
      return push();
    },
    get mail() {
      return mail();
    },
    badHolds: () => {
      const found = cases();
      const all = found instanceof Fault ? [] : [...found.values()];
      return all.filter((each): each is Fault => each instanceof Fault && each.code === 'shop.bad-hold');
    },
    close: () => {
      const opened = mail.opened();
      if (opened?.kind === 'smtp') opened.close();
    },
  };
}

/** A catalog that is wrong, or gone, closes the cases that sell from it and no other. */
function casesOf(
  rows: ShopCases,
  shopCatalog: string,
  catalogOf: (id: string) => Catalog,
): ReadonlyMap<string, ShopCase | Fault> {
  return new Map(
    rows.map((row): readonly [string, ShopCase | Fault] => {
      try {
        const catalog = catalogOf(row.catalog === '' ? shopCatalog : row.catalog);
        return [row.id, badHold(row, catalog) ?? { ...row, catalog }];
      } catch (thrown) {
        if (thrown instanceof Fault) return [row.id, thrown];
        throw thrown;
      }
    }),
  );
}

/** Stripe would refuse it at every tap, and each customer would think of their card. */
function badHold({ id, holdMinor }: ShopCases[number], { currency }: Catalog): Fault | undefined {
  const problem = notChargeable(holdMinor, currency);
  if (problem === undefined) return undefined;
  return new Fault('shop.bad-hold', `case ${id}: ${problem.message}`, { id, ...problem.details });
}

type ShopCases = Exclude<ShopConfig['cases'], Fault>;

function caseIn(cases: Opening<ReadonlyMap<string, ShopCase | Fault>>, id: string): ShopCase | Fault {
  const found = cases();
  if (found instanceof Fault) return found;
  return found.get(id) ?? new Fault('case.unknown', 'no such case in this shop', { caseId: id.slice(0, 32) });
}
