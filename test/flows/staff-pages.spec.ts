// Staff's pages answer the browser that asked: what one person chose never appears in front of another, who would decide on it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { FlowNode } from '../../host/flows/node.ts';
import { linksOf } from '../../host/flows/read.ts';
import { lookAt } from '../../scripts/flows/look.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Config nodes of the dashboard, and no widgets. */
const PLACES: ReadonlySet<string> = new Set(['ui-base', 'ui-page', 'ui-group', 'ui-theme', 'ui-spacer', 'ui-link']);
/** Passes by: whoever asked reads it, and what the clock found wrong everybody may. */
const PASSING = 'ui-notification';

for (const folder of ['flows', 'edge-flows']) {
  const { nodes, byId } = lookAt(join(ROOT, folder));
  const widgets = nodes.filter(({ type }) => type.startsWith('ui-') && !PLACES.has(type));
  const bases = nodes.filter(({ type }) => type === 'ui-base');

  /** Takes the dashboard's `_client` off: a list is for everybody (test/nodes/reviews.spec.ts). */
  const forgetsWhoAsked = ({ type, show }: FlowNode) =>
    type === 'tapcase-desk' && show !== 'one' && show !== 'training';
  const nextOf = (node: FlowNode): FlowNode[] => {
    const wired = Array.isArray(node.wires) ? (node.wires as string[][]).flat() : [];
    return [...wired, ...(node.type === 'link out' ? linksOf(node) : [])].flatMap((id) => byId.get(id) ?? []);
  };
  /** Everything that a message of these nodes comes to, up to the widgets that show it: what those send is a new question. */
  const reached = (from: readonly FlowNode[], goesOn: (node: FlowNode) => boolean): ReadonlySet<FlowNode> => {
    const seen = new Set<FlowNode>();
    const waiting = from.flatMap(nextOf);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (seen.has(node) || !goesOn(node)) continue;
      seen.add(node);
      // A fault goes the same way with the message that met it.
      const catches = nodes.filter(({ type, z }) => type === 'catch' && z === node.z);
      if (!widgets.includes(node)) waiting.push(...nextOf(node), ...catches.flatMap(nextOf));
    }
    return seen;
  };
  const asked = reached(widgets, (node) => !forgetsWhoAsked(node));
  const clocks = nodes.filter(({ type }) => type === 'inject');
  const told = reached([...clocks, ...nodes.filter(forgetsWhoAsked)], () => true);

  describe(`staff’s pages of ${folder}`, () => {
    it('let every kind of widget they have answer one browser alone, and know which one asked', () => {
      assert.ok(bases.length > 0 && widgets.length > 0);
      const types = [...new Set(widgets.map(({ type }) => type))];
      for (const { id, acceptsClientConfig, includeClientData } of bases) {
        assert.deepEqual(
          types.filter((type) => !(acceptsClientConfig as string[]).includes(type)),
          [],
          id,
        );
        assert.equal(includeClientData, true, id);
      }
    });

    it('lose nobody’s name on the way to an answer', () => {
      const forgetful = [...asked].filter(
        ({ type, func }) => type === 'function' && /return (?!msg;|;|null;)/.test([func].flat().join('\n')),
      );
      assert.deepEqual(
        forgetful.map(({ id }) => id),
        [],
      );
    });

    it('fill what everybody sees for everybody: an answer to one would leave it old for all others', () => {
      const both = [...asked].filter((node) => widgets.includes(node) && told.has(node) && node.type !== PASSING);
      assert.deepEqual(
        both.map(({ id }) => id),
        [],
      );
    });
  });
}
