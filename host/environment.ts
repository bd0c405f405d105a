// Reads the environment once, says all that is missing in one go, and has no default for a secret.
import { isIP } from 'node:net';
import { Fault } from '@tapcase/domain';
import { connectionProblems } from './connections.ts';

export type Role = 'cloud' | 'edge';

interface Variable {
  readonly name: string;
  /** What a person should put there. */
  readonly meaning: string;
  readonly fallback?: string;
  readonly pattern?: Pick<RegExp, 'test'>;
  /** Not needed where this other variable is set. */
  readonly unless?: string;
  /** A demo does without it: what it stands for is played by the log or a stand-in. */
  readonly notInDemo?: true;
}

const HEX_32_BYTES = /^[0-9a-f]{64}$/;
const PORT = /^[0-9]{1,5}$/;
/** Names and addresses as Express has them (`trust proxy`). */
const TRUST = { test: (text: string) => text.split(',').every((each) => isTrustable(each.trim())) };

const SHARED: readonly Variable[] = [
  { name: 'HOST', meaning: 'address to listen on', fallback: '127.0.0.1' },
  {
    name: 'BROKER_URL',
    meaning: 'MQTT broker, mqtts://host:port',
    pattern: /^mqtts?:\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/,
  },
  {
    name: 'MQTT_CA_FILE',
    meaning: "PEM of the authority that signed the broker's certificate; none: those that Node itself trusts",
    fallback: '',
  },
  { name: 'BROKER_USER', meaning: 'user at the broker' },
  { name: 'BROKER_PASSWORD', meaning: 'password at the broker' },
  {
    name: 'CREDENTIAL_SECRET',
    meaning: 'encrypts what is typed into the editor, 32 characters or more',
    pattern: /^.{32,}$/,
  },
  { name: 'USER_DIR', meaning: "folder of Node-RED's own files", fallback: '.node-red' },
  {
    name: 'OWN_TABS',
    meaning: 'off: the own tabs of the operator stand still, the shop is as shipped',
    fallback: 'on',
    pattern: /^(on|off)$/,
  },
  {
    name: 'LOG_FORMAT',
    meaning: 'text for people, json for machines: one object a line, without personal data',
    fallback: 'text',
    pattern: /^(text|json)$/,
  },
];

