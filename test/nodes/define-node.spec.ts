// The kit that nodes are made with, in a real Node-RED: contracts, typed inputs, defaults, migrations, status, texts.
import assert from 'node:assert/strict';
import {
  contract,
  defineConfigNode,
  defineNode,
  Fault,
  inEnglish,
  isContract,
  matching,
  phrase,
  says,
  shows,
  textTable,
  usePort,
  whole,
} from '@tapcase/define-node';
import { shortened } from '../../nodes/define-node/src/status.ts';
import { textsOf } from '../../nodes/define-node/src/texts.ts';
import { type Bench, type BenchSetup, bench, helper, type Message, type NodeModule, withRuntime } from './harness.ts';

const WEIGH = contract({
  type: 'weigh',
  category: 'tests',
  color: '#FFFFFF',
  icon: 'font-awesome/fa-balance-scale',
  version: 2,
  inputs: 1,
  outputs: ['weighed'],
  properties: {
    scale: { kind: 'ref', to: 'scale' },
    label: { kind: 'text', default: 'shelf', max: 10, is: /^[a-z ]+$/ },
    waitMs: { kind: 'number', default: 500, min: 100, max: 60_000, whole: true, unit: 'ms' },
    retry: { kind: 'flag', default: true },
    unit: { kind: 'choice', of: ['grams', 'ounces'], default: 'grams' },
    amount: {
      kind: 'typed',
      types: ['msg', 'num', 'env', 'flow', 'jsonata'],
      default: { type: 'msg', value: 'order.amount' },
      is: whole(1, 100),
    },
    note: {
      kind: 'typed',
      types: ['msg', 'str'],
      default: { type: 'msg', value: 'note' },
      is: matching(/^[a-z]{1,5}$/),
      optional: true,
    },
    zones: {
      kind: 'rows',
      max: 2,
      of: {
        name: { kind: 'text', default: '' },
        grams: { kind: 'number', default: 1, min: 0, max: 9, unit: 'g' },
        on: { kind: 'flag', default: true },
      },
    },
  },
  // Version 1 counted its retries.
  migrate: { 1: ({ retries, ...old }) => ({ ...old, retry: retries !== 0 }) },
});

const weigh = defineNode({
  ...WEIGH,
  parseMessage: (raw) => raw,
  build: (config) => async (_message, raw) => {
    const { amount, note, ...plain } = config;
    return { to: 'weighed', add: { amount: await amount(raw), note: await note(raw), plain } };
  },
});

/** Stops the one before: a test may ask several. */
async function fresh(setup: BenchSetup): Promise<Bench> {
  await helper.unload();
  return bench(setup);
}

const AS_NEW = { scale: '', label: 'shelf', waitMs: 500, retry: true, unit: 'grams', zones: [] };

async function weighed(saved: object, message: object = { order: { amount: 7 } }): Promise<Message> {
  const { send } = await fresh({ node: { id: 'n', type: 'weigh', ...saved }, outputs: 1, modules: [weigh] });
  const outcome = await send(message);
  return outcome.kind === 'output' ? outcome.message : { fault: outcome.code, said: saidIn(outcome.message) };
}

function saidIn(message: Message): string {
  // Node-RED writes an error's name before its message.
  return (message.error as { message: string }).message.replace(/^Fault: /, '');
}

