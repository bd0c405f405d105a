// Words how a case is, from the last status that its controller sent, as a row that a person can read.
import type { Device, StatusReport } from '@tapcase/domain';
import type { CaseRow } from '@tapcase/ledger';
import type { ShopCase } from '../../shop/shop/contract.ts';
import { timeOf } from './time-of.ts';

// A type, not an interface: tables take records.
export type CaseHealthRow = {
  readonly case: string;
  readonly heard: string;
  readonly state: string;
  readonly wrong: string;
  readonly es: string;
  readonly temp: string;
  readonly power: string;
  readonly firmware: string;
  readonly boot: string;
  readonly caseId: string;
  /** What fills the form that says it has a new board. */
  readonly choose: string;
  readonly device: Device;
};

type Status = Extract<StatusReport, { type: 'status' }>;
type Words = { readonly en: string; readonly es: string };

const UNKNOWN = '–';
const UNEXPECTED: Words = {
  en: 'another board than before: say so below if it is right',
  es: 'otra placa que antes: dígalo abajo si es la correcta',
};
const UNEXPECTED_PI: Words = {
  en: 'another Pi, or card, than before: say so below if it is right',
  es: 'otra Pi, o tarjeta, que antes: dígalo abajo si es la correcta',
};
const SILENT: Words = { en: 'not heard of', es: 'no se sabe de ella' };
/** What a customer meets, by the lock's state. A newer firmware may have more of them. */
const STATES: Readonly<Record<string, Words>> = {
  locked: { en: 'ready', es: 'lista' },
  unlocked: { en: 'unlocked', es: 'abierta' },
  open: { en: 'door open', es: 'puerta abierta' },
  too_long: { en: 'door open too long', es: 'puerta abierta demasiado tiempo' },
  relocking: { en: 'locking', es: 'cerrando' },
  weighing: { en: 'weighing', es: 'pesando' },
  locked_out: { en: 'locked out', es: 'bloqueada' },
  restock: { en: 'being filled', es: 'reponiendo' },
  fault: { en: 'lets nobody in', es: 'no abre a nadie' },
};
const WRONG_STATES: readonly string[] = ['too_long', 'locked_out', 'fault'];
/** See firmware/app/faults.py. */
const FAULTS: Readonly<Record<string, Words>> = {
  'scale.silent': { en: 'the scale is silent', es: 'la báscula no responde' },
  'scale.saturated': { en: 'the scale is overloaded or cut', es: 'la báscula está saturada o cortada' },
  'scale.drift': { en: 'the scale drifts', es: 'la báscula deriva' },
  'scale.uncalibrated': { en: 'the scale was never calibrated', es: 'la báscula no está calibrada' },
  'door.bolt': { en: 'the bolt is not where it must be', es: 'el pestillo no está donde debe' },
  'temp.silent': { en: 'the thermometer is silent', es: 'el termómetro no responde' },
  'temp.range': { en: 'the thermometer says what cannot be', es: 'el termómetro marca lo imposible' },
  'display.silent': { en: 'the display is silent', es: 'la pantalla no responde' },
  'tof.silent': { en: 'the approach sensor is silent', es: 'el sensor de presencia no responde' },
  'battery.low': { en: 'the battery is low', es: 'la batería está baja' },
  'power.lost': { en: 'the power is gone', es: 'se fue la luz' },
  'flash.failed': { en: 'its memory fails', es: 'falla su memoria' },
  'pi.silent': { en: 'the Pi is silent', es: 'la Pi no responde' },
  'update.failed': { en: 'an update failed', es: 'falló una actualización' },
};

/** `held`: reports of the last week that were kept aside. */
export function caseRow(
  { id, name, offlineAfterMs }: ShopCase,
  row: CaseRow,
  held: number,
  nowMs: number,
): CaseHealthRow {
  const { heardAtMs, lastStatus, hasUnexpectedBoard, hasUnexpectedPi } = row;
  const status = lastStatus?.type === 'status' ? lastStatus : undefined;
  const isSilent = heardAtMs === null || nowMs - heardAtMs > offlineAfterMs;
  const wrong = [
    ...(isSilent ? [SILENT] : []),
    ...(hasUnexpectedBoard ? [UNEXPECTED] : []),
    ...(hasUnexpectedPi ? [UNEXPECTED_PI] : []),
    ...(held > 0 ? [keptAside(held)] : []),
    ...(status === undefined ? [] : wrongOf(status)),
  ];
  const state = status?.state;
  return {
    case: `${name} (${id})`,
    heard: heardAtMs === null ? 'never' : timeOf(heardAtMs),
    state: state === undefined ? UNKNOWN : (STATES[state]?.en ?? state),
    wrong: wrong.map(({ en }) => en).join(', '),
    es: wrong.map(({ es }) => es).join(', '),
    temp: status?.temp === undefined ? UNKNOWN : `${status.temp.toFixed(1)} °C`,
    power: status?.power ?? UNKNOWN,
    firmware: status === undefined ? UNKNOWN : firmwareOf(status),
    boot: [bootOf(status?.boot), ...radioOf(status?.link)].join('; '),
    caseId: id,
    choose: 'New board …',
    device: hasUnexpectedPi && !hasUnexpectedBoard ? 'pi' : 'controller',
  };
}

function keptAside(held: number): Words {
  return { en: `reports kept aside this week: ${held}`, es: `avisos apartados esta semana: ${held}` };
}

/** What a person should look at. */
function wrongOf({ state, faults = [] }: Status): readonly Words[] {
  const states = state !== undefined && WRONG_STATES.includes(state) ? [STATES[state]!] : [];
  return [...states, ...faults.map((code) => FAULTS[code] ?? { en: code, es: code })];
}

function firmwareOf({ fw, slot }: Status): string {
  return slot === undefined ? fw : `${fw}, slot ${slot}`;
}

function bootOf(boot: Status['boot']): string {
  if (boot === undefined) return UNKNOWN;
  const row = boot.watchdogs > 0 ? `, ${boot.watchdogs} watchdogs in a row` : '';
  return `${boot.cause}, boot ${boot.count}${row}${boot.safe ? ', safe mode' : ''}`;
}

/** Why there was no radio, and how it came back; the firmware's own words, as those of the boot are. */
function radioOf(link: Status['link']): readonly string[] {
  return link === undefined ? [] : [`radio ${link.why} for ${link.silent} s, back after ${link.step}`];
}
