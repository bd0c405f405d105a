// How the shop's tabs are drawn by the real editor: on one small screen, each group by itself, and no wire through another's.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { needs } from '../../needs.ts';
import type { Editor } from './open-editor.ts';

/** A laptop's, with the editor's sidebars closed. */
const SCREEN = { width: 1440, height: 900 };

interface Box {
  readonly id: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Wire {
  readonly id: string;
  /** The groups that it leads from and to. */
  readonly groups: readonly string[];
  /** A point every few pixels. */
  readonly points: readonly (readonly [number, number])[];
}

interface Drawn {
  readonly groups: readonly Box[];
  readonly nodes: readonly Box[];
  readonly wires: readonly Wire[];
}

/** Both editors draw the core alone: the flows of operators are not there yet. */
export function layout({ english, edge }: Editor): void {
  before(function () {
    needs(this, 'a font as wide as Arial');
  });

  it('shows each tab of the cloud on a small screen, with no wire through a foreign group', async () => {
    await looksWell(await english());
  });

  it('and each tab of the case’s computer', async () => looksWell(await edge()));
}

async function looksWell(page: Page): Promise<void> {
  const tabs = await page.evaluate<string[]>('RED.nodes.getWorkspaceOrder()');
  const findings: string[] = [];
  for (const tab of tabs) findings.push(...findingsIn(await drawn(page, tab)));
  assert.ok(tabs.length > 0);
  assert.deepEqual(findings, []);
}

function findingsIn({ groups, nodes, wires }: Drawn): string[] {
  return [
    ...[...groups, ...nodes]
      .filter(({ left, top, right, bottom }) => left < 0 || top < 0 || right > SCREEN.width || bottom > SCREEN.height)
      .map(({ id }) => `${id} is off the screen`),
    ...overlapping(groups),
    ...overlapping(nodes),
    ...wires.flatMap((wire) =>
      groups
        .filter((group) => !wire.groups.includes(group.id) && wire.points.some((point) => holds(group, point)))
        .map(({ id }) => `the wire ${wire.id} crosses ${id}`),
    ),
  ];
}

function overlapping(boxes: readonly Box[]): string[] {
  return boxes.flatMap((a, at) =>
    boxes
      .slice(at + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `${a.id} and ${b.id} overlap`),
  );
}

function holds({ left, top, right, bottom }: Box, [x, y]: readonly [number, number]): boolean {
  return x > left && x < right && y > top && y < bottom;
}

/** As the editor has drawn it: only there are the widths of labels known. */
async function drawn(page: Page, tab: string): Promise<Drawn> {
  const id = JSON.stringify(tab);
  await page.evaluate(`RED.workspaces.show(${id})`);
  await page.waitForFunction(`RED.nodes.filterNodes({ z: ${id} }).every(({ id }) => document.getElementById(id))`);
  return page.evaluate<Drawn>(`(() => {
    const around = ({ id, x, y, w, h }) => ({ id, left: x - w / 2, top: y - h / 2, right: x + w / 2, bottom: y + h / 2 });
    const links = [...document.querySelectorAll('#red-ui-workspace-chart .red-ui-flow-link')]
      .map((element) => [element.__data__, element.querySelector('path.red-ui-flow-link-line')])
      .filter(([link, path]) => path !== null && !link.link && link.source.z === ${id});
    return {
      groups: RED.nodes.groups(${id}).map(({ id, x, y, w, h }) => ({ id, left: x, top: y, right: x + w, bottom: y + h })),
      nodes: RED.nodes.filterNodes({ z: ${id} }).map(around),
      wires: links.map(([{ source, target }, path]) => {
        const steps = Math.ceil(path.getTotalLength() / 4);
        const at = (_, step) => { const { x, y } = path.getPointAtLength(step * 4); return [x, y]; };
        const points = Array.from({ length: steps }, at);
        return { id: source.id + ' > ' + target.id, groups: [source.g, target.g], points };
      }),
    };
  })()`);
}
