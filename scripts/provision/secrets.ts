// Makes the secrets of one case: what its controller finds in flash, what its Pi finds in its environment, its accounts.
import { randomBytes } from 'node:crypto';
import { Fault } from '@tapcase/domain';
import { deriveDeviceKey, parseKey } from '@tapcase/node-red-contrib-hmac';
import type { Options } from './options.ts';

const DEVICES = ['controller', 'pi'] as const;
type Device = (typeof DEVICES)[number];

export interface CaseSecrets {
  /** firmware: /flash/secrets.json. */
  readonly controller: Readonly<Record<string, unknown>>;
  /** Lines for /etc/tapcase/edge.env. */
  readonly piEnvironment: string;
  /** User and password of each, and what it may say and hear (docs/wire.md). */
  readonly accounts: string;
}

/** Where the Pi finds the authority that --ca names. */
export const PI_CA_FILE = '/etc/tapcase/ca.pem';

/** Throws `provision.no-master-key`, or `keys.malformed`. The broker's passwords are new each time; the keys are not. */
export function makeSecrets(options: Options, masterKey: string | undefined): CaseSecrets {
  if (!masterKey) throw new Fault('provision.no-master-key', 'CASE_MASTER_KEY is not set: the keys come from it');
  const master = parseKey(masterKey, 'CASE_MASTER_KEY');
  const { caseId, broker, fitted } = options;
  const account = (device: Device) => ({
    user: `${caseId}-${device}`,
    password: randomBytes(24).toString('base64url'),
    key: Buffer.from(deriveDeviceKey(master, caseId, device)).toString('hex'),
  });
  const controller = account('controller');
  const pi = account('pi');
  return {
    controller: {
      case: caseId,
      key: controller.key,
      host: broker.host,
      port: broker.port,
      user: controller.user,
      password: controller.password,
      ca: options.ca,
      apn: options.apn,
      lang: options.lang,
      profile: options.profile,
      fitted,
      // Images come from the cloud, which is not where the broker is.
      update_host: new URL(options.shopUrl).host,
      ...(options.updateKey === null ? {} : { update_key: options.updateKey }),
    },
    piEnvironment: [
      `CASE_ID=${caseId}`,
      `DEVICE_KEY=${pi.key}`,
      `BROKER_URL=mqtts://${broker.host}:${broker.port}`,
      `BROKER_USER=${pi.user}`,
      `BROKER_PASSWORD=${pi.password}`,
      `MQTT_CA_FILE=${PI_CA_FILE}`,
      `CLOUD_URL=${options.shopUrl}`,
      '',
    ].join('\n'),
    accounts: accountLines(caseId, { controller, pi }, fitted.includes('pi')),
  };
}

/** In the form of mosquitto's password and access files (mosquitto_passwd -U turns the passwords into hashes). */
function accountLines(
  caseId: string,
  accounts: Readonly<Record<Device, { readonly user: string; readonly password: string }>>,
  carriesForThePi: boolean,
): string {
  const ofThePi = [`topic write case/${caseId}/vision`, `topic read case/${caseId}/vision/cmd`];
  const rights: Readonly<Record<Device, readonly string[]>> = {
    controller: [
      `topic write case/${caseId}/door`,
      `topic write case/${caseId}/status`,
      `topic write case/${caseId}/online/controller`,
      `topic read case/${caseId}/cmd`,
      ...(carriesForThePi ? ofThePi : []),
    ],
    pi: [...ofThePi, `topic write case/${caseId}/online/pi`],
  };
  const passwords = DEVICES.map((device) => `${accounts[device].user}:${accounts[device].password}`);
  const access = DEVICES.flatMap((device) => ['', `user ${accounts[device].user}`, ...rights[device]]);
  return ['# password_file', ...passwords, '', '# acl_file', ...access.slice(1), ''].join('\n');
}
