// What leaves this machine in the clear, or goes to somebody unproven: refused before anything starts, with the variable's name.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, isLoopback } from '@tapcase/domain';
import { readEnvironment } from '../../host/environment.ts';
import { openPostgresLedger } from '../../ledger/src/postgres.ts';
import { parseConfig as parseAccount } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import { checkEndpoint } from '../../nodes/node-red-contrib-tapcase/src/shop/push/endpoint.ts';
import { parsePictures } from '../../nodes/node-red-contrib-tapcase-edge/src/send/pictures/pictures.ts';
import { parseOptions } from '../../scripts/provision/options.ts';
import { makeAuthority } from '../firmware/certificates.ts';
import { environmentOf, type RoleName } from './roles.ts';

const THIS_MACHINE = ['127.0.0.1', '127.255.0.9', 'localhost', 'LOCALHOST', '[::1]', '::1'];
/** Names and addresses that look like this machine's, and are not, or not surely. */
const OTHERS = [
  ...['127.0.0.1.evil.example', 'localhost.evil.example', '127.1', '127.0.0.256', '0127.0.0.1', '128.0.0.1'],
  ...['10.0.0.1', '192.168.1.9', '0.0.0.0', '[::]', '::ffff:8.8.8.8', '[fe80::1]', 'broker.example', 'db', ''],
];

