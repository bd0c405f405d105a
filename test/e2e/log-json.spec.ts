// The whole shop with a log for machines: a purchase from tap to receipt by one name, and nobody's address, code or card in it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { JsonLine } from '../../host/log-line.ts';
import { codeIn, newCustomer, visit } from '../../scripts/demo-visit.ts';
import { until, within } from '../patience.ts';
import { demo, taking, withPatientShop } from './shop-bench.ts';

describe('a shop with a log for machines', () => {
  const { shop } = withPatientShop({ env: { LOG_FORMAT: 'json' } });
  const text = () => readFileSync(shop().shop.logFile, 'utf8');
  const lines = () =>
    text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonLine);

  it('ties a purchase together from tap to receipt, and tells nobody whose it was', async () => {
    const { terminal } = shop();
    let code = '';
    const customer = await within(
      'a customer',
      newCustomer(shop().shop, 'visa', async (email) => {
        code = await until('the code on the terminal', () => codeIn(terminal, email));
        return code;
      }),
    );
    const visited = await within('the receipt', visit(shop().shop, customer, taking('cola')));
    assert.equal(visited.kind, 'visited');
    const { id } = (visited as Extract<typeof visited, { kind: 'visited' }>).visit;
    const ended = await until('the receipt in the log', () =>
      lines().find((line) => line.visit === id && line.message === 'the visit is done: charged'),
    );
    const tap = lines().find(({ message }) => /^POST \/api\/cases\/123\/unlock 20\d \d+ ms$/.test(message));
    assert.match(tap!.requestId!, /^[0-9a-f]{12}$/);
    const phases = lines().filter(({ visit, message }) => visit === id && message.startsWith('the visit is '));
    assert.ok(phases.length >= 4, JSON.stringify(phases));
    assert.ok(phases.some(({ process }) => process === 'cloud'));
    assert.equal(phases[0]!.requestId, tap!.requestId);
    assert.equal(ended.requestId, tap!.requestId);
    for (const secret of [customer.email, code, '4242424242424242', customer.cookie().split('=')[1]!])
      assert.ok(!text().includes(secret), secret);
    assert.doesNotMatch(text(), /[a-z0-9]@[a-z0-9-]+\.[a-z]/i);
  });

  it('every line of every process says when, how bad, whose it is and what', () => {
    const names = new Set<string>();
    for (const { at, level, process, message } of lines()) {
      assert.ok(Number.isFinite(Date.parse(at)));
      assert.match(level, /^(info|warning|error)$/);
      assert.ok(message.length > 0);
      names.add(process);
    }
    assert.deepEqual([...names].sort(), ['cloud', 'edge', 'world']);
  });

  it('the demo says that it finds no sign-in code in such a log', () =>
    assert.rejects(demo(shop(), '--take', 'cola'), /start it without LOG_FORMAT=json/));
});
