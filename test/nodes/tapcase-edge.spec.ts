// tapcase-edge in a real Node-RED: what it has written is there after a restart, whole.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usePort } from '@tapcase/define-node';
import type { DeviceState } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/contract.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import { helper, type NodeModule, withRuntime } from './harness.ts';

describe('tapcase-edge', () => {
  withRuntime();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'device-state-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A node that only takes the port, as a node of the palette does in its build. */
  const open = async (kept: string): Promise<DeviceState> => {
    let port: () => DeviceState = () => assert.fail('no port');
    const taker: NodeModule = (RED) => {
      port = () => usePort<DeviceState>(RED, 'state', 'tapcase-edge');
    };
    await helper.load([deviceState, taker], [{ id: 'state', type: 'tapcase-edge', folder: kept }], {}, () => {});
    return port();
  };

  it('keeps a value across a restart, and leaves no draft behind', async () => {
    const before = await open(join(folder, 'new', 'folder'));
    assert.equal(before.read('queue'), undefined);
    before.write('queue', { next: 2, waiting: ['a'] });
    before.write('queue', { next: 3, waiting: [] });
    await helper.unload();
    assert.deepEqual((await open(join(folder, 'new', 'folder'))).read('queue'), { next: 3, waiting: [] });
    assert.deepEqual(readdirSync(join(folder, 'new', 'folder')), ['queue.json']);
  });

  it('takes a damaged file for none, and a plug pulled while writing for the old value', async () => {
    const state = await open(folder);
    state.write('number', 41);
    // Half a draft is what a pulled plug leaves.
    writeFileSync(join(folder, 'number.json.new'), '{"ne');
    assert.equal(state.read('number'), 41);
    writeFileSync(join(folder, 'number.json'), '\u0000\u0000');
    assert.equal(state.read('number'), undefined);
  });

  it('says so when it cannot write, keeps the old value, and leaves no file open', async () => {
    const state = await open(folder);
    state.write('number', 1);
    const endless: { self?: unknown } = {};
    endless.self = endless;
    assert.throws(() => state.write('number', endless), { code: 'state.unwritable' });
    assert.equal(readFileSync(join(folder, 'number.json'), 'utf8'), '1');
    const blocked = await reopen(join(folder, 'number.json', 'below a file'));
    const open_ = openFiles();
    for (let time = 0; time < 3; time += 1) assert.throws(() => blocked.write('x', 1), { code: 'state.unwritable' });
    assert.equal(openFiles(), open_);
  });

  it('says so when no folder is given, or its variable is not set', async () => {
    await assert.rejects(open(' '), { code: 'state.no-folder' });
    await helper.unload();
    await assert.rejects(open('${NOT_SET_ANYWHERE}'), { code: 'state.no-folder' });
  });

  const reopen = async (kept: string) => {
    await helper.unload();
    return open(kept);
  };
});

/** How many files this process has open, where the system can tell. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
