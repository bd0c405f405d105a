// Reviews: who was asked about a doubtful basket, and what they said. Doubtful visits from before get theirs.
import { type Kysely, sql } from 'kysely';

/** As JSON.stringify wrote it into the basket. */
const DISPUTED = '%"verdict":"disputed"%';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table reviews (visit_id text primary key references visits (id), case_id text not null, cause text not null,
       state text not null, opened_at_ms bigint not null, decision text, gives_back integer not null default 0, lines text,
       total_minor integer, raised_minor integer not null default 0, decided_by text, note text, decided_at_ms bigint)`,
    "create index reviews_open on reviews (opened_at_ms, visit_id) where state = 'open'",
    "create index reviews_decided on reviews (decided_at_ms, visit_id) where state = 'decided'",
    // A step that was given up leaves the money unclear, not the basket: that is no review.
    `insert into reviews (visit_id, case_id, cause, state, opened_at_ms)
       select id, case_id,
         case when basket is null then 'not_weighed' when basket like '${DISPUTED}' then 'disputed' else 'paid_too_much' end,
         'open', coalesce(ended_at_ms, entered_at_ms)
       from visits
       where (outcome = 'in_review' or basket like '${DISPUTED}')
         and not exists (select 1 from money_steps where money_steps.visit_id = visits.id and money_steps.code = 'gave_up')`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