describe('connections out of this machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-connections-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('stay on it by their address alone: no name but localhost is believed', () => {
    for (const host of THIS_MACHINE) assert.equal(isLoopback(host), true, host);
    for (const host of OTHERS) assert.equal(isLoopback(host), false, host);
  });

  const { ca } = makeAuthority('Tapcase test CA');
  type Given = readonly [which: RoleName | 'both', name: string, value: string];
  const allowed: readonly Given[] = [
    ...['127.0.0.1', 'localhost', '[::1]'].map((host) => ['both', 'BROKER_URL', `mqtt://${host}:1883`] as const),
    ['both', 'BROKER_URL', 'mqtts://broker.example:8883'],
    ['both', 'BROKER_URL', 'mqtts://[2001:db8::1]:8883'],
    ['both', 'MQTT_CA_FILE', file('ca.pem', `made by hand\n${ca}${ca}`)],
    ['edge', 'CLOUD_URL', 'https://shop.example'],
    ['edge', 'CLOUD_URL', 'http://localhost:8080'],
    ['edge', 'CLOUD_URL', 'none'],
    ['cloud', 'STRIPE_PROTOCOL', 'https'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@127.0.0.1:5432/shop'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@%2Frun%2Fpostgresql/shop'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@/shop?host=/run/postgresql'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@db.example/shop?sslmode=verify-full'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@db.example/shop?sslmode=verify-full&sslrootcert=/etc/db.pem'],
  ];
  const refused: readonly Given[] = [
    ...OTHERS.filter((host) => host !== '').map((host) => ['both', 'BROKER_URL', `mqtt://${host}:1883`] as const),
    // A second reader of the address might find another host in it.
    ...['localhost?x', 'localhost#.evil.example', 'a@evil.example', 'localhost\\.evil.example', 'localhost/'].map(
      (host) => ['both', 'BROKER_URL', `mqtt://${host}:1883`] as const,
    ),
    ['both', 'BROKER_URL', 'ws://127.0.0.1:1883'],
    ['both', 'MQTT_CA_FILE', join(folder, 'nobody-wrote-this.pem')],
    ['both', 'MQTT_CA_FILE', folder],
    ['both', 'MQTT_CA_FILE', file('empty.pem', '')],
    ['both', 'MQTT_CA_FILE', file('key.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')],
    ['both', 'MQTT_CA_FILE', file('bad.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')],
    ['both', 'MQTT_CA_FILE', file('large.pem', ca.padEnd(1_000_001, '\n'))],
    ['edge', 'CLOUD_URL', 'http://shop.example'],
    ['edge', 'CLOUD_URL', 'http://127.0.0.1.evil.example'],
    ['edge', 'CLOUD_URL', 'shop.example'],
    ...['', '?sslmode=disable', '?sslmode=require', '?sslmode=no-verify', '?ssl=true', '?sslmode=verify-ca'].map(
      (mode) => ['cloud', 'DATABASE_URL', `postgres://u:p@db.example/shop${mode}`] as const,
    ),
    ['cloud', 'DATABASE_URL', 'postgres://u:p@db.example/shop?sslmode=verify-full&sslmode=disable'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@127.0.0.1/shop?host=db.example'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@/shop'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@[/shop'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@127.0.0.1@db.example/shop'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@db.example/shop?sslmode=verify-full&sslmod%65=disable'],
    ['cloud', 'DATABASE_URL', 'postgres://u:p@db.example/shop#?sslmode=verify-full'],
    ['cloud', 'DATABASE_URL', 'postgres://db.example?sslmode=disable#@127.0.0.1/shop'],
  ];
  const rolesOf = (which: RoleName | 'both'): readonly RoleName[] => (which === 'both' ? ['cloud', 'edge'] : [which]);
  const read = (role: RoleName, more: Readonly<Record<string, string>>) =>
    readEnvironment(role, { ...environmentOf(role, folder), ...more });

  it('over TLS to a proven other end, or to this machine, are taken', () => {
    for (const [which, name, value] of allowed)
      for (const role of rolesOf(which)) {
        const found = read(role, { [name]: value });
        assert.ok(!(found instanceof Fault), `${role} ${name}=${value}: ${(found as Fault).message}`);
      }
  });

  it('in the clear, or to nobody proven, are refused by the name of their variable and without its value', () => {
    for (const [which, name, value] of refused)
      for (const role of rolesOf(which)) {
        const found = read(role, { [name]: value });
        assert.ok(found instanceof Fault, `${role} ${name}=${value}`);
        assert.equal(found.code, 'config.incomplete');
        assert.match(found.message, new RegExp(`^ {2}${name} `, 'm'));
        assert.ok(!found.message.includes(value), found.message);
      }
    const stripe = { STRIPE_HOST: 'stripe.example', STRIPE_PORT: '80', STRIPE_PROTOCOL: 'http' };
    assert.match((read('cloud', stripe) as Fault).message, /^ {2}STRIPE_PROTOCOL /m);
  });

  it('that are typed into a dialog are held to the same', async () => {
    const account = parseAccount({ host: '127.0.0.1.evil.example', port: '80', protocol: 'http' });
    assert.equal((account as Fault).code, 'config.invalid');
    assert.ok(!(parseAccount({ host: '127.0.0.1', port: '80', protocol: 'http' }) instanceof Fault));
    const pictures = parsePictures({ folder, url: 'http://127.0.0.1.evil.example' });
    assert.equal((pictures as Fault).code, 'config.invalid');
    assert.equal(checkEndpoint('http://push.example:80/1', ['push.example'])?.code, 'push.bad-endpoint');
    assert.equal(checkEndpoint('https://push.example/1', ['push.example']), undefined);
    assert.equal(checkEndpoint('http://localhost:9/1', ['localhost:9']), undefined);
    await assert.rejects(openPostgresLedger({ url: 'postgres://u:a-secret@db.example/shop' }), (thrown) => {
      assert.ok(thrown instanceof Fault);
      assert.equal(thrown.code, 'ledger.cannot-open');
      assert.match(thrown.message, /sslmode=verify-full/);
      assert.doesNotMatch(thrown.message, /a-secret/);
      return true;
    });
  });

  it('of case:provision, which carry the owner’s password', () => {
    const words = (cloud: string) => [
      ...['--case', '9', '--name', 'Gym', '--shop', 'https://shop.example', '--broker', 'broker.example:8883'],
      ...['--ca', file('provision.pem', ca), '--cloud', cloud],
    ];
    for (const cloud of ['http://shop.example/editor', 'http://127.0.0.1.evil.example/editor'])
      assert.match((parseOptions(words(cloud)) as Fault).message, /^--cloud: /);
    for (const cloud of ['https://shop.example/editor', 'http://localhost:8080/editor'])
      assert.ok(!(parseOptions(words(cloud)) instanceof Fault), cloud);
  });
});
