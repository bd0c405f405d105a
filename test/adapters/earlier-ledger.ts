// A ledger as the release before reviews left it: doubtful visits, and no table of reviews.
import assert from 'node:assert/strict';
import type { Basket } from '@tapcase/domain';
import type { Ledger } from '../../ledger/src/port.ts';
import { basketOf, DEMO } from '../domain/demo-catalog.ts';

const NOW = 1_763_678_400_000;
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const EARLIER = {
  lines: [],
  verdict: 'disputed',
  probability: 0.6,
  runnerUp: { lines: [{ sku: 'soda', count: 1 }], probability: 0.4 },
  reason: 'cola or soda',
  scale: { removedGrams: 352, sigmaGrams: 2 },
  cameras: [{ label: 'can', count: 1 }],
};

/** What undoes that migration and the later ones, on both databases. */
export const FORGET_REVIEWS = [
  'drop index visits_by_card',
  'alter table visits drop column card_fingerprint',
  'alter table cards drop column fingerprint',
  'alter table visits drop column turned_away',
  'drop table money_guard',
  'alter table intents drop column made_at_ms',
  'alter table intents drop column doubted',
  'drop index visits_due_set',
  'drop index cards_by_method',
  'alter table cards drop column gone_at_ms',
  'alter table visits drop column due_set_at_ms',
  'drop index visits_of_case',
  'drop index evidence_of_number',
  'drop index evidence_held',
  'alter table evidence drop column epoch',
  'alter table evidence drop column held',
  ...[
    'device_epochs',
    'boards_expected',
    'ledger_epochs',
    'acts',
    'staff_challenges',
    'staff_invitations',
    'staff_browsers',
    'staff_passwords',
    'staff_passkeys',
    'staff',
  ].map((table) => `drop table ${table}`),
  ...['case_learning', 'learning_forgotten', 'reviews', 'sessions', 'sign_in_codes', 'tries'].map(
    (table) => `drop table ${table}`,
  ),
  `create table sign_in_codes (email text primary key, hash text not null, expires_at_ms bigint not null,
     attempts integer not null, created_at_ms bigint not null)`,
  "delete from kysely_migration where name > '002-money'",
];

/** What a release after this one leaves behind, on both databases. */
export const A_LATER_MIGRATION =
  "insert into kysely_migration (name, timestamp) select '999-later', max(timestamp) from kysely_migration";

/** Three visits that have ended: nobody could tell, never weighed, and one without doubt. */
export async function fillEarlier(ledger: Ledger): Promise<void> {
  await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: NOW });
  const at = { atMs: NOW, visionWaitMs: 0 };
  const end = async (id: string, basket: Basket | undefined, outcome: 'in_review' | 'charged') => {
    const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: 1000, atMs: NOW } as const;
    await ledger.openVisit({ id, caseId: id, customerId: 'ann', requestId: `tap-${id}`, ...fixed });
    for (const event of ['hold_made', 'unlock_sent', 'door_closed', 'basket_decided', 'settle_started'] as const) {
      const set = event === 'basket_decided' && basket !== undefined ? { basket } : {};
      await ledger.advanceVisit(id, { event, ...at, set });
    }
    await ledger.advanceVisit(id, { event: 'settled', ...at, set: { outcome } });
  };
  await end('visit01', EARLIER as unknown as Basket, 'in_review');
  await end('visit02', undefined, 'in_review');
  await end('visit03', basketOf([{ sku: 'cola', count: 1 }]), 'charged');
}

/** After the release with reviews has opened it. */
export async function assertUpgraded(ledger: Ledger): Promise<void> {
  const open = await ledger.openReviews({ limit: 10 });
  assert.deepEqual(
    open.map(({ review, visit }) => [visit.id, review.cause, review.openedAtMs]),
    [
      ['visit01', 'disputed', NOW],
      ['visit02', 'not_weighed', NOW],
    ],
  );
  const basket = open[0]?.visit.basket;
  assert.deepEqual(
    basket?.candidates.map(({ probability }) => probability),
    [0.6, 0.4],
  );
  assert.deepEqual([basket?.reason.en, basket?.scale?.removedGrams], ['cola or soda', 352]);
}
