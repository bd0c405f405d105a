// The laptop's broker and Mosquitto, as deploy/broker sets it up with the accounts that case:provision makes: one contract for both.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { parseOptions } from '../../scripts/provision/options.ts';
import { makeSecrets } from '../../scripts/provision/secrets.ts';
import { accountsOf, startBroker } from '../../sim/src/broker/broker.ts';
import { makeAuthority } from '../firmware/certificates.ts';
import { startMosquitto } from '../mosquitto.ts';
import { needs } from '../needs.ts';
import { type BrokerUnderTest, brokerContract } from './broker.contract.ts';

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
  const authority = makeAuthority('Tapcase test CA');
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-ca-'));
  writeFileSync(join(folder, 'ca.pem'), authority.ca);
  const { passwords, access } = provisioned(join(folder, 'ca.pem'));
  rmSync(folder, { recursive: true });
  const broker = await startMosquitto(program, { passwords, access, identity: authority.server() });
  const under: BrokerUnderTest = {
    options: { protocol: 'mqtts', host: 'localhost', port: broker.port, ca: authority.ca },
    password: (user) => passwords.get(user)!,
    close: broker.close,
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
  return { passwords, access: access.join('\n') };
}
