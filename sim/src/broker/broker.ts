// The laptop's MQTT broker: Aedes with one account per device, which is its client id too, and a list of what each may say and hear.
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';

export interface Account {
  readonly password: string;
  /** Topic filters (`+`, `#`) that this account may publish to. */
  readonly publish: readonly string[];
  /** Topic filters that this account may subscribe to. */
  readonly subscribe: readonly string[];
}

export interface BrokerOptions {
  /** 0 picks a free port. */
  readonly port: number;
  readonly host?: string;
  readonly accounts: Readonly<Record<string, Account>>;
}

export interface Broker {
  readonly port: number;
  close(): Promise<void>;
}

/** MQTT's "not authorized" for CONNACK. */
const NOT_AUTHORIZED = 5;

export async function startBroker({ port, host = '127.0.0.1', accounts }: BrokerOptions): Promise<Broker> {
  // A client's account is asked for at each packet; aedes has no field for it.
  const accountOf = new WeakMap<object, Account>();
  const aedes = await Aedes.createBroker({
    authenticate: (client, username, password, done) => {
      const account = username !== undefined && Object.hasOwn(accounts, username) ? accounts[username] : undefined;
      if (account === undefined || !samePassword(password, account.password)) {
        done(Object.assign(new Error('bad user or password'), { returnCode: NOT_AUTHORIZED }), false);
        return;
      }
      accountOf.set(client, account);
      // The account is the client, whatever id it gave: nobody takes over another's connection or session. Mosquitto's
      // use_username_as_clientid does the same (deploy/broker). Aedes looks the session up after this.
      client.id = username!;
      done(null, true);
    },
    authorizePublish: (client, packet, done) => {
      const allowed = client !== null && allows(accountOf.get(client)?.publish, packet.topic);
      done(allowed ? null : new Error(`may not publish to ${packet.topic}`));
    },
    authorizeSubscribe: (client, subscription, done) => {
      // null refuses this one subscription and keeps the connection.
      done(null, allows(accountOf.get(client)?.subscribe, subscription.topic) ? subscription : null);
    },
  });
  const server = createServer(aedes.handle);
  await listen(server, port, host);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        aedes.close(() => server.close(() => resolve()));
      }),
  };
}

/** The accounts of one shop: the cloud hears every case, a device only its own, in its own direction. */
export function accountsOf(
  caseIds: readonly string[],
  passwords: { readonly cloud: string; device(caseId: string, device: 'controller' | 'pi'): string },
): Record<string, Account> {
  const accounts: Record<string, Account> = {
    cloud: {
      password: passwords.cloud,
      publish: ['case/+/cmd', 'case/+/vision/cmd'],
      subscribe: ['case/+/door', 'case/+/status', 'case/+/vision', 'case/+/online/+'],
    },
  };
  for (const id of caseIds) {
    accounts[`${id}-controller`] = {
      password: passwords.device(id, 'controller'),
      // Vision: for a Pi without a network of its own, which hands its signed frames over the serial line (docs/wire.md).
      publish: [`case/${id}/door`, `case/${id}/status`, `case/${id}/online/controller`, `case/${id}/vision`],
      subscribe: [`case/${id}/cmd`, `case/${id}/vision/cmd`],
    };
    accounts[`${id}-pi`] = {
      password: passwords.device(id, 'pi'),
      publish: [`case/${id}/vision`, `case/${id}/online/pi`],
      subscribe: [`case/${id}/vision/cmd`],
    };
  }
  return accounts;
}

/** A literal filter or one of the allowed filters, level by level. */
function allows(filters: readonly string[] | undefined, topic: string): boolean {
  return filters?.some((filter) => filter === topic || matches(filter.split('/'), topic.split('/'))) ?? false;
}

function matches(filter: readonly string[], topic: readonly string[]): boolean {
  // A wildcard in the asked topic is only allowed literally (above): `case/+/cmd` must not match `case/#`.
  if (topic.some((level) => level === '+' || level === '#')) return false;
  return filter.length === topic.length && filter.every((level, i) => level === '+' || level === topic[i]);
}

function samePassword(given: Buffer | undefined, expected: string): boolean {
  const wanted = Buffer.from(expected);
  return given !== undefined && given.length === wanted.length && timingSafeEqual(given, wanted);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
