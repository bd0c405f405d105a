// The tab that settles: whatever was taken, the visit's money is planned.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_THRESHOLDS } from '@tapcase/domain';
import { readFlowFiles } from '../../host/flows/disk.ts';
import type { FlowNode } from '../../host/flows/node.ts';
import { joinFlows } from '../../host/flows/tabs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLE = 'nodes/node-red-contrib-tapcase/examples/settle-a-visit.json';
const WAYS = ['charged whole', 'charged in part', 'only reviewed', 'nothing taken'];

for (const [name, nodes] of [
  ['50 Settle', joinFlows(readFlowFiles(join(ROOT, 'flows', 'core')))],
  ['the example flow', JSON.parse(readFileSync(join(ROOT, EXAMPLE), 'utf8')) as FlowNode[]],
] as const) {
  describe(`what was taken, in ${name}`, () => {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const reconciles = nodes.filter(({ type }) => type === 'weight-reconcile');
    const wires = reconciles[0]?.wires as string[][];

    it('is decided in one place, which knows the ledger of its past visits', () => {
      assert.equal(reconciles.length, 1);
      assert.equal(byId.get(String(reconciles[0]?.ledger))?.type, 'ledger');
      assert.equal(wires.length, WAYS.length);
    });

    it('is as careful as the defaults, which the benchmark measures', () => {
      const { charge, certain } = reconciles[0]!;
      assert.deepEqual({ charge, certain }, DEFAULT_THRESHOLDS);
    });

    for (const [port, way] of WAYS.entries()) {
      it(`${way}: goes on to the plan for the money`, () => {
        const types = wires[port]!.map((id) => byId.get(id)?.type);
        assert.deepEqual(types, ['settle-plan']);
      });
    }
  });
}
