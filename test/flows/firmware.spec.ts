// The tab that hands over firmware, as it stands in its file, asked over HTTP as a controller's modem asks.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import replyNode from '../../nodes/node-red-contrib-tapcase/src/customer/reply/reply.ts';
import firmware from '../../nodes/node-red-contrib-tapcase/src/device/firmware/firmware.ts';
import catalogNode from '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import shopNode from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import { writeRelease } from '../../scripts/firmware/release.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { AT, KEY } from '../firmware/update-bench.ts';
import { helper, type NodeModule, withRuntime } from '../nodes/harness.ts';

const require = createRequire(import.meta.url);
const TAB = join(import.meta.dirname, '..', '..', 'flows', 'core', '82-firmware.json');
const BIG = Buffer.from('# much\n'.repeat(1_500));

describe('82 Firmware', () => {
  withRuntime();
  let folder: string;
  let server: Server;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'firmware-'));
    const files = [
      { path: 'app.py', data: Buffer.from('#') },
      { path: 'big.py', data: BIG },
    ];
    writeRelease(folder, { version: '1.4.0', files }, { number: 7, privateKey: KEY, at: AT });
    const tab = (JSON.parse(readFileSync(TAB, 'utf8')) as { type: string }[]).filter(
      ({ type }) => type !== 'link out' && type !== 'group' && type !== 'comment',
    );
    const row = { name: 'Lobby', holdMinor: 1_000, visionWaitMs: 0, offlineAfterMs: 90_000 };
    const cases = ['123', '124'].map((id) => ({ id, ...row }));
    // As an operator sets it: the shop as shipped offers nothing to anybody.
    const rollout = { firmwareVersion: '1.4.0', firmwareCases: '123', firmwareFolder: folder };
    const configNodes = [
      { id: 'config.ledger', type: 'tapcase-ledger', file: join(folder, 'ledger.db') },
      { id: 'the-catalog', type: 'tapcase-catalog', ...DEMO },
      { id: 'config.shop', type: 'tapcase-shop', catalog: 'the-catalog', cases, ...rollout },
    ];
    const core = ['common/25-catch', 'network/21-httpin'].map((name) => require(`@node-red/nodes/core/${name}.js`));
    const ours = [replyNode, catalogNode, firmware, ledgerNode, shopNode];
    // The helper's runtime serves no HTTP nodes; their routes stand here.
    let routes: RequestListener | undefined;
    const listen: NodeModule = (RED) => {
      routes = RED.httpNode as unknown as RequestListener;
    };
    await helper.load([...(core as NodeModule[]), ...ours, listen], [...tab, ...configNodes], {}, () => {});
    server = createServer(routes!);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    rmSync(folder, { recursive: true, force: true });
  });

  const get = (path: string, range?: string) => {
    const { port } = server.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}${path}`, { headers: range === undefined ? {} : { range } });
  };

  it('tells a case what it is offered, in one range, and another that there is nothing', async () => {
    const offer = await get('/firmware/123/manifest.sig', 'bytes=0-511');
    assert.equal(offer.status, 206);
    const { number, size } = (await offer.json()) as { number: number; size: number };
    assert.equal(number, 7);
    const manifest = await get('/firmware/123/manifest', `bytes=0-${size - 1}`);
    assert.equal(manifest.status, 206);
    assert.equal((await manifest.arrayBuffer()).byteLength, size);
    assert.deepEqual(await (await get('/firmware/124/manifest.sig', 'bytes=0-511')).json(), { number: 0 });
  });

  it('hands over a file range by range, to the last byte', async () => {
    const parts: Buffer[] = [];
    for (let at = 0; at < BIG.length; at += 4_096) {
      const part = await get('/firmware/123/7/big.py', `bytes=${at}-${at + 4_095}`);
      assert.equal(part.status, 206);
      parts.push(Buffer.from(await part.arrayBuffer()));
    }
    assert.deepEqual(Buffer.concat(parts), BIG);
    assert.equal((await get('/firmware/123/7/big.py', 'bytes=99999-')).status, 416);
  });

  it('answers what is not there with 404', async () => {
    for (const path of [
      '/firmware/123/7/none.py',
      '/firmware/123/9/app.py',
      '/firmware/999/manifest',
      '/firmware/124/manifest',
    ]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get('/firmware/123/7/..%2Fmanifest.json')).status, 404);
  });
});
