// Own flows of a case's computer from before its nodes had a word of their own: read as what they are now, or told what to build.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import type { FlowNode } from '../../host/flows/node.ts';
import { asNow } from '../../host/flows/old-types.ts';

const PALETTES = join(import.meta.dirname, '..', '..', 'nodes');
const typesOf = (palette: string): readonly string[] => {
  const manifest = JSON.parse(readFileSync(join(PALETTES, `node-red-contrib-${palette}`, 'package.json'), 'utf8')) as {
    'node-red': { nodes: Record<string, string> };
  };
  return Object.keys(manifest['node-red'].nodes);
};
const TYPES = [...typesOf('tapcase-edge'), ...typesOf('hmac')];
const node = (type: string, more: object = {}): FlowNode => ({ id: 'n', type, z: 'tab', x: 0, y: 0, ...more });

describe('own flows of a case’s computer of an earlier release', () => {
  for (const type of ['device-state', 'camera-source', 'camera', 'gpio-in', 'video-recorder', 'technician-view']) {
    it(`${type} has a new name, and keeps what was set and wired`, () => {
      const old = node(type, { folder: '/state', wires: [['a'], ['b']] });
      const now = asNow(old);
      assert.deepEqual({ ...now, type }, old);
      assert.ok(TYPES.includes(now.type), now.type);
    });
  }

  it('the three reports of scene-diff leave by one output', () => {
    const { type, wires } = asNow(node('scene-diff', { wires: [['changed'], [], ['failed', 'told']] }));
    assert.equal(type, 'tapcase-scene-diff');
    assert.deepEqual(wires, [['changed', 'failed', 'told']]);
  });

  for (const type of ['snapshot', 'pi-health', 'command-check', 'report-queue', 'picture-queue', 'carrier']) {
    it(`${type} is part of another: the sentence names one that there is`, () => {
      assert.throws(
        () => asNow(node(type)),
        (thrown) =>
          thrown instanceof Fault &&
          thrown.code === 'flows.old-type' &&
          TYPES.some((name) => thrown.message.includes(`is part of ${name} now`)),
      );
    });
  }
});
