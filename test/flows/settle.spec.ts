// The tab that settles: whatever was taken, the visit's money is planned.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DEFAULT_MODEL, DEFAULT_THRESHOLDS } from '@tapcase/domain';
import { readFlowFiles } from '../../host/flows/disk.ts';
import type { FlowNode } from '../../host/flows/node.ts';
import { joinFlows } from '../../host/flows/tabs.ts';
import { parseConfig } from '../../nodes/node-red-contrib-tapcase/src/shop/tapcase-policy/contract.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WAYS = ['charged whole', 'charged in part', 'only reviewed', 'nothing taken'];

const nodes: readonly FlowNode[] = joinFlows(readFlowFiles(join(ROOT, 'flows', 'core')));
describe('what was taken, in 50 Settle', () => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const reconciles = nodes.filter(({ type }) => type === 'weight-reconcile');
  const wires = reconciles[0]?.wires as string[][];

  const policy = byId.get(String(reconciles[0]?.policy));

  it('is decided in one place, by a policy which knows the ledger of its past visits', () => {
    assert.equal(reconciles.length, 1);
    assert.equal(policy?.type, 'tapcase-policy');
    assert.equal(byId.get(String(policy?.ledger))?.type, 'tapcase-ledger');
    assert.equal(wires.length, WAYS.length);
  });

  it('is as careful as the defaults, which the benchmark measures', () => {
    const asShipped = { model: DEFAULT_MODEL, thresholds: DEFAULT_THRESHOLDS, asksAlone: false };
    assert.deepEqual(parseConfig(policy), asShipped);
  });

  for (const [port, way] of WAYS.entries()) {
    it(`${way}: gets its price and goes on to the till`, () => {
      const prices = wires[port]!.map((id) => byId.get(id)!);
      assert.deepEqual(
        prices.map(({ type }) => type),
        ['tapcase-price'],
      );
      const plans = (prices[0]!.wires as string[][]).flat().map((id) => byId.get(id)?.type);
      assert.deepEqual(plans, ['stripe-capture']);
    });
  }
});
