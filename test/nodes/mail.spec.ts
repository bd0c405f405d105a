// The way to the mail server: every variable about it is seen there, and outside this machine nothing goes but over TLS to a server
// that is proven. With the shop's own settings as they are shipped.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Fault } from '@tapcase/domain';
import mailNode from '../../nodes/node-red-contrib-tapcase/src/customer/mail/mail.ts';
import catalogNode from '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.ts';
import { readMail } from '../../nodes/node-red-contrib-tapcase/src/shop/mail/port.ts';
import { createSmtp } from '../../nodes/node-red-contrib-tapcase/src/shop/mail/smtp.ts';
import shopNode from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import { makeAuthority } from '../firmware/certificates.ts';
import { bench, withRuntime } from './harness.ts';
import { type MailServer, startMailServer } from './mail-server.ts';

const CONFIG = join(import.meta.dirname, '../../flows/core/config.json');
const shipped = (JSON.parse(readFileSync(CONFIG, 'utf8')) as Record<string, unknown>[]).find(
  ({ type }) => type === 'tapcase-shop',
)!;
const MAIL = { to: 'ana@example.com', subject: 'code', text: 'sign-in code 123456', summary: 'code 123456' };
const NAMES = ['SMTP_HOST', 'SMTP_PORT', 'SMTP_SECURE', 'SMTP_USER', 'SMTP_PASSWORD', 'MAIL_FROM'] as const;

const authority = makeAuthority('Tapcase test CA');
const good = authority.server();
const IMPOSTORS = [
  ['of another name', authority.server({ name: 'not-your-server' })],
  ['that nobody we trust has signed', makeAuthority('Somebody else').server()],
  ['that has expired', authority.server({ expired: true })],
] as const;

describe('the way to the mail server', () => {
  withRuntime();
  let server: MailServer;
  const trusted = getCACertificates('default');
  before(() => setDefaultCACertificates([...trusted, authority.ca]));
  after(() => setDefaultCACertificates(trusted));
  afterEach(async () => {
    for (const name of NAMES) delete process.env[name];
    await server.close();
  });

  /** Sends a mail with the shop as it is shipped and this environment; the fault's code, or '' where it was taken. */
  async function send(variables: Partial<Record<(typeof NAMES)[number], string>>): Promise<string> {
    const given = { SMTP_HOST: 'localhost', SMTP_PORT: String(server.port), MAIL_FROM: 'shop@shop.example' };
    Object.assign(process.env, { SMTP_SECURE: '', SMTP_USER: '', SMTP_PASSWORD: '', ...given, ...variables });
    const node = await bench({
      node: { id: 'n', type: 'tapcase-mail', shop: 'the-shop' },
      outputs: 1,
      modules: [catalogNode, shopNode, mailNode],
      configNodes: [
        { id: 'the-catalog', type: 'tapcase-catalog', currency: 'usd', products: [] },
        { ...shipped, type: 'tapcase-shop', id: 'the-shop', catalog: 'the-catalog' },
      ],
    });
    const outcome = await node.send({ mail: MAIL });
    return outcome.kind === 'output' ? '' : outcome.code;
  }

  it('goes to SMTP_PORT, in the clear on this machine where nothing else is offered, as MAIL_FROM', async () => {
    server = await startMailServer({ identity: good, offersStartTls: false });
    assert.equal(await send({ MAIL_FROM: 'till@shop.example' }), '');
    assert.deepEqual(server.taken, [{ tls: 'none', as: '', from: 'till@shop.example' }]);
  });

  it('begins with TLS where SMTP_SECURE says true', async () => {
    server = await startMailServer({ identity: good, secure: true });
    assert.equal(await send({ SMTP_SECURE: 'true' }), '');
    assert.deepEqual(server.taken, [{ tls: 'first', as: '', from: 'shop@shop.example' }]);
  });

  it('turns to TLS where it says false and the server can, and says who it is there alone', async () => {
    server = await startMailServer({ identity: good });
    assert.equal(await send({ SMTP_SECURE: 'false', SMTP_USER: 'shop', SMTP_PASSWORD: 'a-mail-password' }), '');
    assert.deepEqual(server.taken, [{ tls: 'later', as: 'shop:a-mail-password', from: 'shop@shop.example' }]);
    assert.doesNotMatch(server.clear(), /AUTH|MAIL/);
  });

  it('sends no password in the clear, not even on this machine', async () => {
    server = await startMailServer({ identity: good, offersStartTls: false });
    assert.equal(await send({ SMTP_USER: 'shop', SMTP_PASSWORD: 'a-mail-password' }), 'mail.refused');
    assert.doesNotMatch(server.clear(), /AUTH|MAIL/);
  });

  for (const [what, identity] of IMPOSTORS)
    for (const secure of [false, true])
      it(`says nothing to a server with a certificate ${what}, ${secure ? 'from the first byte' : 'after STARTTLS'}`, async () => {
        server = await startMailServer({ identity, secure });
        const variables = { SMTP_SECURE: String(secure), SMTP_USER: 'shop', SMTP_PASSWORD: 'a-mail-password' };
        assert.equal(await send(variables), 'mail.unreachable');
        assert.deepEqual(server.taken, []);
        assert.doesNotMatch(server.clear(), /AUTH|MAIL/);
      });

  it('is no way at all to another machine that offers no TLS: a mail is a sign-in code', async () => {
    server = await startMailServer({ identity: good, offersStartTls: false });
    // Of no loopback name, and here all the same: IPv6 writes the address of this machine in many ways.
    const config = { host: '::ffff:127.0.0.1', port: server.port, secure: false, user: '', from: 'a@b.cd' } as const;
    const mailer = createSmtp({ kind: 'smtp', ...config }, '');
    assert.equal(mailer.kind, 'smtp');
    await assert.rejects(mailer.kind === 'smtp' ? mailer.send(MAIL) : Promise.resolve(), { code: 'mail.refused' });
    assert.deepEqual(server.taken, []);
    assert.match(server.clear(), /EHLO/);
    assert.doesNotMatch(server.clear(), /MAIL/);
  });

  it('reads what earlier releases stored, and takes the usual port where none is given', async () => {
    server = await startMailServer({ identity: good });
    const read = (more: object) => readMail({ mailHost: 'mail.example', mailFrom: 'a@b.cd', ...more });
    const shapeOf = (more: object) => {
      const found = read(more);
      if (found instanceof Fault || found.kind === 'log') return found;
      return [found.port, found.secure];
    };
    assert.deepEqual(shapeOf({ mailPort: '465', mailSecure: true }), [465, true]);
    assert.deepEqual(shapeOf({ mailPort: 25, mailSecure: false }), [25, false]);
    assert.deepEqual(shapeOf({ mailPort: '465', mailSecure: 'true' }), [465, true]);
    assert.deepEqual(shapeOf({ mailPort: '${SMTP_PORT}', mailSecure: '${SMTP_SECURE}' }), [587, false]);
    assert.deepEqual(shapeOf({ mailPort: '', mailSecure: '' }), [587, false]);
    assert.deepEqual(shapeOf({}), [587, false]);
    for (const bad of [{ mailPort: '0' }, { mailPort: 'smtp' }, { mailSecure: 'yes' }])
      assert.equal((read(bad) as Fault).code, 'config.invalid', JSON.stringify(bad));
  });
});
