// What the shop's dialog stores: its cases, where phones reach it, sessions, web push, mail, and which firmware it offers to whom.

import { asFields, chosen, inEnglish, parsed, phrase, readFields, type Said } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, CASE_ID, type Catalog, Fault, type Rollout } from '@tapcase/domain';
import { type FirmwareStore, type FirmwareStoreConfig, readFirmware } from '../firmware/port.ts';
import { type Mailer, type MailerConfig, readMail } from '../mail/port.ts';
import { publicUrlOf } from '../public-url.ts';
import { type Push, type PushConfig, readPush } from '../push/port.ts';
import { readSessions, type Sessions, type SessionsConfig } from '../sessions/port.ts';

export const defaults = {
  name: { value: '' },
  catalog: { value: '', type: 'tapcase-catalog', required: true },
  publicUrl: { value: '${PUBLIC_URL}' },
  /** Rows of the table, as CaseConfig. */
  cases: { value: [] },
  sessionKeyEnv: { value: 'SESSION_KEY' },
  pushSubject: { value: '${VAPID_SUBJECT}' },
  pushPublicKeyEnv: { value: 'VAPID_PUBLIC_KEY' },
  pushPrivateKeyEnv: { value: 'VAPID_PRIVATE_KEY' },
  pushAllowHosts: { value: '${PUSH_ALLOW_HOSTS}' },
  mailHost: { value: '${SMTP_HOST}' },
  mailPort: { value: '${SMTP_PORT}' },
  /** 'true', 'false' or a variable that says it; a flag in earlier releases. */
  mailSecure: { value: '${SMTP_SECURE}' },
  mailUser: { value: '${SMTP_USER}' },
  mailPasswordEnv: { value: 'SMTP_PASSWORD' },
  mailFrom: { value: '${MAIL_FROM}' },
  /** Empty: nobody is offered anything. */
  firmwareVersion: { value: '' },
  firmwarePercent: { value: '0' },
  /** Ids, with commas or spaces between. */
  firmwareCases: { value: '' },
  firmwareHaltPercent: { value: '10' },
  /** Of the images. */
  firmwareFolder: { value: '${FIRMWARE_DIR}' },
} as const;

/** A dialog of more rows is no longer a dialog; larger fleets come from the ledger. */
export const CASES_MAX = 500;
/** Longer than this nobody waits for a receipt; the scale then decides alone. */
const VISION_WAIT_MS_MAX = 600_000;
/** A controller on battery reports at least once a day. */
const OFFLINE_AFTER_MS_MAX = 7 * 86_400_000;
/** The heartbeat of a controller is seconds: below this a case would blink. */
const OFFLINE_AFTER_MS_MIN = 5_000;

export interface CaseConfig {
  readonly id: string;
  readonly name: string;
  /** What is reserved on the card at unlock, in minor units of the catalog's currency. */
  readonly holdMinor: number;
  /** From the door's closing; after that the scale decides alone. */
  readonly visionWaitMs: number;
  /** Not heard for this long: the case is offline and opens for nobody. */
  readonly offlineAfterMs: number;
  /** The config node whose products it sells; '': the shop's. */
  readonly catalog: string;
}

/** A case as flows see it (`msg.case`). */
export interface ShopCase extends Omit<CaseConfig, 'catalog'> {
  readonly catalog: Catalog;
}

/**
 * The port of the shop config node. What is wrong with a part of it is a Fault that stops whoever needs this part, and
 * nobody else: without mail the cases open.
 */
export interface Shop {
  /** The case, or the Fault `case.unknown`; for every case what is wrong with the table, for one what is wrong with its catalog. */
  case(id: string): ShopCase | Fault;
  /** Those that sell: one whose catalog is wrong says so when it is asked for. Throws what is wrong with the table, or with all. */
  cases(): readonly ShopCase[];
  /** Origin that phones use, no slash at the end. */
  readonly publicUrl: string | Fault;
  /** Which firmware is offered to whom. */
  readonly rollout: Rollout | Fault;
  readonly firmware: FirmwareStore | Fault;
  readonly sessions: Sessions | Fault;
  readonly push: Push | Fault;
  readonly mail: Mailer | Fault;
}