describe('a node made from a contract', () => {
  withRuntime();

  it('has its defaults where a saved node lacks a property, whoever wrote it', async () => {
    assert.deepEqual((await weighed({})).plain, AS_NEW);
    assert.deepEqual((await weighed({ version: 2, waitMs: '', retry: false })).plain, { ...AS_NEW, retry: false });
  });

  it('reads what the editor saves: numbers as text, rows of text, words of environment variables', async () => {
    const saved = {
      waitMs: ' 750 ',
      unit: 'ounces',
      zones: [{ name: 'top', grams: '2.5' }],
      version: 2,
      retry: 'false',
    };
    assert.deepEqual((await weighed(saved)).plain, {
      ...AS_NEW,
      waitMs: 750,
      retry: false,
      unit: 'ounces',
      zones: [{ name: 'top', grams: 2.5, on: true }],
    });
  });

  it('turns a node of an earlier version into one of today, and refuses one of tomorrow', async () => {
    assert.deepEqual((await weighed({ retries: 0 })).plain, { ...AS_NEW, retry: false });
    assert.deepEqual((await weighed({ retries: 0, version: 2 })).plain, AS_NEW);
    assert.equal((await weighed({ version: 3 })).fault, 'config.too-new');
    for (const version of [0, 1.5, '2', null]) {
      assert.equal((await weighed({ version })).fault, version === null ? undefined : 'config.invalid');
    }
  });

  it('names the property that is not right, and lives on to say so', async () => {
    const wrong = {
      label: 'SHELF',
      waitMs: '99',
      unit: 'stones',
      retry: 'perhaps',
      amountType: 'global',
      zones: [{}, {}, {}],
    };
    for (const [name, value] of Object.entries(wrong)) {
      const { fault, said } = await weighed({ version: 2, [name]: value });
      assert.equal(fault, 'config.invalid', name);
      assert.match(String(said), new RegExp(`^${name.replace('Type', '')}`), name);
    }
    const { said } = await weighed({ version: 2, zones: [{ grams: 1 }, { grams: '10' }] });
    assert.match(String(said), /^zones\[1\]\.grams: wants a number from 0 to 9 g/);
  });

  it('takes a value from the message, a number, an environment variable, the flow’s context or an expression', async () => {
    process.env.TEST_AMOUNT = '42';
    try {
      const read = async (amount: string, amountType: string, message: object = {}) =>
        (await weighed({ version: 2, amount, amountType }, message)).amount;
      assert.equal((await weighed({ version: 2 })).amount, 7);
      assert.equal(await read('payload.n', 'msg', { payload: { n: 3 } }), 3);
      assert.equal(await read('12', 'num'), 12);
      assert.equal(await read('TEST_AMOUNT', 'env'), 42);
      assert.equal(await read('payload.a + payload.b', 'jsonata', { payload: { a: 2, b: 3 } }), 5);
      const { send, node } = await fresh({
        node: { id: 'n', type: 'weigh', version: 2, amount: 'kept', amountType: 'flow' },
        outputs: 1,
        modules: [weigh],
      });
      (node('n') as unknown as Contextual).context().flow.set('kept', 9);
      assert.equal((await send({})).message.amount, 9);
    } finally {
      delete process.env.TEST_AMOUNT;
    }
  });

  it('says where it looked when a value is not there, is not right or cannot be read', async () => {
    const cases: readonly (readonly [object, object, RegExp])[] = [
      [{}, {}, /^msg\.order\.amount: wants a whole number from 1 to 100/],
      [{}, { order: { amount: '7' } }, /^msg\.order\.amount/],
      [{ amount: '101', amountType: 'num' }, {}, /^amount \(num\): wants/],
      [{ amount: 'NOT_SET_ANYWHERE', amountType: 'env' }, {}, /^amount \(env\): wants/],
      [{ amount: 'payload.(', amountType: 'jsonata' }, {}, /^amount \(jsonata\): cannot be read/],
    ];
    for (const [saved, message, said] of cases) {
      const answer = await weighed({ version: 2, ...saved }, message);
      assert.equal(answer.fault, 'weigh.bad-property', JSON.stringify([saved, message]));
      assert.match(String(answer.said), said);
    }
  });

  it('takes nothing for nothing where a value may be absent, and only there', async () => {
    const order = { amount: 7 };
    for (const note of [undefined, null, ''])
      assert.equal((await weighed({ version: 2 }, { order, note })).note, undefined);
    assert.equal((await weighed({ version: 2 }, { order, note: 'ripe' })).note, 'ripe');
    assert.equal((await weighed({ version: 2 }, { order, note: 7 })).fault, 'weigh.bad-property');
  });
});

