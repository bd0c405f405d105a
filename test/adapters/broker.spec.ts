// The laptop's broker and Mosquitto, as deploy/broker sets it up with the accounts that case:provision makes: one contract for both.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { parseOptions } from '../../scripts/provision/options.ts';
import { makeSecrets } from '../../scripts/provision/secrets.ts';
import { accountsOf, startBroker } from '../../sim/src/broker/broker.ts';
import { makeAuthority } from '../firmware/certificates.ts';
import { needs } from '../needs.ts';
import { until } from '../patience.ts';
import { type BrokerUnderTest, brokerContract } from './broker.contract.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy/broker');
const CASES = ['123', '456'];

brokerContract('the laptop’s broker', async () => {
  const password = (user: string) => `password of ${user}`;
  const accounts = accountsOf(CASES, {
    cloud: password('cloud'),
    device: (caseId, device) => password(`${caseId}-${device}`),
  });
  const broker = await startBroker({ port: 0, accounts });
  return { options: { host: '127.0.0.1', port: broker.port }, password, close: () => broker.close() };
});

brokerContract('Mosquitto', async (context) => {
  const program = needs(context, 'mosquitto');
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-mosquitto-'));
  const at = (name: string) => join(folder, name);
  const write = (name: string, text: string) => writeFileSync(at(name), text);
  const authority = makeAuthority('Tapcase test CA');
  const { key, cert } = authority.server();
  for (const [name, text] of [
    ['ca.pem', authority.ca],
    ['broker.pem', cert],
    ['broker.key', key],
  ] as const)
    write(name, text);
  const { passwords, lines, access } = provisioned(at('ca.pem'));
  write('tapcase-passwords', lines.join('\n'));
  write('tapcase-access', `${readFileSync(join(DEPLOY, 'access'), 'utf8')}\n${access}`);
  const hashed = spawn('/usr/bin/mosquitto_passwd', ['-U', at('tapcase-passwords')], { stdio: 'ignore' });
  await once(hashed, 'exit');
  const port = await freePort();
  const shipped = readFileSync(join(DEPLOY, 'mosquitto.conf'), 'utf8');
  const conf = shipped
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
    .replaceAll(/\/etc\/mosquitto\/(certs\/)?|\/var\/lib\/mosquitto\//g, `${folder}/`);
  // Where the tests run as root it would become another user, to whom this folder is closed.
  write('mosquitto.conf', process.getuid?.() === 0 ? `user root\n${conf}` : conf);
  const broker = spawn(program, ['-c', at('mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  broker.stderr!.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const gone = once(broker, 'exit');
  const close = async () => {
    broker.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  await until('Mosquitto to listen', async () => {
    if (broker.exitCode !== null) throw new Error(said.join(''));
    return isListening(port);
  });
  const under: BrokerUnderTest = {
    options: { protocol: 'mqtts', host: 'localhost', port, ca: authority.ca },
    password: (user) => passwords.get(user)!,
    close,
  };
  return under;
});

/** What case:provision makes for both cases, beside the cloud's account. */
function provisioned(ca: string) {
  const passwords = new Map([['cloud', 'password of the cloud']]);
  const access: string[] = [];
  for (const caseId of CASES) {
    const options = parseOptions([
      ...['--case', caseId, '--name', 'A case', '--shop', 'https://shop.example', '--broker', 'localhost:8883'],
      ...['--ca', ca, '--fitted', 'pi'],
    ]);
    if (options === null || options instanceof Fault) throw new Error(options?.message);
    const [first = '', second = ''] = makeSecrets(options, 'ab'.repeat(32)).accounts.split('# acl_file\n');
    for (const [, user, password] of first.matchAll(/^([\w-]+):(.+)$/gm)) passwords.set(user!, password!);
    access.push(second);
  }
  return {
    passwords,
    lines: [...passwords].map(([user, password]) => `${user}:${password}`),
    access: access.join('\n'),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
