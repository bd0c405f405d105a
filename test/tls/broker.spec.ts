// The way to the broker: cloud and Pi prove whom they speak to before they say who they are, and speak in the clear to nobody but
// this machine.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority } from '../firmware/certificates.ts';
import { until } from '../patience.ts';
import { ROLES, refusalOf, startRole, type Variables } from './roles.ts';
import { startTlsBroker } from './tls-broker.ts';

const authority = makeAuthority('Tapcase test CA');
const stranger = makeAuthority('Somebody else');

const IMPOSTORS = [
  ['of another name', authority.server({ name: 'not-your-broker' })],
  ['that nobody we trust has signed', stranger.server()],
  ['that has expired', authority.server({ expired: true })],
] as const;

describe('the way to the broker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-tls-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.ca);
  after(() => rmSync(folder, { recursive: true, force: true }));

  // The second is what Node itself trusts: its own roots, and what this variable of Node's adds.
  const trusts: readonly [string, Variables][] = [
    ['the authority of MQTT_CA_FILE', { MQTT_CA_FILE: caFile }],
    ['the roots of this machine', { NODE_EXTRA_CA_CERTS: caFile }],
  ];
  for (const role of ROLES) {
    for (const [whom, variables] of trusts) {
      it(`the ${role} tells its password to nobody but the broker that ${whom} vouches for`, async () => {
        const broker = await startTlsBroker(IMPOSTORS[0][1]);
        const url = `mqtts://localhost:${broker.port}`;
        const running = await startRole(role, { BROKER_URL: url, ...variables });
        try {
          for (const [, identity] of IMPOSTORS) {
            broker.show(identity);
            await broker.attempts(2);
          }
          assert.deepEqual([broker.logins, broker.bytes()], [[], 0]);
          broker.show(authority.server());
          await until('the login', () => broker.logins.length > 0);
          assert.deepEqual([broker.logins[0]!.user, broker.logins[0]!.password], [`${role}-user`, `${role}-password`]);
        } finally {
          await running.stop();
          await broker.close();
        }
      });
    }

    it(`the ${role} trusts the roots of this machine alone where no authority is named`, async () => {
      const broker = await startTlsBroker(authority.server());
      const running = await startRole(role, { BROKER_URL: `mqtts://localhost:${broker.port}` });
      try {
        await broker.attempts(2);
        assert.deepEqual([broker.logins, broker.bytes()], [[], 0]);
      } finally {
        await running.stop();
        await broker.close();
      }
    });

    it(`the ${role} refuses to start where its password would cross a network in the clear`, async () => {
      const said = await refusalOf(role, { BROKER_URL: 'mqtt://broker.example:1883' });
      assert.match(said, /BROKER_URL .*mqtts:\/\//);
    });
  }
});