describe('a property', () => {
  const { parseConfig } = contract({
    type: 'p',
    category: 'config',
    properties: {
      threshold: { kind: 'number', min: 0, max: 1 },
      folder: { kind: 'text', default: '${TEST_NOT_SET}', is: /^\/\w+$/ },
      records: { kind: 'choice', of: ['', 'true', 'false'], default: '' },
      limit: { kind: 'number', default: 5, min: 0, max: 9, unit: 'kg' },
    },
  });
  const AS_NEW = { threshold: undefined, folder: '', records: '', limit: 5 };

  it('is undefined where a number has no default, and no more than empty where a variable is not set', () => {
    assert.deepEqual(parseConfig({}), AS_NEW);
    assert.deepEqual(parseConfig({ threshold: ' ', limit: '' }), AS_NEW);
    const unset = '${TEST_NOT_SET}';
    assert.deepEqual(parseConfig({ threshold: unset, folder: unset, records: unset, limit: unset }), AS_NEW);
    assert.deepEqual(parseConfig({ threshold: '0.5', folder: ' /ring ' }), {
      ...AS_NEW,
      threshold: 0.5,
      folder: '/ring',
    });
  });

  it('that was a flag once is read as the choice it has become', () => {
    assert.deepEqual(parseConfig({ records: true }), { ...AS_NEW, records: 'true' });
    assert.deepEqual(parseConfig({ records: false }), { ...AS_NEW, records: 'false' });
  });

  it('says what is wrong with it in words that a catalog can translate', () => {
    const { message, details } = parseConfig({ limit: 10 }) as Fault;
    assert.equal(message, 'limit: wants a number from 0 to 9 kg');
    const problem = phrase('wants a number from __min__ to __max__', { min: 0, max: '9 kg' });
    assert.deepEqual(details, { where: 'limit', problem });
  });
});

describe('a contract', () => {
  const shape = { type: 't', category: 'config' } as const;

  it('is known as one, and gives the editor its defaults', () => {
    assert.ok(isContract(WEIGH));
    assert.ok(!isContract({ properties: {} }));
    assert.deepEqual(WEIGH.defaults, {
      name: { value: '' },
      scale: { value: '', type: 'scale', required: false },
      label: { value: 'shelf' },
      waitMs: { value: 500 },
      retry: { value: true },
      unit: { value: 'grams' },
      amount: { value: 'order.amount' },
      amountType: { value: 'msg' },
      note: { value: 'note' },
      noteType: { value: 'msg' },
      zones: { value: [] },
      version: { value: 2 },
    });
  });

  it('that cannot hold is refused when the palette loads', () => {
    assert.throws(() => contract({ ...shape, properties: { wires: { kind: 'flag', default: true } } }), TypeError);
    assert.throws(() => contract({ ...shape, version: 2, properties: {} }), /no migration from version 1/);
    assert.throws(
      () => contract({ ...shape, properties: { c: { kind: 'choice', of: ['a'], default: 'b' } } }),
      /no such choice/,
    );
    const step = { kind: 'choice', of: ['a', 'b'], default: 'a' } as const;
    const flag = { kind: 'flag', default: true, only: { step: ['c'] } } as const;
    assert.throws(() => contract({ ...shape, properties: { step, flag } }), /beside what step never is/);
    const ref = { kind: 'ref', to: 'weigh', required: true, only: { step: ['a'] } } as const;
    assert.throws(() => contract({ ...shape, properties: { step, ref } }), /cannot be required/);
    const late = { kind: 'flag', default: true, only: { step: 'given' } } as const;
    assert.throws(() => contract({ ...shape, properties: { step, late } }), /beside what step never is/);
    assert.throws(() => contract({ ...shape, calledBy: ['on'], properties: {} }), /cannot be called by on/);
    const earlier = { properties: ['charge'], until: 'policy' } as const;
    assert.throws(() => contract({ ...shape, earlier, properties: { step } }), /policy is no config node/);
    const policy = { kind: 'ref', to: 'policy' } as const;
    const charge = { kind: 'flag', default: true } as const;
    assert.throws(
      () => contract({ ...shape, earlier, properties: { policy, charge } }),
      /charge is not only of an earlier/,
    );
    const secret = { kind: 'secret', env: '' } as const;
    assert.throws(() => contract({ ...WEIGH, version: 1, properties: { key: secret } }), /belongs in a config node/);
    const typed = { kind: 'typed', types: ['str'], default: { type: 'str', value: '' }, is: whole(0, 1) } as const;
    assert.throws(() => contract({ ...shape, properties: { typed } }), /sees no message/);
  });

  it('checks a table of texts for names, lengths and number', () => {
    const { read } = textTable({ entries: 2, name: 3, text: 4 });
    assert.deepEqual(read({ a: 'text', bcd: '' }), { a: 'text', bcd: '' });
    for (const bad of [{ abcd: '' }, { a: 'texts' }, { a: 1 }, { a: '', b: '', c: '' }, [], null, 'x', undefined]) {
      assert.equal(read(bad), undefined, JSON.stringify(bad));
    }
  });
});

