// npm run case:provision: what it makes fits the firmware, the cloud and the tag; what it refuses leaves nothing behind. As a
// process of its own where its exit and its streams are asked for, otherwise as that process calls it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orThrow, type StaffRole } from '@tapcase/domain';
import { openLedger } from '@tapcase/ledger';
import { deriveDeviceKey } from '@tapcase/node-red-contrib-hmac';
import { changedPaths, readFolders } from '../../host/flows/disk.ts';
import type { FlowNode } from '../../host/flows/node.ts';
import { readShopFlows } from '../../host/flows/read.ts';
import { hashOf } from '../../host/staff/secrets.ts';
import { provision } from '../../scripts/provision/command.ts';
import { makeLabel } from '../../scripts/provision/label.ts';
import { parseOptions } from '../../scripts/provision/options.ts';
import { registration } from '../../scripts/provision/register.ts';
import { makeToken } from '../../scripts/provision/token.ts';
import { copyShippedFlows } from '../shipped-flows.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MASTER_KEY = 'ab'.repeat(32);
const KEYS = { CASE_MASTER_KEY: MASTER_KEY };
/** Its content is nobody's business here: the broker's peers check it. */
const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

type FlowNodes = readonly FlowNode[];

/** Of the shop's list. */
function lastCase(nodes: FlowNodes): { readonly id: string } | undefined {
  const shop = nodes.find(({ type }) => type === 'tapcase-shop');
  return (shop?.cases as { readonly id: string }[] | undefined)?.at(-1);
}

