// Where an own tab may wait for requests: below /own/, and by no pattern that could reach further or take long to try.
import assert from 'node:assert/strict';
import type { FlowNode } from '../../host/flows/node.ts';
import { wrongPath } from '../../host/flows/paths.ts';

const input = (url: unknown, more: object = {}): FlowNode => ({
  id: 'in',
  type: 'http in',
  method: 'get',
  url,
  ...more,
});
const socket = (path: string, more: object = {}): FlowNode => ({
  ...{ id: 'ws', type: 'websocket-listener', path, wholemsg: 'false' },
  ...more,
});

describe('an HTTP input of an own tab', () => {
  for (const url of [
    '/own/mine',
    '/own/cases/:case',
    '/own/cases/:case/door.json',
    '/own/*',
    '/own/a/*',
    '/own/a_b~c-1/',
  ]) {
    it(`may wait for ${url}`, () => assert.equal(wrongPath(input(url)), undefined));
  }

  for (const url of [
    ...[
      '/api/me',
      '/mine',
      'own/mine',
      '/OWN/mine',
      '/own',
      '/own/',
      '',
      '*',
      '/*',
      '/:any',
      '/:own/mine',
      '//own/mine',
    ],
    ...['/(.*)', '/mine/(', '/own/(', '/own/(.*)|/api/me', '/own/(a+)+', '/own/a?', '/own/a+', '/own/*/*', '/own/a*b'],
    ...[
      '/own/:a:b',
      '/own/:a-:b',
      '/own/:a(\\\\d+)',
      '/own/../api/me?',
      '/own/%2e',
      '/own//x',
      '${MY_PATH}',
      undefined,
      7,
    ],
  ]) {
    it(`may not wait for ${JSON.stringify(url)}`, () => assert.equal(wrongPath(input(url))?.code, 'flows.own-path'));
  }

  it('that is disabled waits for nothing', () => assert.equal(wrongPath(input('/api/me', { d: true })), undefined));

  it('with a thousand stars or segments is answered at once', () => {
    assert.equal(wrongPath(input(`/own/${'*'.repeat(10_000)}!`))?.code, 'flows.own-path');
    assert.equal(wrongPath(input(`/own${'/a'.repeat(10_000)}!`))?.code, 'flows.own-path');
  });
});

describe('a socket of an own tab', () => {
  it('is below /own/ too, and takes no whole messages', () => {
    assert.equal(wrongPath(socket('/own/live')), undefined);
    assert.equal(wrongPath(socket('/editor/comms'))?.code, 'flows.own-path');
    assert.equal(wrongPath(socket('/live'))?.code, 'flows.own-path');
    assert.equal(wrongPath(socket('/own/live', { wholemsg: 'true' }))?.code, 'flows.own-path');
    assert.equal(wrongPath({ id: 'x', type: 'function', path: '/api', url: '/api' }), undefined);
  });
});
