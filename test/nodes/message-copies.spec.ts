// What leaves a node of ours is the receiver's own: whatever a flow does to it, prices, caches and other branches stay.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { copyMessage, defineNode } from '@tapcase/define-node';
import catalogNode from '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import shopNode from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import visitOpen from '../../nodes/node-red-contrib-tapcase/src/visit/visit-open/visit-open.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { within } from '../patience.ts';
import { bench, helper, type Message, type NodeModule, withRuntime } from './harness.ts';

const functionNode = createRequire(import.meta.url)('@node-red/nodes/core/function/10-function.js') as NodeModule;
const ON_TAB = { z: 'tab', x: 0, y: 0 };
const CASE = '123';
const COLA_MINOR = 200;

/** What an operator writes who wants to give ten percent off, and who does not know whose object that is. */
const TEN_PERCENT_OFF = `
  for (const product of msg.case.catalog.products) product.priceMinor = Math.round(product.priceMinor * 0.9);
  return msg;`;

describe('a message that leaves a node', () => {
  withRuntime();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-'));
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes the discount of a function behind it once per message, and the catalog keeps its prices', async () => {
    await helper.load(
      [ledgerNode, catalogNode, shopNode, functionNode, visitOpen],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        // Nothing has been heard of the case, so both leave by their third output.
        { id: 'discounted', type: 'tapcase-visit-open', ...ON_TAB, ...SHOP, wires: [[], [], ['ten-percent']] },
        { id: 'ten-percent', type: 'function', ...ON_TAB, func: TEN_PERCENT_OFF, outputs: 1, wires: [['cheap']] },
        { id: 'cheap', type: 'helper', ...ON_TAB, wires: [] },
        { id: 'plain', type: 'tapcase-visit-open', ...ON_TAB, ...SHOP, wires: [[], [], ['dear']] },
        { id: 'dear', type: 'helper', ...ON_TAB, wires: [] },
        { id: 'the-ledger', type: 'tapcase-ledger', file: join(folder, 'ledger.db') },
        { id: 'the-catalog', type: 'tapcase-catalog', ...DEMO },
        { id: 'the-shop', type: 'tapcase-shop', catalog: 'the-catalog', cases: [CASE_ROW] },
      ],
      {},
      () => {},
    );
    const prices = [];
    for (let n = 0; n < 3; n += 1) prices.push(await priceThrough('discounted', 'cheap'));
    assert.deepEqual(prices, [180, 180, 180]);
    assert.equal(await priceThrough('plain', 'dear'), COLA_MINOR);
  });

  it('shares nothing with what a node holds, nor with its other messages', async () => {
    const held = { rows: [{ price: 200 }], picture: Buffer.from('jpeg') };
    const node = defineNode({
      type: 'holder',
      outputs: ['first', 'second'],
      parseConfig: () => ({}),
      parseMessage: (raw) => raw,
      build: () => () => [
        { to: 'first', add: { held } },
        { to: 'second', add: { held } },
      ],
    });
    const { collect } = await bench({ node: { id: 'n', type: 'holder' }, outputs: 2, modules: [node] });
    const messages = (await collect({ payload: { deep: [1] } }, 2)).map(({ message }) => message);
    const [first, second] = messages as unknown as [Held, Held];
    first.held.rows[0]!.price = 1;
    first.held.picture.fill(0);
    first.payload.deep.push(2);
    assert.deepEqual(second.held, { rows: [{ price: 200 }], picture: Buffer.from('jpeg') });
    assert.deepEqual(held, { rows: [{ price: 200 }], picture: Buffer.from('jpeg') });
    assert.deepEqual(second.payload, { deep: [1] });
  });

  it('takes the connection of its caller along as it is, so that the answer finds the phone', async () => {
    const res = { send: () => 'sent' };
    const { send } = await bench({ node: { id: 'n', type: 'pass' }, outputs: 1, modules: [pass] });
    assert.equal((await send({ req: { body: { a: 1 } }, res })).message.res, res);
  });

  it('that is nested without end becomes a fault, and the node lives on', async () => {
    const { send } = await bench({ node: { id: 'n', type: 'pass' }, outputs: 1, modules: [pass] });
    const deep = JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`) as unknown;
    const fault = await send({ deep });
    assert.deepEqual([fault.kind, fault.kind === 'fault' && fault.code], ['fault', 'message.too-deep']);
    assert.equal((await send({ payload: 1 })).kind, 'output');
  });
});

describe('a copy', () => {
  it('copies plain objects, also those of a function node’s realm, lists, maps, sets, dates and bytes', () => {
    const foreign = runInContext('({ list: [{ n: 1 }], when: new Date(7) })', createContext({})) as ForeignFields;
    const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const given = { foreign, map: new Map([['k', { n: 1 }]]), set: new Set([1]), bytes, none: Object.create(null) };
    const copy = copyMessage(given);
    foreign.list[0]!.n = 2;
    foreign.when.setTime(0);
    given.map.get('k')!.n = 2;
    given.set.add(2);
    bytes.fill(9);
    assert.deepEqual(copy.foreign.list, [{ n: 1 }]);
    assert.equal(copy.foreign.when.getTime(), 7);
    assert.deepEqual([copy.map.get('k'), [...copy.set], [...copy.bytes]], [{ n: 1 }, [1], [2, 3]]);
    assert.equal(copy.bytes.buffer.byteLength, 2);
    assert.equal(Object.getPrototypeOf(copy.none), null);
  });

  it('leaves functions, errors and instances of classes as they are: a copied socket is none', () => {
    class Socket {
      readonly open = true;
    }
    const given = { socket: new Socket(), close: () => {}, error: new Error('x'), pattern: /x/ };
    const copy = copyMessage(given);
    for (const name of ['socket', 'close', 'error', 'pattern'] as const) assert.equal(copy[name], given[name], name);
  });

  it('keeps circles, and what is met twice is one thing in the copy too', () => {
    const twice = { n: 1 };
    const given: Message = { a: twice, b: twice };
    given.self = { given: [given.a], up: null as unknown };
    (given.self as Message).up = given.self;
    const copy = copyMessage(given);
    assert.equal(copy.a, copy.b);
    assert.notEqual(copy.a, twice);
    assert.equal((copy.self as Message).up, copy.self);
  });

  it('gives what is frozen free, and takes a key named __proto__ for a key', () => {
    const frozen = copyMessage(Object.freeze({ list: Object.freeze([1]) }));
    (frozen.list as number[]).push(2);
    assert.deepEqual(frozen.list, [1, 2]);
    // Test tools put accessors on the prototype of all objects; a table may have a column of that name.
    const inherited = Object.assign(Object.create(null) as object, { should: 'be a column', valueOf: 1 });
    assert.deepEqual({ ...copyMessage({ row: { ...inherited } }).row }, { should: 'be a column', valueOf: 1 });
    const hostile = copyMessage({ body: JSON.parse('{"__proto__":{"admin":true}}') as Message });
    assert.equal(hostile.body.admin, undefined);
    assert.ok(Object.hasOwn(hostile.body, '__proto__'));
  });
});

const CASE_ROW = { id: CASE, name: 'Lobby', holdMinor: 1000, visionWaitMs: 5_000, offlineAfterMs: 180_000 };
const SHOP = { ledger: 'the-ledger', shop: 'the-shop' };

interface Held {
  readonly held: { readonly rows: { price: number }[]; readonly picture: Buffer };
  readonly payload: { readonly deep: number[] };
}
interface ForeignFields {
  readonly list: { n: number }[];
  readonly when: Date;
}

const pass = defineNode({
  type: 'pass',
  outputs: ['passed'],
  parseConfig: () => ({}),
  parseMessage: (raw) => raw,
  build: () => () => ({ to: 'passed' }),
});

/** What the cola costs in the message that `through` makes and `listener` hears. */
async function priceThrough(through: string, listener: string): Promise<number | undefined> {
  const heard = new Promise<Message>((resolve) => {
    helper.getNode(listener).once('input', resolve as never);
  });
  helper.getNode(through).receive({
    req: { params: { case: CASE }, headers: { 'content-type': 'application/json' } },
    customer: { id: 'customer-1' },
    payload: { requestId: 'tap-00000001', language: 'en' },
  });
  const message = (await within(`what ${listener} hears`, heard)) as { case?: { catalog: typeof DEMO } };
  return message.case?.catalog.products.find(({ sku }) => sku === 'cola')?.priceMinor;
}
