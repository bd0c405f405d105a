// The house rules of flows, on every tab of the cloud and the edge: what a reader may rely on when he opens one.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { lintFindings, STYLE_RULES, tabsOf } from '../../scripts/flows/house-style.ts';
import { lookAt } from '../../scripts/flows/look.ts';
import { safetyFindings } from '../../scripts/flows/safety.ts';

const ROOT = join(import.meta.dirname, '..', '..');

for (const folder of ['flows', 'edge-flows']) {
  const looked = lookAt(join(ROOT, folder));
  const tabs = tabsOf(looked);

  describe(`rules of ${folder}`, () => {
    it('has tabs', () => assert.ok(tabs.length >= 3));

    for (const tab of tabs) {
      describe(String(tab.tab.label), () => {
        for (const { title, find } of STYLE_RULES) it(title, () => assert.deepEqual(find(tab), []));
      });
    }

    it('is safe: wires lead somewhere, tabs are locked, no secrets, nothing of an operator’s reaches into the core', () => {
      assert.deepEqual(safetyFindings(looked), []);
    });

    it('takes its credentials from the environment by reference', () => {
      for (const id of Object.keys(JSON.parse(looked.references.core!) as object)) {
        assert.ok(looked.byId.has(id), `${id} is no node`);
      }
    });

    it('passes Node-RED’s own linter', () => assert.deepEqual(lintFindings(looked.flows.core), []));
  });
}
