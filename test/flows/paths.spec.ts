// Which HTTP inputs share a request: an own tab must not take one of the shop's.
import assert from 'node:assert/strict';
import type { FlowNode } from '../../host/flows/node.ts';
import { sharedWith } from '../../host/flows/paths.ts';

const input = (method: string, url: string, more: object = {}): FlowNode => ({
  ...{ id: `${method} ${url}`, type: 'http in', method, url },
  ...more,
});
const CORE = [input('get', '/api/visits/:id'), input('post', '/api/cases/:case/unlock'), input('get', '/api/me')];

describe('an HTTP input of an own tab', () => {
  for (const [method, url, shared] of [
    ['get', '/api/me', '/api/me'],
    ['get', 'API//ME/', '/api/me'],
    ['get', '/api/visits/:visit', '/api/visits/:id'],
    ['get', '/api/visits/today', '/api/visits/:id'],
    ['get', '/api/*', '/api/visits/:id'],
    ['get', '/:any/me', '/api/me'],
    ['post', '/api/cases/123/unlock', '/api/cases/:case/unlock'],
    ['post', '/api/me', '/api/visits/:id'],
    ['get', '/api/meals', '/api/visits/:id'],
    ['get', '/api/visits/1/photo', '/api/visits/:id'],
    ['get', '/mine', undefined],
    ['get', '/my/api/me', undefined],
    ['get', '', undefined],
  ] as const) {
    it(`${method} ${url || '(nothing)'} ${shared === undefined ? 'is its own' : `shares a request with ${shared}`}`, () => {
      assert.equal(sharedWith(input(method, url), CORE)?.url, shared);
    });
  }

  it('that is disabled takes nothing', () => {
    assert.equal(sharedWith(input('get', '/api/me', { d: true }), CORE), undefined);
  });

  it('with a thousand stars is answered at once', () => {
    assert.equal(sharedWith(input('get', `/${'*'.repeat(1_000)}!`), CORE), undefined);
    assert.equal(sharedWith(input('get', `/${'*'.repeat(1_000)}`), CORE)?.url, '/api/visits/:id');
  });
});
