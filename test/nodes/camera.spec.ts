// camera in a real Node-RED: one picture from a server that behaves, and what each way of misbehaving is called.
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import camera from '../../nodes/node-red-contrib-detr/src/camera/camera.ts';
import { bench, helper, withRuntime } from './harness.ts';
import { shelfPicture, shelfPng } from './tiny-detr.ts';

describe('camera', () => {
  withRuntime();
  const servers: Server[] = [];
  const stop = () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  };
  afterEach(stop);
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  const load = (url: string, cameraName = '1') =>
    bench({ node: { id: 'camera', type: 'camera', url, cameraName }, outputs: 1, modules: [camera] });
  const faultOf = async (url: string, cameraName?: string) => {
    const outcome = await (await load(url, cameraName)).send({});
    await helper.unload();
    return outcome.kind === 'fault' ? outcome.code : 'no fault';
  };

  it('gives the picture as raw RGB with the camera’s name and the time, and keeps the message', async () => {
    const png = await shelfPng({ cola: 1 });
    const startedMs = Date.now();
    const outcome = await (await load(await serve((_, response) => response.end(png)))).send({ look: 'kept' });
    assert.equal(outcome.kind, 'output');
    const { width, height, rgb, camera: name, atMs } = outcome.message.image as Record<string, unknown>;
    const expected = shelfPicture({ cola: 1 });
    assert.deepEqual([width, height, name], [expected.width, expected.height, '1']);
    assert.deepEqual(Buffer.from(rgb as Uint8Array), Buffer.from(expected.rgb));
    assert.ok((atMs as number) >= startedMs);
    assert.equal(outcome.message.look, 'kept');
  });

  it('a grey picture and one with transparency become RGB too', async () => {
    const create = { width: 4, height: 2, background: { r: 9, g: 9, b: 9, alpha: 0.5 } };
    const grey = await sharp({ create: { ...create, channels: 4 } })
      .greyscale()
      .png()
      .toBuffer();
    const outcome = await (await load(await serve((_, response) => response.end(grey)))).send({});
    assert.equal(outcome.kind, 'output');
    assert.equal((outcome.message.image as { rgb: Uint8Array }).rgb.length, 4 * 2 * 3);
  });

  it('a camera that refuses, breaks off or is not there is unreachable', async () => {
    assert.equal(await faultOf(await serve((_, response) => response.writeHead(503).end())), 'camera.unreachable');
    assert.equal(await faultOf(await serve((request) => request.socket.destroy())), 'camera.unreachable');
    const gone = await serve(() => {});
    stop();
    assert.equal(await faultOf(gone), 'camera.unreachable');
  });

  it('a camera that never answers is unreachable after three seconds', async () => {
    assert.equal(await faultOf(await serve(() => {})), 'camera.unreachable');
  });

  it('a text, a picture cut short and one that claims a huge size are bad pictures', async () => {
    const png = await shelfPng({ soda: 2 });
    const huge = Buffer.from(png);
    // Width and height of the PNG's header; its checksum no longer fits either.
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    for (const bytes of ['<html>camera is starting</html>', png.subarray(0, png.length - 30), huge, '']) {
      assert.equal(await faultOf(await serve((_, response) => response.end(bytes))), 'camera.bad-picture');
    }
  });

  it('a stream without end is cut off', async () => {
    const chunk = Buffer.alloc(1_000_000);
    const url = await serve((_, response) => {
      const more = () => {
        while (response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    assert.equal(await faultOf(url), 'camera.bad-picture');
  });

  it('tells Catch when address or name make no sense', async () => {
    assert.equal(await faultOf('file:///etc/passwd'), 'config.invalid');
    assert.equal(await faultOf('${NOT_SET_ANYWHERE}'), 'config.invalid');
    assert.equal(await faultOf('http://127.0.0.1:1/', 'far too long a name'), 'config.invalid');
  });
});