export const VARIABLES: Readonly<Record<Role, readonly Variable[]>> = {
  cloud: [
    ...SHARED,
    { name: 'PORT', meaning: 'HTTP port', fallback: '8080', pattern: PORT },
    { name: 'PUBLIC_URL', meaning: 'origin that phones use, https://…', pattern: /^https?:\/\/[^/]+$/ },
    { name: 'STAFF_HOST', meaning: "address on which the staff's pages and the editor listen", fallback: '127.0.0.1' },
    { name: 'STAFF_PORT', meaning: "HTTP port of the staff's pages and the editor", fallback: '8085', pattern: PORT },
    {
      name: 'TRUST_PROXY',
      meaning:
        'addresses of the proxy before both listeners, comma separated: loopback, 10.0.0.0/8 …; whom they ask for is believed; none: nobody is',
      fallback: '',
      pattern: TRUST,
    },
    {
      name: 'STAFF_URL',
      meaning: 'origin that staff use, https://…; none: localhost, with STAFF_PORT',
      fallback: '',
      pattern: /^https?:\/\/[^/]+$/,
    },
    {
      name: 'EDGE_URLS',
      meaning: 'origins under which Pis are opened, comma separated, besides localhost: http://pi-123.lan:1880',
      fallback: '',
      pattern: /^https?:\/\/[^/,]+(,https?:\/\/[^/,]+)*$/,
    },
    {
      name: 'DATABASE_URL',
      meaning: 'PostgreSQL, postgres://user:password@host:port/database',
      fallback: '',
      pattern: /^postgres(ql)?:\/\/\S+$/,
    },
    {
      name: 'BROKER_SHARE',
      meaning:
        'name under which instances of the cloud share what cases say, each frame to one of them; none: there is one',
      fallback: '',
      pattern: /^[A-Za-z0-9_-]{1,32}$/,
    },
    { name: 'LEDGER_FILE', meaning: 'path of the SQLite ledger, or DATABASE_URL', unless: 'DATABASE_URL' },
    { name: 'CASE_MASTER_KEY', meaning: '64 hex digits; the keys of all devices come from it', pattern: HEX_32_BYTES },
    {
      name: 'CASE_MASTER_KEY_PREVIOUS',
      meaning: 'the key before it, while devices still have theirs from that',
      fallback: '',
      pattern: HEX_32_BYTES,
    },
    { name: 'SESSION_KEY', meaning: '64 hex digits; keys the hashes of sign-in codes', pattern: HEX_32_BYTES },
    { name: 'STRIPE_SECRET_KEY', meaning: 'sk_test_… or sk_live_…', pattern: /^(sk|rk)_(test|live)_\S+$/ },
    { name: 'STRIPE_WEBHOOK_SECRET', meaning: 'whsec_…', pattern: /^whsec_\S+$/ },
    { name: 'STRIPE_HOST', meaning: 'a stand-in for api.stripe.com', fallback: '' },
    { name: 'STRIPE_PORT', meaning: "the stand-in's port", fallback: '' },
    { name: 'STRIPE_PROTOCOL', meaning: "the stand-in's protocol", fallback: '', pattern: /^https?$/ },
    { name: 'VAPID_PUBLIC_KEY', meaning: 'web push key, base64url', pattern: /^[A-Za-z0-9_-]{87}$/ },
    { name: 'VAPID_PRIVATE_KEY', meaning: 'web push key, base64url', pattern: /^[A-Za-z0-9_-]{43}$/ },
    { name: 'VAPID_SUBJECT', meaning: 'mailto: or https: address of the operator', pattern: /^(mailto:|https:\/\/).+/ },
    {
      name: 'PUSH_ALLOW_HOSTS',
      meaning: 'push services besides the known ones, host:port, comma separated',
      fallback: '',
    },
    { name: 'SMTP_HOST', meaning: 'mail server for sign-in codes', notInDemo: true },
    { name: 'SMTP_PORT', meaning: "the mail server's port", fallback: '587', pattern: PORT },
    { name: 'SMTP_SECURE', meaning: 'true for TLS from the first byte', fallback: 'false', pattern: /^(true|false)$/ },
    { name: 'SMTP_USER', meaning: 'user at the mail server', fallback: '' },
    { name: 'SMTP_PASSWORD', meaning: 'password at the mail server', fallback: '' },
    { name: 'MAIL_FROM', meaning: 'sender of the mails', fallback: '' },
    { name: 'EVIDENCE_DIR', meaning: 'folder of the pictures of flagged visits', fallback: 'evidence' },
    { name: 'FIRMWARE_DIR', meaning: 'folder of the firmware images for controllers', fallback: 'firmware-images' },
    { name: 'PICTURES_DIR', meaning: 'folder of the product pictures served under /pictures', fallback: 'pictures' },
    { name: 'FLOWS_DIR', meaning: 'folder of the flow files', fallback: 'flows' },
  ],
  edge: [
    ...SHARED,
    { name: 'PORT', meaning: 'port of the edge editor', fallback: '1880', pattern: PORT },
    { name: 'CASE_ID', meaning: 'the case this Pi looks into', pattern: /^[A-Za-z0-9_-]{1,32}$/ },
    { name: 'DEVICE_KEY', meaning: "64 hex digits; this Pi's own key", pattern: HEX_32_BYTES },
    { name: 'DEVICE_STATE_DIR', meaning: 'folder where reports wait until the cloud has them' },
    { name: 'MODEL_DIR', meaning: 'folder of the detector', fallback: 'models/demo-shelf' },
    { name: 'CAMERA_0', meaning: 'address of the first camera: rpicam:0, v4l2:/dev/…, file:…, rtsp://… or http://…' },
    { name: 'CAMERA_1', meaning: 'address of the second camera' },
    { name: 'SIGNAL_LINE', meaning: 'address of the signal line: gpio:18 or http://…' },
    {
      name: 'GPIO_BASE',
      meaning: "where this board's GPIO numbers begin; none: as the kernel says",
      fallback: '',
      pattern: /^\d{1,6}$/,
    },
    {
      name: 'PIR_LINE',
      meaning: 'address of the motion sensor: gpio:17 or http://…; none: no sensor',
      fallback: 'none',
    },
    { name: 'RECORDINGS_DIR', meaning: 'folder of the video ring; none: nothing is recorded', fallback: 'none' },
    { name: 'SNAPSHOTS_DIR', meaning: 'folder of the pictures of visits' },
    { name: 'CLOUD_URL', meaning: 'https address that takes pictures; none: they stay on the card', fallback: 'none' },
    {
      name: 'SERIAL_PORT',
      meaning: 'serial line to the controller that carries reports; none: the own network',
      fallback: 'none',
    },
    {
      name: 'STAFF_URL',
      meaning:
        "the cloud's origin for staff, who then open this Pi as themselves, https://…; none: its own passwords alone",
      fallback: '',
      pattern: /^https?:\/\/[^/]+$/,
    },
    {
      name: 'EDITOR_PASSWORD',
      meaning: 'password of this Pi\'s own user "owner", 12 characters or more, where the cloud cannot be asked',
      pattern: /^.{12,}$/,
    },
    {
      name: 'TECHNICIAN_PASSWORD',
      meaning: 'password of this Pi\'s own user "technician", who may look, 12 characters or more; none: no such user',
      fallback: '',
      pattern: /^.{12,}$/,
    },
    { name: 'FLOWS_DIR', meaning: 'folder of the flow files', fallback: 'edge-flows' },
  ],
};

