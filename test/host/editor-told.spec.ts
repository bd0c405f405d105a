// What the editor tells whoever may not see money: amounts stand in nodes' statuses, and a debug node shows whole messages.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutMoney } from '../../host/editor-told.ts';

const CORE = join(import.meta.dirname, '../../flows/core');

describe('the editor, for whoever may not see money', () => {
  const types: Readonly<Record<string, string>> = { a: 'stripe-capture', b: 'mqtt in', c: 'function' };
  const told = (...all: object[]) => {
    const frame = withoutMoney(JSON.stringify(all), (id) => types[id]);
    return frame === undefined ? undefined : (JSON.parse(frame) as unknown);
  };
  const status = (id: string, text: string) => ({ topic: `status/${id}`, data: { fill: 'green', shape: 'dot', text } });

  it('shows that a node did something, and in words only where it is about devices', () => {
    assert.deepEqual(told(status('a', '$3.40'), status('b', 'connected'), status('c', '$3'), status('gone', '$3')), [
      status('a', ''),
      status('b', 'connected'),
      status('c', ''),
      status('gone', ''),
    ]);
    assert.deepEqual(told({ topic: 'status/a', data: {} }), [{ topic: 'status/a', data: { text: '' } }]);
  });

  it('is heard of these nodes of the shop as shipped, and of no other: none tells what was taken or what a bank said', () => {
    const nodes = globSync('*.json', { cwd: CORE }).flatMap((file) => nodesOf(readFileSync(join(CORE, file), 'utf8')));
    const typeOf = (id: string) => nodes.find((node) => node.id === id)?.type;
    const heard = nodes.filter(({ id }) => withoutMoney(JSON.stringify([status(id, '$3')]), typeOf)?.includes('$3'));
    assert.deepEqual([...new Set(heard.map(({ type }) => type))].sort(), [
      ...['hmac-sign', 'hmac-verify', 'mqtt in', 'mqtt out'],
      ...['tapcase-firmware', 'tapcase-outbox', 'tapcase-record'],
    ]);
  });

  it('shows no message of a debug node; the rest as it is', () => {
    const rest = [
      { topic: 'notification/runtime-state', data: { state: 'start' } },
      { topic: 'hb', data: 1 },
    ];
    assert.deepEqual(told({ topic: 'debug', data: { msg: 'all of it' } }, ...rest), rest);
    assert.equal(told({ topic: 'debug', data: {} }), undefined);
    const ok = '{"auth":"ok"}';
    assert.equal(
      withoutMoney(ok, () => undefined),
      ok,
    );
  });
});

function nodesOf(file: string): readonly { readonly id: string; readonly type: string }[] {
  const all: unknown = JSON.parse(file);
  return Array.isArray(all) ? all : [];
}
