// The ledger's customers: who they are, their cards, where their receipts go.
import { type Card, Fault, type Language } from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { Customer, PushSubscription } from '../port.ts';
import type { Tables } from '../tables.ts';
import { type Db, toCustomer } from './rows.ts';

/** A person with more browsers than this loses the oldest; it bounds what one receipt costs. */
const SUBSCRIPTIONS_MAX = 5;

export function customers(db: Kysely<Tables>) {
  const find = async (column: 'id' | 'email' | 'stripe_customer', value: string): Promise<Customer | undefined> => {
    const row = await db.selectFrom('customers').selectAll().where(column, '=', value).executeTakeFirst();
    return row && toCustomer(db, row);
  };
  return {
    customer: (id: string) => find('id', id),
    customerByStripeCustomer: (stripeCustomer: string) => find('stripe_customer', stripeCustomer),
    async customerByEmail(email: string, fresh: { id: string; language: Language; atMs: number }): Promise<Customer> {
      // Two first sign-ins at once: one inserts, both read the same row.
      await db
        .insertInto('customers')
        .values({
          id: fresh.id,
          email,
          language: fresh.language,
          stripe_customer: null,
          created_at_ms: fresh.atMs,
        })
        .onConflict((conflict) => conflict.column('email').doNothing())
        .execute();
      return (await find('email', email))!;
    },
    async setStripeCustomer(customerId: string, stripeCustomer: string): Promise<void> {
      await known(db, customerId);
      await db.updateTable('customers').set({ stripe_customer: stripeCustomer }).where('id', '=', customerId).execute();
    },
    setCard: (customerId: string, card: Card, atMs: number): Promise<void> =>
      db.transaction().execute(async (tx) => {
        await known(tx, customerId);
        const current = await tx
          .selectFrom('cards')
          .select(['payment_method', 'gone_at_ms'])
          .where('customer_id', '=', customerId)
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst();
        // Told twice, by the customer's return and by the webhook: one card.
        if (current?.payment_method === card.paymentMethod && current.gone_at_ms === null) return;
        await tx
          .insertInto('cards')
          .values({
            customer_id: customerId,
            stripe_customer: card.stripeCustomer,
            payment_method: card.paymentMethod,
            brand: card.brand,
            last4: card.last4,
            fingerprint: card.fingerprint ?? null,
            added_at_ms: atMs,
            gone_at_ms: null,
          })
          .execute();
        await tx
          .updateTable('customers')
          .set({ stripe_customer: card.stripeCustomer })
          .where('id', '=', customerId)
          .execute();
        await askDebtsAgain(tx, customerId, atMs);
      }),
    async cardGone(paymentMethod: string, atMs: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('cards')
        .set({ gone_at_ms: atMs })
        .where('payment_method', '=', paymentMethod)
        .where('gone_at_ms', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    putPushSubscription: (customerId: string, subscription: PushSubscription, atMs: number): Promise<void> =>
      db.transaction().execute(async (tx) => {
        await known(tx, customerId);
        const { endpoint, ...keys } = subscription;
        const row = { customer_id: customerId, ...keys, added_at_ms: atMs };
        await tx
          .insertInto('push_subscriptions')
          .values({ endpoint, ...row })
          .onConflict((conflict) => conflict.column('endpoint').doUpdateSet(row))
          .execute();
        const surplus = await tx
          .selectFrom('push_subscriptions')
          .select('endpoint')
          .where('customer_id', '=', customerId)
          .orderBy('added_at_ms', 'desc')
          .limit(1000)
          .offset(SUBSCRIPTIONS_MAX)
          .execute();
        for (const old of surplus) {
          await tx.deleteFrom('push_subscriptions').where('endpoint', '=', old.endpoint).execute();
        }
      }),
    async dropPushSubscription(endpoint: string): Promise<void> {
      await db.deleteFrom('push_subscriptions').where('endpoint', '=', endpoint).execute();
    },
  };
}

/** A new card is asked at once for what is owed: its owner was told so when they added it. */
async function askDebtsAgain(tx: Db, customerId: string, atMs: number): Promise<void> {
  const open = await tx
    .selectFrom('debts')
    .select('visit_id')
    .where('customer_id', '=', customerId)
    .where('state', '=', 'open')
    .execute();
  const ids = open.map(({ visit_id }) => visit_id);
  if (ids.length === 0) return;
  await tx.updateTable('debts').set({ next_try_at_ms: atMs }).where('visit_id', 'in', ids).execute();
  await tx.updateTable('visits').set({ due_at_ms: atMs, due_set_at_ms: atMs }).where('id', 'in', ids).execute();
}

/** Throws `customer.unknown`: a session can outlive its customer. What is theirs is changed by one at a time. */
async function known(tx: Db, customerId: string): Promise<void> {
  const row = await tx.selectFrom('customers').select('id').where('id', '=', customerId).forUpdate().executeTakeFirst();
  if (row === undefined) throw new Fault('customer.unknown', 'there is no such customer');
}