function isTrustable(text: string): boolean {
  if (text === 'loopback' || text === 'linklocal' || text === 'uniquelocal') return true;
  const [address = '', bits, ...more] = text.split('/');
  const bitsMax = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return bitsMax > 0 && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= bitsMax));
}

/** Whether a variable is the role's own. */
export function isKnown(role: Role, name: string): boolean {
  return VARIABLES[role].some((variable) => variable.name === name);
}

/** Every variable of the role by name; `''` where an optional one is not set. */
export type Environment = Readonly<Record<string, string>>;

/** The environment of a role, or `config.incomplete` whose message lists everything that is missing or malformed. */
export function readEnvironment(
  role: Role,
  source: Readonly<Record<string, string | undefined>>,
  { demo = false } = {},
): Environment | Fault {
  const environment: Record<string, string> = {};
  const problems: string[] = [];
  for (const { name, meaning, pattern, notInDemo, ...variable } of VARIABLES[role]) {
    const isReplaced = variable.unless !== undefined && (source[variable.unless] ?? '') !== '';
    const fallback = variable.fallback ?? ((demo && notInDemo) || isReplaced ? '' : undefined);
    const given = source[name] ?? '';
    const value = given === '' ? fallback : given;
    if (value === undefined) problems.push(`${name} is missing: ${meaning}`);
    // The value is never shown: it may be a secret.
    else if (value !== fallback && pattern !== undefined && !pattern.test(value)) {
      problems.push(`${name} is malformed: ${meaning}`);
    } else environment[name] = value;
  }
  if (role === 'cloud' && environment.STAFF_URL === '')
    environment.STAFF_URL = `http://localhost:${environment.STAFF_PORT}`;
  problems.push(...connectionProblems(environment));
  if (problems.length === 0) return environment;
  const list = problems.map((problem) => `  ${problem}`).join('\n');
  return new Fault('config.incomplete', `the ${role} cannot start:\n${list}`, { role, problems });
}
