// An own flow of an earlier release that knew customers by fifteen nodes is read as the five of today.
import assert from 'node:assert/strict';
import { Fault } from '@tapcase/domain';
import { referringNow } from '../../host/flows/moved-settings.ts';
import { asNow } from '../../host/flows/old-types.ts';
import { tapcaseCustomer } from '../../nodes/node-red-contrib-tapcase/src/customer/customer/contract.ts';
import { tapcaseMail } from '../../nodes/node-red-contrib-tapcase/src/customer/mail/contract.ts';
import { tapcaseReply } from '../../nodes/node-red-contrib-tapcase/src/customer/reply/contract.ts';
import { tapcaseView } from '../../nodes/node-red-contrib-tapcase/src/customer/view/contract.ts';
import { webPush } from '../../nodes/node-red-contrib-tapcase/src/customer/web-push/contract.ts';

const CONTRACTS = [tapcaseCustomer, tapcaseMail, tapcaseReply, tapcaseView, webPush];
const [SESSIONS, VAPID, SHOP] = ['config.sessions', 'config.vapid', 'config.shop'];
/** What the old one stored, and what it is now. */
const ROWS: readonly (readonly [old: string, stored: object, now: string, means: object])[] = [
  ['customer-check', { ledger: 'l', sessions: SESSIONS }, 'tapcase-customer', { step: 'who', ledger: 'l', shop: SHOP }],
  ['customer-code', { ledger: 'l', sessions: SESSIONS }, 'tapcase-customer', { step: 'code', ledger: 'l', shop: SHOP }],
  ['customer-sign-in', { ledger: 'l', sessions: SESSIONS }, 'tapcase-customer', { step: 'sign-in', shop: SHOP }],
  ['customer-sign-out', { sessions: SESSIONS }, 'tapcase-customer', { step: 'sign-out', ledger: '', shop: SHOP }],
  ['me-view', { ledger: 'l', vapid: VAPID }, 'tapcase-view', { what: 'me', ledger: 'l', shop: SHOP }],
  ['case-view', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'case', ledger: 'l', shop: 's' }],
  ['visit-view', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'visit', ledger: 'l', shop: 's' }],
  ['visits-view', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'visits', ledger: 'l', shop: 's' }],
  ['visit-why', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'why', ledger: 'l', shop: 's' }],
  ['visit-live', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'live', ledger: 'l', shop: 's' }],
  [
    'picture-view',
    { ledger: 'l', store: 'config.pictures', audience: 'staff' },
    'tapcase-view',
    { what: 'pictures', ledger: 'l', audience: 'staff' },
  ],
  ['push-send', { ledger: 'l', vapid: VAPID, shop: 's' }, 'web-push', { step: 'send', shop: 's' }],
  ['push-subscribe', { ledger: 'l', vapid: VAPID }, 'web-push', { step: 'subscribe', ledger: 'l', shop: SHOP }],
  ['mail-send', { mailer: 'config.mailer' }, 'tapcase-mail', { shop: SHOP }],
  ['api-fault', { code: 'case.busy' }, 'tapcase-reply', { code: 'case.busy' }],
];

describe('an own flow of an earlier release', () => {
  for (const [old, stored, now, means] of ROWS) {
    it(`has a ${old}: it is read as a ${now} that does the same, on the same wires`, () => {
      const wires = [['own.a'], ['own.b']];
      const node = referringNow(asNow({ id: 'own.n', type: old, z: 'own', name: 'mine', ...stored, wires }));
      assert.equal(node.type, now);
      assert.deepEqual(node.wires, wires);
      const config = CONTRACTS.find(({ type }) => type === now)!.parseConfig(node);
      assert.ok(!(config instanceof Fault), String(config));
      assert.deepEqual({ ...config, ...means }, config);
    });
  }
});
