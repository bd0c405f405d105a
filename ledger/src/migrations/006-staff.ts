// The staff: who they are, what lets them in, links that invite, and what they did.
import { type Kysely, SqliteAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  const numbered = isSqlite ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
  const statements = [
    `create table staff (id text primary key, name text not null, name_key text not null, email text, role text not null,
       created_at_ms bigint not null, disabled_at_ms bigint)`,
    // Whoever has left takes no name with them.
    'create unique index staff_names on staff (name_key) where disabled_at_ms is null',
    'create unique index staff_emails on staff (email) where disabled_at_ms is null and email is not null',
    `create table staff_passkeys (id text primary key, staff_id text not null references staff (id), public_key text not null,
       counter bigint not null, transports text not null, name text not null, added_at_ms bigint not null, used_at_ms bigint)`,
    'create index passkeys_of_staff on staff_passkeys (staff_id)',
    `create table staff_passwords (staff_id text primary key references staff (id), hash text not null,
       sealed_totp text not null, totp_step bigint not null, set_at_ms bigint not null)`,
    `create table staff_browsers (token_hash text primary key, staff_id text not null references staff (id),
       expires_at_ms bigint not null)`,
    'create index browsers_of_staff on staff_browsers (staff_id, expires_at_ms)',
    `create table staff_invitations (id text primary key, token_hash text not null unique, role text not null,
       name text not null, email text, staff_id text references staff (id), is_first_owner integer not null,
       made_by text not null, made_by_id text references staff (id), expires_at_ms bigint not null, over_at_ms bigint)`,
    'create index invitations_open on staff_invitations (expires_at_ms) where over_at_ms is null',
    `create table staff_challenges (browser_hash text not null, purpose text not null, body text not null,
       expires_at_ms bigint not null, primary key (browser_hash, purpose))`,
    'create index challenges_by_end on staff_challenges (expires_at_ms)',
    // Without a reference: an act outlives everything.
    `create table acts (id ${numbered}, at_ms bigint not null, staff_id text, name text not null, role text, act text not null,
       subject text, detail text not null, address text)`,
    'create index acts_of_staff on acts (staff_id, id)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