export interface ShopConfig {
  readonly catalog: string;
  /** `shop.invalid` naming row and field, or `shop.duplicate-case`. */
  readonly cases: readonly CaseConfig[] | Fault;
  readonly publicUrl: string | Fault;
  readonly rollout: Rollout | Fault;
  readonly firmware: FirmwareStoreConfig | Fault;
  readonly sessions: SessionsConfig | Fault;
  readonly push: PushConfig | Fault;
  readonly mail: MailerConfig | Fault;
}

export function parseConfig(raw: unknown): ShopConfig {
  return {
    catalog: chosen(raw, 'catalog'),
    cases: parsed(() => readCases(raw)),
    publicUrl: readPublicUrl(raw),
    rollout: parsed(() => readRollout(raw)),
    firmware: readFirmware(raw),
    sessions: readSessions(raw),
    push: readPush(raw),
    mail: readMail(raw),
  };
}

function invalid(where: string, problem: Said): Fault {
  return new Fault('shop.invalid', `${where}: ${inEnglish(problem)}`, { where, problem });
}

function readCases(raw: unknown): CaseConfig[] {
  const { cases: rows } = asFields(raw);
  if (!Array.isArray(rows) || rows.length > CASES_MAX) {
    throw invalid('cases', phrase('has more than __max__ rows, or is no table', { max: CASES_MAX }));
  }
  const cases = rows.map(readCase);
  const seen = new Set<string>();
  for (const { id } of cases) {
    if (seen.has(id)) throw new Fault('shop.duplicate-case', `case ${id} stands twice`, { id });
    seen.add(id);
  }
  return cases;
}

function readCase(raw: unknown, row: number): CaseConfig {
  // A case of an earlier release has no catalog of its own.
  const read = readFields({ catalog: '', ...asFields(raw) }, 'shop.invalid', `cases.${row}.`);
  return {
    id: read.text('id', { max: 32, pattern: CASE_ID }),
    name: read.text('name', { max: 60 }),
    holdMinor: read.whole('holdMinor', { min: 1, max: AMOUNT_MINOR_MAX }),
    visionWaitMs: read.whole('visionWaitMs', { min: 0, max: VISION_WAIT_MS_MAX }),
    offlineAfterMs: read.whole('offlineAfterMs', { min: OFFLINE_AFTER_MS_MIN, max: OFFLINE_AFTER_MS_MAX }),
    catalog: read.text('catalog', { min: 0, max: 100 }),
  };
}

function readPublicUrl(raw: unknown): string | Fault {
  const publicUrl = publicUrlOf(raw, 'shop.invalid');
  if (publicUrl !== '') return publicUrl;
  return invalid('publicUrl', phrase('is empty'));
}

/** A shop of an earlier release has none of it, and offers nothing. */
function readRollout(raw: unknown): Rollout {
  const { firmwareVersion, firmwarePercent, firmwareCases, firmwareHaltPercent } = defaults;
  const otherwise = { firmwareVersion, firmwarePercent, firmwareCases, firmwareHaltPercent };
  const shipped = Object.fromEntries(Object.entries(otherwise).map(([name, { value }]) => [name, value]));
  const read = readFields({ ...shipped, ...asFields(raw) }, 'shop.invalid');
  const caseIds = read
    .text('firmwareCases', { min: 0, max: 33 * CASES_MAX })
    .split(/[\s,]+/)
    .filter((id) => id !== '');
  const wrong = caseIds.find((id) => !CASE_ID.test(id));
  if (wrong !== undefined) {
    throw invalid('firmwareCases', phrase('__id__ is no case', { id: wrong.slice(0, 32) }));
  }
  return {
    version: read.text('firmwareVersion', { min: 0, max: 20 }),
    percent: read.whole('firmwarePercent', { min: 0, max: 100 }),
    caseIds,
    haltPercent: read.whole('firmwareHaltPercent', { min: 1, max: 100 }),
  };
}