describe('npm run case:provision', () => {
  let folder: string;
  let words: Record<string, string>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-provision-'));
    copyShippedFlows('flows', join(folder, 'flows'));
    writeFileSync(join(folder, 'ca.pem'), CA);
    words = {
      case: '124',
      name: 'Gym fridge',
      shop: 'https://shop.example',
      broker: 'broker.example:8883',
      ca: join(folder, 'ca.pem'),
      flows: join(folder, 'flows'),
      out: join(folder, '124'),
    };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const args = (more: Record<string, string> = {}) =>
    Object.entries({ ...words, ...more }).flatMap(([name, value]) => [`--${name}`, value]);
  const run = async (
    more: Record<string, string> = {},
    environment: Record<string, string> = KEYS,
    ...flags: readonly string[]
  ) => {
    let [stdout, stderr] = ['', ''];
    const out = (text: string) => {
      stdout += text;
    };
    const err = (text: string) => {
      stderr += text;
    };
    return { status: await provision([...args(more), ...flags], { environment, out, err }), stdout, stderr };
  };
  const runProcess = (more: Record<string, string> = {}) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/provision/main.ts'), ...args(more)], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', ...KEYS },
    });
  const made = (name: string) => readFileSync(join(folder, '124', name), 'utf8');

  it('writes what the controller, the Pi, the broker and the door need, for nobody else to read', () => {
    const { status, stderr, stdout } = runProcess({ fitted: 'temp,pi', lang: 'es' });
    assert.equal(status, 0, stderr);
    const secrets = JSON.parse(made('secrets.json')) as Record<string, unknown>;
    const key = (device: 'controller' | 'pi') =>
      Buffer.from(deriveDeviceKey(Buffer.from(MASTER_KEY, 'hex'), '124', device)).toString('hex');
    assert.equal(secrets.key, key('controller'));
    assert.deepEqual(
      [secrets.case, secrets.host, secrets.port, secrets.user, secrets.ca, secrets.lang, secrets.fitted],
      ['124', 'broker.example', 8883, '124-controller', CA, 'es', ['temp', 'pi']],
    );
    // The broker serves no firmware.
    assert.equal(secrets.update_host, 'shop.example');
    assert.ok(made('pi.env').includes(`DEVICE_KEY=${key('pi')}\n`));
    // Both believe the same broker.
    assert.ok(made('pi.env').includes('MQTT_CA_FILE=/etc/tapcase/ca.pem\n'));
    assert.equal(made('ca.pem'), CA);
    assert.ok(!made('pi.env').includes(key('controller')), 'a stolen Pi must not open the door');
    const accounts = made('broker-accounts.txt');
    assert.ok(accounts.includes(`124-controller:${String(secrets.password)}\n`));
    assert.match(accounts, /user 124-controller\n(topic .*\n)*topic write case\/124\/vision\n/);
    for (const name of ['secrets.json', 'pi.env', 'broker-accounts.txt']) {
      assert.equal(statSync(join(folder, '124', name)).mode & 0o777, 0o600, name);
    }
    // Neither keys nor passwords go over the screen.
    for (const secret of [key('controller'), key('pi'), String(secrets.password)]) assert.ok(!stdout.includes(secret));
    assert.ok(stdout.includes('https://shop.example/case/124'));
    assert.match(made('label.svg'), /^<svg/);
  });

  it('puts the case into the shop’s list, and changes nothing else of the flows', async () => {
    const before = readFolders(words.flows!);
    assert.equal((await run()).status, 0);
    const after = readFolders(words.flows!);
    // The core is as shipped: the next release replaces it.
    assert.deepEqual(changedPaths(before, after), ['own/overrides.json']);
    assert.deepEqual(lastCase(readShopFlows(after).nodes), {
      id: '124',
      name: 'Gym fridge',
      holdMinor: 2500,
      visionWaitMs: 8000,
      offlineAfterMs: 90_000,
    });
  });

  it('makes new secrets for a case that the shop has, where it is told that its boards were changed, and says who must say so', async () => {
    const before = readFolders(join(folder, 'flows'));
    const again = await run({ case: '123', out: join(folder, '123') }, KEYS, '--again');
    assert.deepEqual([again.status, again.stderr], [0, '']);
    assert.match(again.stdout, /npm run staff -- new-board 123 --name YOU/);
    assert.equal(JSON.parse(readFileSync(join(folder, '123', 'secrets.json'), 'utf8')).case, '123');
    assert.deepEqual(changedPaths(before, readFolders(join(folder, 'flows'))), []);
    const unknown = await run({}, KEYS, '--again');
    assert.match(unknown.stderr, /^provision\.no-case/);
    assert.equal(existsSync(join(folder, '124')), false);
  });

  const refusals: readonly [string, Record<string, string>, RegExp][] = [
    ['a case that the shop has', { case: '123' }, /^provision\.case-exists/],
    ['a name of a case that is none', { case: 'a/b' }, /^provision\.usage: --case/],
    ['a shop without https', { shop: 'http://shop.example' }, /^provision\.usage: --shop/],
    [
      'a shop whose address the modem cannot take',
      { shop: `https://${'a'.repeat(60)}.example` },
      /^provision\.usage: --shop/,
    ],
    ['a broker without a port', { broker: 'broker.example' }, /^provision\.usage: --broker/],
    ['an authority that is no certificate', { ca: join(ROOT, 'package.json') }, /^provision\.usage: --ca/],
    ['a device that does not exist', { fitted: 'laser' }, /^provision\.usage: --fitted: there is no laser/],
    ['two devices on one line', { fitted: 'voice,pi' }, /share one serial line/],
    ['an update key that is none', { 'update-key': 'abc' }, /^provision\.usage: --update-key/],
    ['flows without a shop', { flows: 'empty' }, /^flows\.no-core/],
  ];
  for (const [at, [what, more, says]] of refusals.entries()) {
    it(`refuses ${what}, and leaves nothing behind`, async () => {
      const given = 'flows' in more ? { flows: join(folder, 'empty') } : more;
      const { status, stderr, stdout } = await (at === 0 ? runProcess : run)(given);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, says);
      assert.equal(existsSync(join(folder, '124')), false);
    });
  }

  it('refuses to work without the master key, and to overwrite what it made', async () => {
    assert.match((await run({}, {})).stderr, /^provision\.no-master-key/);
    assert.match((await run({}, { CASE_MASTER_KEY: 'abc' })).stderr, /^keys\.malformed/);
    assert.equal((await run()).status, 0);
    assert.match((await run({ case: '125' })).stderr, /^provision\.exists/);
  });

  it('writes an NDEF record that a phone reads as the address', () => {
    // NFC Forum, NDEF 1.0 and URI RTD 1.0: https://shop.example/case/124.
    const rest = Buffer.from('shop.example/case/124').toString('hex');
    const length = (1 + rest.length / 2).toString(16);
    const { tag, url } = makeLabel('https://shop.example', '124');
    assert.equal(url, 'https://shop.example/case/124');
    assert.equal(Buffer.from(tag).toString('hex'), `031ad101${length}5504${rest}fe`);
    assert.throws(() => makeLabel(`https://${'a'.repeat(300)}.example`, '124'), { code: 'provision.label-too-long' });
  });

  describe('at a running cloud', () => {
    let server: Server;
    let url: string;
    let isOver: boolean;
    let posted: { readonly headers: Record<string, unknown>; readonly body: Record<string, unknown> }[];
    beforeEach(async () => {
      posted = [];
      isOver = false;
      const flows = readShopFlows(readFolders(join(ROOT, 'flows'))).core;
      server = createServer(async (request, response) => {
        let text = '';
        for await (const chunk of request) text += String(chunk);
        const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
        const answer = (status: number, value: object) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
        if (request.headers.cookie !== 'tapcase_staff=the-token') return answer(401, {});
        if (request.url === '/staff/api/sign-out') {
          isOver = true;
          return answer(200, {});
        }
        if (request.method === 'GET') return answer(200, { rev: 'r1', flows });
        posted.push({ headers: request.headers, body });
        answer(body.rev === 'r1' ? 200 : 409, {});
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/editor`;
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });
    const options = () => {
      const parsed = parseOptions(args({ cloud: url }));
      assert.ok(parsed !== null && !(parsed instanceof Error));
      return parsed;
    };

    it('adds the case by the editor’s own interface, on the revision that it has read', async () => {
      const register = await registration(options(), 'the-token');
      assert.equal(posted.length, 0, 'nothing is registered before its secrets exist');
      await register();
      const [{ headers, body }] = posted as [(typeof posted)[0]];
      assert.equal(headers['node-red-deployment-type'], 'nodes');
      assert.equal(body.rev, 'r1');
      assert.equal(lastCase(body.flows as FlowNodes)?.id, '124');
      assert.ok(isOver, 'the token is good once');
    });

    it('a token is somebody’s who may add a case, for a quarter of an hour', async () => {
      const ledger = await openLedger({ file: ':memory:' });
      const nowMs = Date.now();
      await assert.rejects(makeToken(ledger, undefined, nowMs), { code: 'staff.unknown' });
      const person = async (name: string, role: StaffRole) => {
        const row = {
          id: name,
          role,
          name,
          email: null,
          staffId: null,
          isFirstOwner: false,
          madeBy: '',
          madeById: null,
        };
        const act = { atMs: nowMs, staffId: null, name: '', role: null, subject: name, detail: {}, address: null };
        await ledger.invite({ ...row, tokenHash: name, expiresAtMs: nowMs + 1_000 }, { ...act, act: 'invited' });
        const password = { hash: 'h', sealedTotp: 't', totpStep: 0, setAtMs: nowMs };
        const joining = { person: { id: name, name, email: null }, way: { kind: 'password', password } as const };
        orThrow(await ledger.acceptInvitation(name, { ...joining, atMs: nowMs, address: null }));
      };
      await person('Olga', 'owner');
      await person('Tina', 'technician');
      const token = await makeToken(ledger, undefined, nowMs);
      const found = (at: number) => ledger.session('staff', hashOf(token), at);
      assert.equal((await found(nowMs + 899_999))?.subject, 'Olga');
      assert.equal(await found(nowMs + 900_000), undefined);
      assert.equal((await ledger.acts({ limit: 1 }))[0]?.detail.way, 'case:token');
      await assert.rejects(makeToken(ledger, 'Tina', nowMs), { code: 'staff.not-allowed' });
      // With a case its token also says that new boards come there, in the person's name.
      await assert.rejects(makeToken(ledger, 'Olga', nowMs, 'a/b'), { code: 'provision.usage' });
      await makeToken(ledger, 'Olga', nowMs, '123');
      const expected = (await ledger.acts({ limit: 2 })).map(({ act, name, subject, detail }) => [
        ...[act, name, subject, detail.device],
      ]);
      assert.deepEqual(expected, [
        ['board-expected', 'Olga', '123', 'pi'],
        ['board-expected', 'Olga', '123', 'controller'],
      ]);
      await person('Olaf', 'owner');
      await assert.rejects(makeToken(ledger, undefined, nowMs), { code: 'staff.which-owner' });
      await ledger.close();
    });

    it('says that the token is wrong or missing, or that nobody answers', async () => {
      await assert.rejects(registration(options(), 'wrong'), { code: 'provision.cloud', message: /401/ });
      await assert.rejects(registration(options(), undefined), { code: 'provision.no-token' });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await assert.rejects(registration(options(), 'the-token'), { code: 'provision.cloud', message: /no answer/ });
    });
  });
});