describe('a config node made from a contract', () => {
  withRuntime();
  const opened: unknown[] = [];
  const scale = defineConfigNode({
    ...contract({
      type: 'scale',
      category: 'config',
      properties: {
        folder: { kind: 'text', default: '${TEST_SCALE_FOLDER}' },
        port: { kind: 'number', default: 8080, min: 1, max: 65_535, whole: true, unit: '' },
        key: { kind: 'secret', env: 'TEST_SCALE_KEY' },
      },
    }),
    open: ({ port, folder }, secret) => {
      opened.push([port, folder, secret('key')]);
      return { port };
    },
  });
  const reader: NodeModule = (RED) =>
    defineNode({
      type: 'reader',
      outputs: ['read'],
      parseConfig: () => ({}),
      parseMessage: (raw) => raw,
      build: () => () => ({ to: 'read', add: { port: usePort<{ port: number }>(RED, 'the-scale', 'scale').port } }),
    })(RED);

  it('fills in what is missing, also the variables that its defaults and its secret name', async () => {
    process.env.TEST_SCALE_KEY = 'from the environment';
    process.env.TEST_SCALE_FOLDER = '/scales';
    try {
      const { send } = await fresh({
        node: { id: 'n', type: 'reader' },
        outputs: 1,
        modules: [scale, reader],
        configNodes: [{ id: 'the-scale', type: 'scale' }],
      });
      assert.equal((await send({})).message.port, 8080);
      assert.deepEqual(opened, [[8080, '/scales', 'from the environment']]);
    } finally {
      delete process.env.TEST_SCALE_KEY;
      delete process.env.TEST_SCALE_FOLDER;
    }
  });
});

describe('a node without a contract', () => {
  withRuntime();
  // Nobody has set it: it stays, as it does in a saved node.
  const UNSET = '${TEST_PLACE}';
  const LIST = { value: [] as string[] };
  const node = defineNode({
    type: 'plain',
    outputs: ['passed'],
    defaults: {
      name: { value: '' },
      kind: { value: 'frames' },
      list: LIST,
      off: { value: true },
      place: { value: '${TEST_PLACE}' },
    },
    parseConfig: (raw) => raw as Message,
    parseMessage: (raw) => raw,
    build:
      ({ kind, list, off, place }) =>
      () => ({ to: 'passed', add: { config: { kind, list, off, place } } }),
  });
  const configOf = async (saved: object) => {
    const { send } = await fresh({ node: { id: 'n', type: 'plain', ...saved }, outputs: 1, modules: [node] });
    return (await send({})).message.config;
  };

  it('has its defaults where a saved node lacks a property, and keeps what is empty or false', async () => {
    assert.deepEqual(await configOf({}), { kind: 'frames', list: [], off: true, place: UNSET });
    assert.deepEqual(await configOf({ kind: '', off: false }), { kind: '', list: [], off: false, place: UNSET });
  });
});

describe('a status', () => {
  withRuntime();

  it('shows a code whole, however long it is', async () => {
    for (const code of [
      'config.missing-node-of-a-very-long-name',
      'config.missing-node-of-a-very-long-name 17',
      'payment_intent_authentication_failure',
      'payment_intent.amount_capturable_updated',
    ]) {
      assert.equal(shortened(code), code);
    }
    const failing = defineNode({
      type: 'failing',
      outputs: [],
      parseConfig: () => new Fault('config.invalid-beyond-twenty', 'no'),
      parseMessage: (raw) => raw,
      build: () => () => undefined,
    });
    const { send, node } = await fresh({ node: { id: 'n', type: 'failing' }, outputs: 0, modules: [failing] });
    const shown: unknown[] = [];
    node('n').on('call:status', ((call: { firstArg: { text: string } }) => shown.push(call.firstArg.text)) as never);
    assert.equal((await send({})).kind, 'fault');
    assert.deepEqual([...new Set(shown)], ['config.invalid-beyond-twenty']);
  });

  it('shortens other texts at a word, and says that they go on', () => {
    const texts = {
      '': '',
      'exactly twenty chars': 'exactly twenty chars',
      'just beyond the twenty': 'just beyond the…',
      'a word that ends here and': 'a word that ends…',
      'nineteen characters now': 'nineteen characters…',
      Donaudampfschifffahrtsgesellschaft: 'Donaudampfschifffah…',
    };
    for (const [text, shown] of Object.entries(texts)) {
      assert.equal(shortened(text), shown);
      assert.ok(shown.length <= 20);
    }
  });
});

