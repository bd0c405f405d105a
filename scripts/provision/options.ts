// What the command was asked to provision, or a Fault before anything is made.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CASE_ID, Fault, isLoopback } from '@tapcase/domain';

export const HELP = `npm run case:provision -- --case ID --name NAME --shop URL --broker HOST:PORT --ca FILE [options]

Makes what one case needs: the keys and broker accounts of its controller and its Pi, the label for its door, and its
entry in the shop's list of cases. CASE_MASTER_KEY must be set to the cloud's own master key.

  --case ID          letters, digits, - and _, at most 32; part of every topic and of the label
  --name NAME        what customers and staff read
  --shop URL         origin that phones use, https://shop.example, at most 64 letters; firmware comes from it too
  --broker HOST:PORT the broker, over TLS
  --ca FILE          PEM of the authorities that signed the broker's certificate and the shop's
  --apn NAME         of the SIM card (default: internet)
  --lang en|es       of the display (default: en)
  --fitted LIST      optional devices, comma separated: bolt, tof, voice, temp, power_fail, pi
  --profile NAME     mains or battery (default: mains)
  --update-key HEX   public key of firmware updates, 64 hex digits; without it the case takes none
  --hold MINOR       what is reserved on a card, in minor units (default: 2500)
  --again            new secrets for a case that is in the list already: its controller or its Pi was changed or erased
  --cloud URL        registers the case with a running shop: its editor's address, http://localhost:8085/editor
                     through a tunnel (docs/cloud.md); STAFF_TOKEN must be what npm run case:token printed there
  --flows FOLDER     registers it in flow files instead (default: flows), as a Deploy would: in own/overrides.json; not
                     while a shop runs on them
  --out FOLDER       default: provision/ID; must not exist
  --help             this text
`;

export const FITTINGS = ['bolt', 'tof', 'voice', 'temp', 'power_fail', 'pi'] as const;
const BROKER = /^([A-Za-z0-9.-]{1,246}):(\d{1,5})$/;
/** The modem takes 64 bytes for the address of a web server (SIM7080 AT manual, SHCONF). */
const SHOP = /^(?=.{1,64}$)https:\/\/[^/\s]+$/;
const HOLD_MINOR_DEFAULT = 2500;
const HOLD_MINOR_MAX = 100_000;
const CA_BYTES_MAX = 10_240;
const FITTED = new Set<string>(FITTINGS);

export interface Options {
  readonly caseId: string;
  /** It is in the list already. */
  readonly again: boolean;
  readonly name: string;
  readonly shopUrl: string;
  readonly broker: { readonly host: string; readonly port: number };
  readonly ca: string;
  readonly apn: string;
  readonly lang: string;
  readonly fitted: readonly string[];
  readonly profile: string;
  readonly updateKey: string | null;
  readonly holdMinor: number;
  readonly cloudUrl: string | null;
  readonly flowsFolder: string;
  readonly outFolder: string;
}

/** `null` asks for the help. `provision.usage` names the first word that is wrong. */
export function parseOptions(args: readonly string[]): Options | null | Fault {
  try {
    const word = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ case: word, name: word, shop: word, broker: word, ca: word, apn: word, lang: word, fitted: word },
        ...{ profile: word, 'update-key': word, hold: word, cloud: word, flows: word, out: word },
        again: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values.help ? null : readOptions(values);
  } catch (error) {
    return error instanceof Fault
      ? error
      : new Fault('provision.usage', `${(error as Error).message}; --help explains`);
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function readOptions(values: Values): Options {
  const caseId = matching(values, 'case', CASE_ID);
  const [, host = '', port = ''] = BROKER.exec(matching(values, 'broker', BROKER)) ?? [];
  const fitted = matching(values, 'fitted', /^[a-z_,]*$/, '')
    .split(',')
    .filter(Boolean);
  const unknown = fitted.find((one) => !FITTED.has(one));
  if (unknown !== undefined) throw usage(`--fitted: there is no ${unknown}; there are ${FITTINGS.join(', ')}`);
  if (fitted.includes('voice') && fitted.includes('pi')) throw usage('--fitted: voice and pi share one serial line');
  return {
    caseId,
    again: values.again === true,
    name: matching(values, 'name', /^.{1,60}$/),
    shopUrl: matching(values, 'shop', SHOP),
    broker: { host, port: whole('broker', port, 1, 65_535) },
    ca: certificate(matching(values, 'ca', /./)),
    apn: matching(values, 'apn', /^[A-Za-z0-9.-]{1,63}$/, 'internet'),
    lang: matching(values, 'lang', /^(en|es)$/, 'en'),
    fitted,
    profile: matching(values, 'profile', /^(mains|battery)$/, 'mains'),
    updateKey: matching(values, 'update-key', /^([0-9a-f]{64})?$/, '') || null,
    holdMinor: whole('hold', matching(values, 'hold', /^\d+$/, String(HOLD_MINOR_DEFAULT)), 1, HOLD_MINOR_MAX),
    cloudUrl: editorOf(matching(values, 'cloud', /^(https?:\/\/\S+)?$/, '')),
    flowsFolder: matching(values, 'flows', /./, 'flows'),
    outFolder: matching(values, 'out', /./, `provision/${caseId}`),
  };
}

function matching(values: Values, name: string, pattern: RegExp, otherwise?: string): string {
  const value = values[name] ?? otherwise;
  if (typeof value !== 'string') throw usage(`--${name} is missing`);
  if (!pattern.test(value)) throw usage(`--${name} is malformed`);
  return value;
}

/** The owner's password goes there. */
function editorOf(text: string): string | null {
  if (text === '') return null;
  const { protocol, hostname } = URL.canParse(text) ? new URL(text) : { protocol: '', hostname: '' };
  if (protocol === 'https:' || isLoopback(hostname)) return text;
  throw usage('--cloud: wants https for a shop on another machine');
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || value > most) throw usage(`--${name}: ${least} to ${most}`);
  return value;
}

/** The modem takes 10,240 bytes; without an authority it would trust every server. */
function certificate(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usage(`--ca: ${(error as Error).message}`);
  }
  const isPem = /^-----BEGIN CERTIFICATE-----\r?\n[\s\S]+-----END CERTIFICATE-----\s*$/.test(text);
  if (!isPem || Buffer.byteLength(text) > CA_BYTES_MAX) {
    throw usage(`--ca: wants certificates in PEM, at most ${CA_BYTES_MAX} bytes`);
  }
  return text;
}

function usage(message: string): Fault {
  return new Fault('provision.usage', `${message}; --help explains`);
}
