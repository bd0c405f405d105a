// How questions end that nobody answers: a flow deployed meanwhile, too many at once, a node where nobody ever asks.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { NodeContext } from '@tapcase/define-node';
import { AS_SHIPPED, Fault } from '@tapcase/domain';
import type { NodeAPI } from 'node-red';
import { hooksOf } from '../../nodes/node-red-contrib-tapcase/src/hooks/ask.ts';
import decideNode from '../../nodes/node-red-contrib-tapcase/src/hooks/decide/decide.ts';
import { within } from '../patience.ts';
import { bench, helper, type Message, withRuntime } from './harness.ts';
import { HOOK } from './own-flow.ts';

const SHIPPED = { shipped: AS_SHIPPED.cost };
const FACTS = () => ({}) as never;

/** The registry alone, with an own flow that never answers. */
function silent() {
  const faults: string[] = [];
  const fail = (fault: unknown) => faults.push((fault as Fault).code);
  const hooks = hooksOf({ events: new EventEmitter() } as unknown as NodeAPI);
  const asker = hooks.asker({ onClose: () => {}, fail } as unknown as NodeContext<string>);
  const question = 'cost' as const;
  const over = hooks.decide({ id: 'd', name: HOOK, tab: '', question, limitMs: 60_000, put: () => {}, show: () => {} });
  return { faults, asker, over };
}

describe('a question that is not answered', () => {
  it('is asked again where nothing is written yet, when its flow is deployed meanwhile', async () => {
    const { asker, over, faults } = silent();
    const asked = asker.ask('cost', FACTS, { ...SHIPPED, asksAgain: true });
    await Promise.resolve();
    over();
    await assert.rejects(asked, (thrown) => thrown instanceof Fault && thrown.code === 'hook.redeployed');
    assert.deepEqual(faults, []);
  });

  it('is answered as shipped where somebody waits at the door', async () => {
    const { asker, over, faults } = silent();
    const asked = asker.ask('cost', FACTS, SHIPPED);
    await Promise.resolve();
    over();
    assert.deepEqual(await asked, { answer: { adjustments: [] }, by: null });
    assert.deepEqual(faults, ['hook.redeployed']);
  });

  it('is one of 200 at most: the next is answered as shipped at once', async () => {
    const { asker, over, faults } = silent();
    const open = Array.from({ length: 200 }, () => asker.ask('cost', FACTS, SHIPPED));
    await Promise.resolve();
    assert.deepEqual(await asker.ask('cost', FACTS, SHIPPED), { answer: { adjustments: [] }, by: null });
    assert.deepEqual(faults, ['hook.too-many']);
    over();
    await Promise.all(open);
  });
});

describe('two own flows that decide one question', () => {
  it('are named in a banner of the editor, in its language, counted and marked, until one of them goes', () => {
    const events = new EventEmitter();
    const hooks = hooksOf({ events, nodes: { eachNode: () => {} } } as unknown as NodeAPI);
    const [faults, marked, banners]: [string[], string[], object[]] = [[], [], []];
    const fail = (fault: unknown) => faults.push((fault as Fault).code);
    hooks.asker({ onClose: () => {}, fail } as unknown as NodeContext<string>);
    events.on('runtime-event', (event: object) => banners.push(event));
    const decide = (name: string, question: 'cost' | 'open', tab = 'Prices') =>
      hooks.decide({
        ...{ id: name, name, tab },
        question,
        limitMs: 50,
        put: () => {},
        show: (code) => marked.push(`${name} ${code}`),
      });
    decide('Ten off', 'cost');
    const over = decide('<b>Happy</b> hour', 'cost');
    decide('Closed', 'open');
    events.emit('flows:started');
    const id = 'tapcase-two-deciders-cost';
    const names = '"Ten off", " b Happy /b  hour"';
    const text = '@tapcase/node-red-contrib-tapcase/tapcase-decide:tapcase-decide.two-deciders';
    assert.deepEqual(banners, [{ id, retain: true, payload: { type: 'error', text, question: 'cost', names } }]);
    assert.deepEqual(faults, ['hook.two-deciders']);
    assert.deepEqual(marked, ['Ten off hook.two-deciders', '<b>Happy</b> hour hook.two-deciders']);
    over();
    events.emit('flows:started');
    events.emit('flows:started');
    assert.deepEqual(banners.slice(1), [{ id, retain: true, payload: {} }]);
    assert.deepEqual(faults.length, 1);
    // Two imported examples: their nodes have one name, and only the tabs tell them apart.
    for (const tab of ['Evening', 'Colleagues']) decide('What does it cost?', 'open', tab);
    events.emit('flows:started');
    const named = '"Closed" (Prices), "What does it cost?" (Evening), "What does it cost?" (Colleagues)';
    assert.equal((banners.at(-1) as { payload: { names: string } }).payload.names, named);
  });

  for (const [language, start] of [
    ['en-US', '__names__ decide'],
    ['es', '__names__ deciden'],
  ] as const) {
    it(`have a banner in ${language}`, () => {
      const file = `../../nodes/node-red-contrib-tapcase/src/hooks/decide/locales/${language}/decide.json`;
      const catalog = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
      assert.ok(catalog['tapcase-decide']['two-deciders'].startsWith(start));
    });
  }
});

describe('tapcase-decide', () => {
  withRuntime();
  const decide = (question: string) => ({
    node: { id: 'n', type: 'tapcase-decide', name: HOOK, question, limitMs: 1_000 },
    outputs: 1,
    modules: [decideNode],
  });

  it('says so where nothing ever asks it, as on the computer in a case', async () => {
    await bench(decide('cost'));
    const caught = new Promise<Message>((resolve) => helper.getNode('caught').once('input', resolve as never));
    const { error } = await within('the fault', caught);
    assert.equal((error as { code: string }).code, 'hook.nobody-asks');
  });

  it('refuses a question that there is not', async () => {
    const { send } = await bench(decide('what is the meaning of this?'));
    const outcome = await send({});
    assert.equal(outcome.kind === 'fault' && outcome.code, 'config.invalid');
  });
});
