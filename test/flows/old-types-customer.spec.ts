// An own flow of an earlier release that knew customers by fifteen nodes is read as the five of today.
import assert from 'node:assert/strict';
import { Fault } from '@tapcase/domain';
import { asNow } from '../../host/flows/old-types.ts';
import { tapcaseCustomer } from '../../nodes/node-red-contrib-tapcase/src/customer/customer/contract.ts';
import { tapcaseMail } from '../../nodes/node-red-contrib-tapcase/src/customer/mail/contract.ts';
import { tapcaseReply } from '../../nodes/node-red-contrib-tapcase/src/customer/reply/contract.ts';
import { tapcaseView } from '../../nodes/node-red-contrib-tapcase/src/customer/view/contract.ts';
import { webPush } from '../../nodes/node-red-contrib-tapcase/src/customer/web-push/contract.ts';

const CONTRACTS = [tapcaseCustomer, tapcaseMail, tapcaseReply, tapcaseView, webPush];
/** What the old one stored, and what it is now. */
const ROWS: readonly (readonly [old: string, stored: object, now: string, means: object])[] = [
  ['customer-check', { ledger: 'l', sessions: 's' }, 'tapcase-customer', { step: 'who', ledger: 'l', sessions: 's' }],
  ['customer-code', { ledger: 'l', sessions: 's' }, 'tapcase-customer', { step: 'code', ledger: 'l', sessions: 's' }],
  ['customer-sign-in', { ledger: 'l', sessions: 's' }, 'tapcase-customer', { step: 'sign-in', sessions: 's' }],
  ['customer-sign-out', { sessions: 's' }, 'tapcase-customer', { step: 'sign-out', ledger: '', sessions: 's' }],
  ['me-view', { ledger: 'l', vapid: 'v' }, 'tapcase-view', { what: 'me', ledger: 'l', vapid: 'v' }],
  ['case-view', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'case', ledger: 'l', shop: 's' }],
  ['visit-view', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'visit', ledger: 'l', shop: 's' }],
  ['visits-view', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'visits', ledger: 'l', shop: 's' }],
  ['visit-why', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'why', ledger: 'l', shop: 's' }],
  ['visit-live', { ledger: 'l', shop: 's' }, 'tapcase-view', { what: 'live', ledger: 'l', shop: 's' }],
  [
    'picture-view',
    { ledger: 'l', store: 'p', audience: 'staff' },
    'tapcase-view',
    { what: 'pictures', ledger: 'l', store: 'p', audience: 'staff' },
  ],
  ['push-send', { ledger: 'l', vapid: 'v', shop: 's' }, 'web-push', { step: 'send', vapid: 'v', shop: 's' }],
  ['push-subscribe', { ledger: 'l', vapid: 'v' }, 'web-push', { step: 'subscribe', ledger: 'l', vapid: 'v' }],
  ['mail-send', { mailer: 'm' }, 'tapcase-mail', { mailer: 'm' }],
  ['api-fault', { code: 'case.busy' }, 'tapcase-reply', { code: 'case.busy' }],
];

describe('an own flow of an earlier release', () => {
  for (const [old, stored, now, means] of ROWS) {
    it(`has a ${old}: it is read as a ${now} that does the same, on the same wires`, () => {
      const wires = [['own.a'], ['own.b']];
      const node = asNow({ id: 'own.n', type: old, z: 'own', name: 'mine', ...stored, wires });
      assert.equal(node.type, now);
      assert.deepEqual(node.wires, wires);
      const config = CONTRACTS.find(({ type }) => type === now)!.parseConfig(node);
      assert.ok(!(config instanceof Fault), String(config));
      assert.deepEqual({ ...config, ...means }, config);
    });
  }
});
