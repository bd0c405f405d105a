// node bench/hooks.ts: what an empty own flow adds to a visit: one question, from the shop to decide, through a function that
// takes nothing off, to answer and back, in a real Node-RED; and what a question costs that nobody answers.
import type { NodeContext } from '@tapcase/define-node';
import type { NodeAPI } from 'node-red';
import { hooksOf } from '../nodes/node-red-contrib-tapcase/src/hooks/ask.ts';
import { helper } from '../test/nodes/harness.ts';
import { ownFlow } from '../test/nodes/own-flow.ts';

const WARM_UP = 200;
const QUESTIONS = 2_000;
const NOTHING_OFF = 'msg.payload = { adjustments: [] }; return msg;';

const facts = () => ({
  visit: { id: 'visit1', caseId: '123', customerId: 'customer-1' },
  customer: { id: 'customer-1', email: 'ann@example.com', visits: 3, owesMinor: 0, given: [] },
  currency: 'usd',
  lines: [{ sku: 'cola', name: { en: 'Cola', es: 'Cola' }, count: 2, listMinor: 200 }],
  listMinor: 400,
  at: Date.now(),
});

async function medianMs(code: string | null): Promise<number> {
  let runtime: NodeAPI | undefined;
  const { modules, nodes } = ownFlow('cost', code ?? '');
  const listen = (RED: NodeAPI) => {
    runtime = RED;
  };
  await helper.load([listen, ...modules], code === null ? [] : nodes, {}, () => {});
  const fail = (fault: unknown) => {
    throw fault;
  };
  const asker = hooksOf(runtime!).asker({ onClose: () => {}, fail } as unknown as NodeContext<string>);
  const times: number[] = [];
  for (let asked = 0; asked < WARM_UP + QUESTIONS; asked += 1) {
    const began = performance.now();
    const { by } = await asker.ask('cost', facts, { shipped: { adjustments: [] }, visit: 'visit1' });
    if ((by === null) !== (code === null)) throw new Error('the own flow was not asked');
    if (asked >= WARM_UP) times.push(performance.now() - began);
  }
  await helper.unload();
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

process.stdout.write(`a question without an own flow, median: ${(await medianMs(null)).toFixed(3)} ms\n`);
process.stdout.write(`an empty own flow adds, median: ${(await medianMs(NOTHING_OFF)).toFixed(3)} ms\n`);
process.exit();
