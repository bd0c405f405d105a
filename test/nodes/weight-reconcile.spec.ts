// weight-reconcile in a real Node-RED: door and cameras become a basket.
import assert from 'node:assert/strict';
import type { Basket, VisionReport } from '@tapcase/domain';
import weightReconcile from '../../nodes/node-red-contrib-tapcase/src/weight-reconcile/weight-reconcile.ts';
import { basketOf, linesOf } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { assertFault, sawGo, sent, visionReport, withVisits } from './visit-bench.ts';

const NODE = { type: 'weight-reconcile', module: weightReconcile, outputs: 2 };
const [CERTAIN, DOUBTFUL] = [0, 1];

describe('weight-reconcile', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const closedWith = async (grams: number, report: Partial<VisionReport> | null) => {
    const visit = await visits().visitIn('closed', { grams });
    const { door } = await visits().ledger.evidence(visit.id);
    return { visit, evidence: { door, vision: report === null ? null : visionReport(visit.id, 1, report) } };
  };
  const basketFrom = (outcome: Parameters<typeof sent>[0], port: number) => sent(outcome, port).basket as Basket;

  it('defect 8: charges for what this case’s cameras and scale say', async () => {
    const message = await closedWith(710, sawGo({ cola: 2 }));
    const basket = basketFrom(await visits().send(message), CERTAIN);
    assert.deepEqual([basket.lines, basket.verdict], [linesOf({ cola: 2 }), 'agreed']);
  });

  it('charges for two waters when the camera saw one and the scale says two', async () => {
    const message = await closedWith(1_020, sawGo({ water: 1 }));
    assert.deepEqual(basketFrom(await visits().send(message), CERTAIN).lines, linesOf({ water: 2 }));
  });

  it('goes by weight when the cameras could not look or never came', async () => {
    for (const report of [null, { fault: 'detr.model-missing', model: null }, { fault: 'camera.silent' }]) {
      const basket = basketFrom(await visits().send(await closedWith(70, report)), CERTAIN);
      assert.deepEqual([basket.lines, basket.verdict, basket.cameras], [linesOf({ chips: 1 }), 'weight_decided', null]);
    }
  });

  it('is in doubt about a mass that no basket has, and charges nothing', async () => {
    const basket = basketFrom(await visits().send(await closedWith(25, {})), DOUBTFUL);
    assert.deepEqual([basket.lines, basket.verdict], [[], 'disputed']);
  });

  it('keeps a basket that was decided before', async () => {
    const { visit, evidence } = await closedWith(710, sawGo({ cola: 2 }));
    const decided = basketOf(linesOf({ chips: 1 }));
    const message = { visit: { ...visit, basket: decided }, evidence };
    assert.deepEqual(basketFrom(await visits().send(message), CERTAIN), decided);
  });

  it('weighs nothing for a door that nobody opened', async () => {
    const visit = await visits().visitIn('timeout');
    const { door } = await visits().ledger.evidence(visit.id);
    assert.equal(sent(await visits().send({ visit, evidence: { door, vision: null } }), CERTAIN).basket, undefined);
  });

  it('refuses a message without a visit or without evidence', async () => {
    const { visit, evidence } = await closedWith(0, null);
    assertFault(await visits().send({ visit }), 'message.incomplete');
    assertFault(await visits().send({ evidence }), 'message.incomplete');
  });
});