describe('texts', () => {
  /** As Node-RED answers: the text, or the default, or the key with its namespace in front. */
  const RED = (texts: Readonly<Record<string, string>>) =>
    ({
      _: (key: string, { defaultValue }: { readonly defaultValue?: string } = {}) =>
        texts[key] ?? defaultValue ?? `palette/weigh:${key}`,
    }) as never;

  it('are those of the node’s catalog, a fault’s with its details; without one they stay as they are', () => {
    const fault = new Fault('scale.unread', 'the scale is silent', { where: 'shelf 2' });
    const spanish = textsOf(
      RED({
        'weigh.status.weighing': 'pesando',
        'weigh.status.__n__ left of __what__': 'de __what__ quedan __n__',
        'weigh.faults.scale.unread': 'la báscula de __where__ calla',
      }),
      'weigh',
    );
    assert.equal(spanish.status(says('weighing')), 'pesando');
    assert.equal(spanish.status(says('done')), 'done');
    assert.equal(spanish.status(shows('scale.unread')), 'scale.unread');
    assert.equal(spanish.status(shows('weighing')), 'weighing', 'a code is no word');
    const left = says('__n__ left of __what__', { n: 2, what: says('weighing') });
    assert.equal(spanish.status(left), 'de pesando quedan 2');
    assert.equal(textsOf(RED({}), 'weigh').status(left), '2 left of weighing');
    assert.equal(inEnglish(says('__n__ left of __nobody__', { n: 0 })), '0 left of __nobody__');
    const told = spanish.fault(fault);
    assert.deepEqual(
      [told.message, told.code, told.details, told.stack],
      ['la báscula de shelf 2 calla', 'scale.unread', fault.details, fault.stack],
    );
    assert.equal(textsOf(RED({}), 'weigh').fault(fault), fault);
    assert.equal(textsOf({} as never, 'weigh').fault(fault), fault);
  });

  it('of a fault are the palette’s where the node has none, and none where the fault lacks what they name', () => {
    const problem = phrase('wants a whole number from __min__ to __max__', { min: 1, max: 9 });
    const invalid = new Fault('config.invalid', 'grams: …', { where: 'grams', problem });
    const spanish = textsOf(
      RED({
        'weigh.sharedFaults': 'a-palette/first',
        'weigh.faults.scale.lost': 'la báscula __name__ se perdió',
        'a-palette/first:faults.scale.lost': 'se perdió la báscula: __message__',
        'a-palette/first:faults.config.invalid': '__where__: __problem__',
        'a-palette/first:problems.wants a whole number from __min__ to __max__':
          'quiere un entero de __min__ a __max__',
      }),
      'weigh',
    );
    assert.equal(spanish.fault(invalid).message, 'grams: quiere un entero de 1 a 9');
    const untold = new Fault('config.invalid', 'grams is odd', { where: 'grams' });
    assert.equal(spanish.fault(untold), untold);
    const unknown = { where: 'grams', problem: phrase('is odd') };
    assert.equal(spanish.fault(new Fault('config.invalid', '', unknown)).message, 'grams: is odd');
    assert.equal(spanish.fault(new Fault('scale.lost', '', { name: 'two' })).message, 'la báscula two se perdió');
    assert.equal(spanish.fault(new Fault('scale.lost', 'EIO', { name: null })).message, 'se perdió la báscula: EIO');
    // Never looked up as an expression of the catalog's, whatever a device sends.
    assert.equal(
      spanish.fault(new Fault('scale.lost', '', { name: '$t(x) __name__' })).message,
      'la báscula $t(x) __name__ se perdió',
    );
  });
});

interface Contextual {
  context(): { readonly flow: { set(key: string, value: unknown): void } };
}
