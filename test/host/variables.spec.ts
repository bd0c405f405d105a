// Every documented variable changes something: for each of both roles two values, and what its reader makes of them. What is read
// elsewhere only, or documented and read by nobody, is found here too.
import assert from 'node:assert/strict';
import { createECDH, createHmac } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Fault, usePort } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import type { NodeAPI } from 'node-red';
import { isOfAPi } from '../../host/edge-sign-on.ts';
import { readEnvironment, VARIABLES } from '../../host/environment.ts';
import { writeFolders } from '../../host/flows/disk.ts';
import type { FlowStorage } from '../../host/flows/storage.ts';
import { splitFlows } from '../../host/flows/tabs.ts';
import { bareApp } from '../../host/http.ts';
import { logFormatOf } from '../../host/log-line.ts';
import { detrModel } from '../../nodes/node-red-contrib-detr/src/detr-model/contract.ts';
import type { CaseKeys } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/contract.ts';
import keysNode from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import {
  parseConfig as parseAccount,
  type StripeAccount,
} from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import accountNode from '../../nodes/node-red-contrib-stripe/src/stripe-account/stripe-account.ts';
import catalogNode from '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.ts';
import {
  type LedgerPort,
  parseConfig as parseLedger,
} from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/contract.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import { parseConfig as parseShop, type Shop } from '../../nodes/node-red-contrib-tapcase/src/shop/shop/contract.ts';
import shopNode from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import { parseConfig as parseCamera } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import {
  fillRing,
  parseConfig as parseRing,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/contract.ts';
import { parseConfig as parseEdge } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/contract.ts';
import { sysfsNumber } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio/chip.ts';
import {
  fillLine,
  parseConfig as parseLine,
} from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio-in/contract.ts';
import { parseCarrier } from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/frame.ts';
import { parsePictures } from '../../nodes/node-red-contrib-tapcase-edge/src/send/pictures/pictures.ts';
import { fillSend } from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/contract.ts';
import { fillAlbum, parseAlbum } from '../../nodes/node-red-contrib-tapcase-edge/src/vision/picture/picture.ts';
import { settingsFor } from '../../settings.ts';
import { freePort } from '../free-port.ts';
import { helper, type NodeModule, withRuntime } from '../nodes/harness.ts';
import { environmentOf, type RoleName, refusalOf, startRole, type Variables } from '../tls/roles.ts';

const ROOT = join(import.meta.dirname, '../..');
const HEX = [...'ab'].map((digit) => digit.repeat(64));

const [onePort, otherPort, thirdPort] = [await freePort(), await freePort(), await freePort()];

/** A variable's two values, and what comes of each; or the test of its own in which it is seen. */
type Shown = readonly [first: string, second: string, see: (given: Variables) => unknown] | `test/${string}`;

describe('the variables of the environment', () => {
  withRuntime();
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-variables-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  type Saved = Readonly<Record<string, unknown>>;
  const flowOf = (role: RoleName): readonly Saved[] =>
    JSON.parse(readFileSync(join(ROOT, role === 'cloud' ? 'flows' : 'edge-flows', 'core/config.json'), 'utf8'));
  /** A shipped config node as Node-RED makes it with these variables. */
  const shipped = (role: RoleName, id: string, given: Variables): Saved => {
    const saved = flowOf(role).find((node) => node.id === id)!;
    const filled = (value: unknown) => {
      const name = typeof value === 'string' ? /^\$\{(\w+)\}$/.exec(value)?.[1] : undefined;
      return name === undefined ? value : (given[name] ?? value);
    };
    return Object.fromEntries(Object.entries(saved).map(([name, value]) => [name, filled(value)]));
  };
  const withNode =
    (role: RoleName, id: string, parse: (raw: Saved) => unknown) =>
    (given: Variables): unknown =>
      parse(shipped(role, id, given));
  const edge = (parse: (raw: Saved) => unknown) => withNode('edge', 'config.state', parse);
  const line = (which: string) => edge((theirs) => parseLine(fillLine({ which, debounceMs: '20' }, theirs)));
  const shop = withNode('cloud', 'config.shop', parseShop);
  const account = withNode('cloud', 'config.stripe', parseAccount);
  const ledger = withNode('cloud', 'config.ledger', parseLedger);

  /** What `ask` learns of the port of a shipped config node, in a real Node-RED with these variables; a Fault's code. */
  const withPort =
    <P>(role: RoleName, id: string, modules: readonly NodeModule[], ask: (port: P) => unknown) =>
    async (given: Variables): Promise<unknown> => {
      const before = { ...process.env };
      Object.assign(process.env, given);
      try {
        let red: NodeAPI | undefined;
        const takesRed = (RED: NodeAPI) => {
          red = RED;
        };
        const node = flowOf(role).find((each) => each.id === id)!;
        await helper.load([takesRed, ...modules], [node], {}, () => {});
        const codeOf = (thrown: unknown) => {
          if (thrown instanceof Error && 'code' in thrown) return thrown.code;
          throw thrown;
        };
        try {
          const seen = await ask(usePort<P>(red!, id, String(node.type)));
          return seen instanceof Fault ? seen.code : seen;
        } catch (thrown) {
          return codeOf(thrown);
        }
      } finally {
        await helper.unload();
        process.env = before;
      }
    };
  const keys = (role: RoleName) =>
    withPort<CaseKeys>(role, 'config.keys', [keysNode], (port) => {
      const found = port.keys('123', 'pi');
      return found instanceof Fault ? found : found.map((key) => Buffer.from(key).toString('hex'));
    });
  const ofShop = (ask: (port: Shop) => unknown) => withPort<Shop>('cloud', 'config.shop', [catalogNode, shopNode], ask);
  const stripe = (ask: (port: StripeAccount) => unknown) =>
    withPort<StripeAccount>('cloud', 'config.stripe', [accountNode], ask);

  const settings = (role: RoleName, look: (settings: Saved) => unknown) => (given: Variables) => {
    const environment = orThrow(readEnvironment(role, given));
    return look(settingsFor(role, environment, () => {}, { pass: {}, desk: {}, deployed: () => {} } as never));
  };
  /** Whether an own tab runs. */
  const ownTabs = (role: RoleName) => (given: Variables) => {
    const flows = join(folder, `own-tabs-${role}`);
    const [shipped, own] = ['shipped', 'own'].map((id) => [{ id, type: 'tab', label: id, disabled: false }]);
    mkdirSync(flows, { recursive: true });
    writeFolders(flows, { core: splitFlows(shipped!), own: splitFlows(own!) });
    return settings(role, async ({ storageModule }) =>
      (await (storageModule as FlowStorage).getFlows()).map(({ id, disabled }) => [id, disabled]),
    )({ ...given, FLOWS_DIR: flows });
  };
  const refusal = (role: RoleName) => async (given: Variables) =>
    (await refusalOf(role, given)).includes(given.FLOWS_DIR!);
  const pictures = (name: string) => {
    const made = join(folder, name);
    mkdirSync(made, { recursive: true });
    writeFileSync(join(made, 'a.svg'), `<svg>${name}</svg>`);
    return made;
  };
  /** Who listens where and lets in whom, as every role of these tests has it but for the one variable that is shown. */
  const listens: Readonly<Record<RoleName, Variables>> = {
    cloud: {
      ...{ HOST: '127.0.0.1', PORT: String(onePort), STAFF_HOST: '127.0.0.1', STAFF_PORT: String(otherPort) },
      ...{ STAFF_URL: 'https://a.example', PICTURES_DIR: pictures('one') },
    },
    edge: {
      ...{ HOST: '127.0.0.1', PORT: String(onePort), STAFF_URL: 'https://a.example' },
      ...{ EDITOR_PASSWORD: 'a-long-password', TECHNICIAN_PASSWORD: 'a-long-password' },
    },
  };
  const signsIn = (user: string) => ({ headers: { authorization: `Basic ${btoa(`${user}:a-long-password`)}` } });
  /** A start costs more than a hundred questions: each role that is started is asked all of its own. */
  const questions: Readonly<Record<RoleName, readonly (readonly [address: string, init?: RequestInit])[]>> = {
    cloud: [
      [`http://127.0.0.1:${onePort}/api/none`],
      [`http://127.0.0.1:${onePort}/pictures/a.svg`],
      [`http://127.0.0.1:${otherPort}/editor`],
      // Whose pages may change something there.
      [
        `http://127.0.0.1:${otherPort}/dashboard/money`,
        { method: 'POST', headers: { origin: listens.cloud.STAFF_URL! } },
      ],
    ],
    edge: [
      [`http://127.0.0.1:${onePort}/sign-in/cloud`],
      // The Pi's own people.
      [`http://127.0.0.1:${onePort}/sign-in/here`, signsIn('owner')],
      [`http://127.0.0.1:${onePort}/sign-in/here`, signsIn('technician')],
    ],
  };
  const heard = new Map<string, Promise<readonly unknown[]>>();
  /** What answers where: the role itself is started, once for all that want it with the same variables. */
  const answers = (role: RoleName) => (given: Variables) => {
    const key = JSON.stringify(given);
    const known = heard.get(key) ?? asks(role, given);
    heard.set(key, known);
    return known;
  };
  const asks = async (role: RoleName, given: Variables) => {
    const running = await startRole(role, given);
    try {
      const asked = questions[role].map(([address, init]) =>
        fetch(address, { redirect: 'manual', ...init }).then(
          async (answer) => [
            answer.status,
            answer.headers.get('location')?.split('?')[0],
            (await answer.text()).slice(0, 20),
          ],
          () => 'nobody',
        ),
      );
      return await Promise.all(asked);
    } finally {
      await running.stop();
    }
  };

  const body = JSON.stringify({ id: 'evt_1', type: 'a.b', created: 1, data: { object: {} } });
  const signed = (secret: string) => {
    const at = Math.floor(Date.now() / 1000);
    return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
  };
  const vapid = () => {
    const pair = createECDH('prime256v1');
    // A key that begins with zeros is shorter, and would not be one of 43 letters.
    do pair.generateKeys();
    while (pair.getPrivateKey().length < 32);
    return [pair.getPublicKey().toString('base64url'), pair.getPrivateKey().toString('base64url')] as const;
  };
  const [pair, other] = [vapid(), vapid()];
  const push = (publicKey = pair[0], privateKey = pair[1]) =>
    ofShop(({ push: found }) => ('publicKey' in found ? found.publicKey : found))({
      ...{ VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey, VAPID_SUBJECT: 'mailto:a@b.cd' },
    });

  const shared = (role: RoleName): Readonly<Record<string, Shown>> => ({
    BROKER_URL: 'test/tls/broker.spec.ts',
    BROKER_USER: 'test/tls/broker.spec.ts',
    BROKER_PASSWORD: 'test/tls/broker.spec.ts',
    MQTT_CA_FILE: 'test/tls/broker.spec.ts',
    CREDENTIAL_SECRET: [HEX[0]!, HEX[1]!, settings(role, ({ credentialSecret }) => credentialSecret)],
    OWN_TABS: ['on', 'off', ownTabs(role)],
    LOG_FORMAT: ['text', 'json', logFormatOf],
    USER_DIR: ['/one', '/two', settings(role, ({ userDir }) => userDir)],
    FLOWS_DIR: ['/nobody-made-this', join(ROOT, role === 'cloud' ? 'flows' : 'edge-flows'), refusal(role)],
    HOST: ['127.0.0.1', '127.0.0.2', answers(role)],
    PORT: [String(onePort), String(thirdPort), answers(role)],
  });

  const shown: Readonly<Record<RoleName, Readonly<Record<string, Shown>>>> = {
    cloud: {
      ...shared('cloud'),
      // Split as host/cloud.ts does it: there it takes somebody who is signed in (test/host/edge-sign-in.spec.ts).
      EDGE_URLS: [
        '',
        'http://pi.example:1880',
        ({ EDGE_URLS = '' }) => isOfAPi('http://pi.example:1880', EDGE_URLS.split(',')),
      ],
      // Whom an address is believed of another.
      TRUST_PROXY: ['', '10.0.0.0/8', ({ TRUST_PROXY }) => bareApp(TRUST_PROXY).get('trust proxy fn')('10.0.0.1', 0)],
      STAFF_HOST: ['127.0.0.1', '127.0.0.2', answers('cloud')],
      STAFF_PORT: [String(otherPort), String(thirdPort), answers('cloud')],
      STAFF_URL: [listens.cloud.STAFF_URL!, 'https://b.example', answers('cloud')],
      BROKER_SHARE: 'test/e2e/two-instances.spec.ts',
      PUBLIC_URL: ['https://a.example', 'https://b.example', shop],
      DATABASE_URL: [
        '',
        'postgres://u:p@db.example/shop',
        (given) =>
          withPort<LedgerPort>('cloud', 'config.ledger', [ledgerNode], (port) => port.faultCounts())({
            ...given,
            LEDGER_FILE: join(folder, 'ledger.sqlite'),
          }),
      ],
      LEDGER_FILE: ['/one', '/two', ledger],
      EVIDENCE_DIR: ['/one', '/two', ledger],
      CASE_MASTER_KEY: [HEX[0]!, HEX[1]!, keys('cloud')],
      CASE_MASTER_KEY_PREVIOUS: ['', HEX[1]!, (given) => keys('cloud')({ ...given, CASE_MASTER_KEY: HEX[0]! })],
      SESSION_KEY: [
        HEX[0]!,
        HEX[1]!,
        ofShop(({ sessions }) => ('hashCode' in sessions ? sessions.hashCode('a@b.cd', '123456') : sessions)),
      ],
      STRIPE_SECRET_KEY: ['sk_test_1', 'sk_live_1', stripe((port) => typeof port.hold)],
      STRIPE_WEBHOOK_SECRET: [
        'whsec_one',
        'whsec_two',
        (given) =>
          stripe((port) => port.verifyEvent(Buffer.from(body), signed('whsec_one'), Date.now()))({
            ...given,
            STRIPE_SECRET_KEY: 'sk_test_1',
          }),
      ],
      STRIPE_HOST: ['', 'localhost', (given) => account({ STRIPE_PORT: '1', STRIPE_PROTOCOL: 'http', ...given })],
      STRIPE_PORT: ['1', '2', (given) => account({ STRIPE_HOST: 'localhost', STRIPE_PROTOCOL: 'http', ...given })],
      STRIPE_PROTOCOL: ['http', 'https', (given) => account({ STRIPE_HOST: 'localhost', STRIPE_PORT: '1', ...given })],
      VAPID_PUBLIC_KEY: [pair[0], other[0], (given) => push(given.VAPID_PUBLIC_KEY)],
      VAPID_PRIVATE_KEY: [pair[1], other[1], (given) => push(pair[0], given.VAPID_PRIVATE_KEY)],
      VAPID_SUBJECT: ['mailto:a@b.cd', 'https://b.example', shop],
      PUSH_ALLOW_HOSTS: ['', 'push.example:1', shop],
      SMTP_HOST: 'test/nodes/mail.spec.ts',
      SMTP_PORT: 'test/nodes/mail.spec.ts',
      SMTP_SECURE: 'test/nodes/mail.spec.ts',
      SMTP_USER: 'test/nodes/mail.spec.ts',
      SMTP_PASSWORD: 'test/nodes/mail.spec.ts',
      MAIL_FROM: 'test/nodes/mail.spec.ts',
      FIRMWARE_DIR: ['/one', '/two', shop],
      PICTURES_DIR: [listens.cloud.PICTURES_DIR!, pictures('two'), answers('cloud')],
    },
    edge: {
      ...shared('edge'),
      EDITOR_PASSWORD: ['a-long-password', 'another-password', answers('edge')],
      TECHNICIAN_PASSWORD: ['a-long-password', '', answers('edge')],
      STAFF_URL: [listens.edge.STAFF_URL!, 'https://b.example', answers('edge')],
      CASE_ID: ['1', '2', withNode('edge', 'config.keys', ({ caseId }) => caseId)],
      DEVICE_KEY: [HEX[0]!, HEX[1]!, (given) => keys('edge')({ ...given, CASE_ID: '123' })],
      DEVICE_STATE_DIR: ['/one', '/two', edge(parseEdge)],
      MODEL_DIR: ['/one', '/two', withNode('edge', 'config.model', (raw) => detrModel.parseConfig(raw))],
      CAMERA_0: ['rpicam:0', 'rpicam:1', withNode('edge', 'config.camera-left', parseCamera)],
      CAMERA_1: ['rpicam:0', 'rpicam:1', withNode('edge', 'config.camera-right', parseCamera)],
      SIGNAL_LINE: ['gpio:1', 'gpio:2', line('signal')],
      PIR_LINE: ['gpio:1', 'gpio:2', line('motion')],
      GPIO_BASE: [
        '512',
        '0',
        (given) => {
          const before = process.env.GPIO_BASE;
          process.env.GPIO_BASE = given.GPIO_BASE;
          try {
            return sysfsNumber(18, folder);
          } finally {
            if (before === undefined) delete process.env.GPIO_BASE;
            else process.env.GPIO_BASE = before;
          }
        },
      ],
      RECORDINGS_DIR: ['none', '/two', edge((theirs) => parseRing(fillRing({}, theirs)))],
      SNAPSHOTS_DIR: ['none', '/two', edge((theirs) => parseAlbum(fillAlbum({}, theirs)))],
      CLOUD_URL: [
        'none',
        'https://b.example',
        (given) => edge((theirs) => parsePictures(fillSend({}, theirs)))({ ...given, SNAPSHOTS_DIR: '/s' }),
      ],
      SERIAL_PORT: ['none', '/dev/serial0', edge((theirs) => parseCarrier(fillSend({}, theirs)))],
    },
  };

  for (const role of ['cloud', 'edge'] as const) {
    const base = { ...environmentOf(role, folder), ...listens[role] };
    it(`of the ${role} are all shown here`, () => {
      const names = VARIABLES[role].map(({ name }) => name);
      assert.deepEqual(Object.keys(shown[role]).sort(), names.sort());
    });

    for (const [name, how] of Object.entries(shown[role])) {
      if (typeof how === 'string') {
        it(`${name} of the ${role} is seen in ${how}`, () => {
          const spec = readFileSync(join(ROOT, how), 'utf8') + readFileSync(join(ROOT, 'test/tls/roles.ts'), 'utf8');
          assert.ok(spec.includes(`${name}`));
        });
        continue;
      }
      it(`${name} of the ${role} changes something`, async () => {
        const [first, second, see] = how;
        const [one, two] = [await see({ ...base, [name]: first }), await see({ ...base, [name]: second })];
        assert.notDeepEqual(one, two);
      });
    }
  }

  it('are all that flows, documents and the Pi’s template name', () => {
    const known = new Set([...VARIABLES.cloud, ...VARIABLES.edge].map(({ name }) => name));
    /** Made by the role itself (host/roles.ts); read in the mode of the cloud's keys alone. */
    const others = ['VISION_COMMAND_TOPIC', 'DOOR_TOPIC', 'STATUS_TOPIC', 'VISION_TOPIC'];
    const unknown: string[] = [];
    const check = (where: string, names: Iterable<string>) => {
      for (const name of names) if (!known.has(name) && !others.includes(name)) unknown.push(`${where}: ${name}`);
    };
    const named = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
    for (const file of globSync('{flows,edge-flows}/core/*.json', { cwd: ROOT })) {
      const text = readFileSync(resolve(ROOT, file), 'utf8');
      check(file, named(text, /"\$\{([A-Z0-9_]+)\}"/g));
      check(file, named(text, /\w+Env": ?"([A-Z0-9_]+)"/g));
      check(file, named(text, /env\.get\('([A-Z0-9_]+)'\)/g));
    }
    const template = readFileSync(join(ROOT, 'deploy/pi/edge.env.template'), 'utf8');
    check('the template', named(template, /^#?([A-Z0-9_]+)=/gm));
    assert.deepEqual(unknown, []);
    const edgeNames = new Set(VARIABLES.edge.map(({ name }) => name));
    const offered = new Set(named(template, /^#?([A-Z0-9_]+)=/gm));
    assert.deepEqual(
      [...edgeNames].filter((name) => !offered.has(name)),
      [],
    );
  });
});
