// What an operator set in config nodes that went into others: it still counts, and is written where it belongs now.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReferences } from '../../host/flows/credentials.ts';
import { planDeploy } from '../../host/flows/deploy.ts';
import { readFlowFiles } from '../../host/flows/disk.ts';
import { MOVED_SETTINGS, withMovedSettings } from '../../host/flows/moved-settings.ts';
import { readShopFlows } from '../../host/flows/read.ts';

const CORE = readFlowFiles(join(import.meta.dirname, '..', '..', 'flows', 'core'));
const own = (overrides: object) => ({ core: CORE, own: { 'overrides.json': `${JSON.stringify(overrides)}\n` } });
const valuesOf = (id: string, overrides: object) =>
  readShopFlows(own(overrides)).nodes.find((node) => node.id === id)! as Readonly<Record<string, unknown>>;

describe('settings of config nodes that went into others', () => {
  it('count where they are now, each under its new name', () => {
    for (const [id, { into, as }] of Object.entries(MOVED_SETTINGS)) {
      for (const [was, now] of Object.entries(as)) {
        assert.equal(valuesOf(into, { [id]: { [was]: 'mine' } })[now], 'mine', `${id} ${was}`);
      }
    }
    const both = valuesOf('config.shop', { 'config.mailer': { host: 'mail.example' }, 'config.shop': { cases: [] } });
    assert.deepEqual([both.mailHost, both.cases, both.mailPort], ['mail.example', [], '${SMTP_PORT}']);
  });

  it('lose against what is set there already', () => {
    const overrides = {
      'config.shop': { publicUrl: 'https://a.example' },
      'config.sessions': { publicUrl: 'http://b' },
    };
    assert.equal(valuesOf('config.shop', overrides).publicUrl, 'https://a.example');
  });

  it('are written to where they are now by the next Deploy, with what has no place there left as it was', () => {
    const files = own({ 'config.mailer': { host: 'mail.example', name: 'Post' }, 'config.later': { limit: 1 } });
    const read = readShopFlows(files);
    const plan = planDeploy(read.nodes, read, files);
    assert.deepEqual(plan.coreWritten, []);
    assert.deepEqual(JSON.parse(plan.own['overrides.json']!), {
      'config.later': { limit: 1 },
      'config.mailer': { name: 'Post' },
      'config.shop': { mailHost: 'mail.example' },
    });
  });

  it('are carried over among credentials, typed or referred to, too', () => {
    const typed = { 'config.sessions': { sessionKey: 'k' }, 'config.vapid': { privateKey: 'p' }, other: { a: 'b' } };
    const carried = { 'config.shop': { sessionKey: 'k', pushPrivateKey: 'p' }, other: { a: 'b' } };
    assert.deepEqual(withMovedSettings(typed), carried);
    const folder = mkdtempSync(join(tmpdir(), 'tapcase-flows-'));
    try {
      mkdirSync(join(folder, 'own'));
      const references = { 'config.mailer': { password: '${MY_PASSWORD}' } };
      writeFileSync(join(folder, 'own', 'credentials.env.json'), JSON.stringify(references));
      assert.deepEqual(readReferences(folder), {
        'config.shop': { mailPassword: references['config.mailer'].password },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('lead to properties and credentials that the dialogs have', () => {
    const shop = join(import.meta.dirname, '../../nodes/node-red-contrib-tapcase/dist/shop');
    for (const { into, as } of Object.values(MOVED_SETTINGS)) {
      const name = into.replace('config.', '');
      const html = readFileSync(join(shop, name, `${name}.html`), 'utf8');
      for (const now of Object.values(as)) assert.match(html, new RegExp(`-input-${now}"`));
    }
  });
});
