// camera in a real Node-RED: pictures when asked and while awake, and what each way of misbehaving is called.
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { cameraSource } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/camera.ts';
import {
  SOURCE_LIMITS,
  type SourceLimits,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/create-camera.ts';
import camera from '../../nodes/node-red-contrib-tapcase-edge/src/camera/look/look.ts';
import { PATIENT } from './camera-bench.ts';
import { bench, helper, withRuntime } from './harness.ts';
import { shelfPng } from './tiny-detr.ts';

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
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const load = (address: string, change: object = {}, limits = PATIENT, source: object = {}) =>
    bench({
      node: { id: 'camera', type: 'tapcase-look', source: 'source', ...change },
      outputs: 2,
      modules: [camera, cameraSource(limits)],
      configNodes: [{ id: 'source', type: 'tapcase-camera', address, camera: '1', ...source }],
    });
  const faultOf = async (address: string, message: object = {}, change?: object, limits?: SourceLimits) => {
    const outcome = await (await load(address, change, limits)).send(message);
    await helper.unload();
    return outcome.kind === 'fault' ? outcome.code : 'no fault';
  };

  it('passes the picture on as it came, with the camera’s name and the time, and keeps the message', async () => {
    const png = await shelfPng({ cola: 1 });
    const startedMs = Date.now();
    const outcome = await (await load(await serve((_, response) => response.end(png)))).send({ look: 'kept' });
    assert.ok(outcome.kind === 'output' && outcome.port === 0);
    const { encoded, camera: name, atMs, ...rest } = outcome.message.image as Record<string, unknown>;
    assert.deepEqual(Buffer.from(encoded as Uint8Array), png);
    assert.deepEqual([name, rest], ['1', {}]);
    assert.ok((atMs as number) >= startedMs);
    assert.equal(outcome.message.look, 'kept');
  });

  it('says with each picture what of it is shelf, where somebody has said so', async () => {
    const address = await serve((_, response) => void shelfPng({ cola: 1 }).then((png) => response.end(png)));
    const cut = { cutLeft: '55', cutRight: '35', cutTop: '', outside: 'blur' };
    const outcome = await (await load(address, {}, PATIENT, cut)).send({});
    assert.ok(outcome.kind === 'output');
    const { shelf } = outcome.message.image as { shelf: unknown };
    assert.deepEqual(shelf, { cuts: { left: 0.55, top: 0, right: 0.35, bottom: 0 }, outside: 'blur' });
  });

  it('a grey JPEG and a PNG with transparency are pictures; a covered camera’s says so, and Catch hears it', async () => {
    const create = { width: 4, height: 2, background: { r: 9, g: 9, b: 9, alpha: 0.5 } };
    const flat = sharp({ create: { ...create, channels: 4 } });
    for (const picture of [await flat.clone().png().toBuffer(), await flat.flatten().greyscale().jpeg().toBuffer()]) {
      const outcomes = await (await load(await serve((_, response) => response.end(picture)))).collect({}, 2);
      const sent = outcomes.find(({ kind }) => kind === 'output');
      assert.equal((sent!.message.image as { doubt?: string }).doubt, 'covered');
      assert.ok(outcomes.some((outcome) => outcome.kind === 'fault' && outcome.code === 'camera.covered'));
      await helper.unload();
    }
  });

  it('gives live pictures in messages of their own while awake, and none after it was put to sleep', async () => {
    // Different ones, or a slow machine would take the camera for a frozen one.
    const pngs = await Promise.all([0, 1, 2, 3].map((cola) => shelfPng({ cola })));
    let asked = 0;
    const address = await serve((_, response) => {
      asked += 1;
      response.end(pngs[asked % pngs.length]);
    });
    const running = await load(address);
    const live = await running.collect({ wake: 600, topic: 'not passed on' }, 2);
    assert.ok(live.every((outcome) => outcome.kind === 'output' && outcome.port === 1));
    assert.ok(live.every(({ message }) => message.topic === undefined));
    running.node('camera').receive({ wake: 0 });
    const asleepAt = asked;
    const outcome = await running.send({});
    assert.ok(outcome.kind === 'output' && outcome.port === 0);
    assert.equal(asked, asleepAt + 1);
  });

  it('takes seconds to wake for, and nothing else', async () => {
    const address = await serve((_, response) => response.end());
    for (const wake of [-1, '30', 86_401, Number.NaN, null]) {
      assert.equal(await faultOf(address, { wake }), 'camera.bad-wake');
    }
  });

  it('learns its view when told, without an answer', async () => {
    const png = await shelfPng({ cola: 1 });
    const running = await load(await serve((_, response) => response.end(png)));
    running.node('camera').receive({ teach: true });
    assert.equal((await running.send({})).kind, 'output');
  });

  it('a camera that refuses, breaks off or is not there is unreachable', async () => {
    assert.equal(await faultOf(await serve((_, response) => response.writeHead(503).end())), 'camera.unreachable');
    assert.equal(await faultOf(await serve((request) => request.socket.destroy())), 'camera.unreachable');
    const gone = await serve(() => {});
    stop();
    assert.equal(await faultOf(gone), 'camera.unreachable');
  });

  it('a camera that never answers is unreachable when its time is up, which is three seconds', async () => {
    const limits = { ...PATIENT, answerMs: 50 };
    assert.equal(await faultOf(await serve(() => {}), {}, {}, limits), 'camera.unreachable');
    assert.equal(SOURCE_LIMITS.answerMs, 3_000);
  });

  it('a text, another format, a picture cut short and one that claims a huge size are bad pictures', async () => {
    const png = await shelfPng({ soda: 2 });
    const huge = Buffer.from(png);
    // Width and height of the PNG's header; its checksum no longer fits either.
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    const jpeg = await sharp(png).jpeg().toBuffer();
    const gif = await sharp(png).gif().toBuffer();
    const cut = [png.subarray(0, png.length - 30), jpeg.subarray(0, jpeg.length / 2), png.subarray(0, 8)];
    for (const bytes of ['<html>camera is starting</html>', gif, ...cut, huge, '']) {
      assert.equal(await faultOf(await serve((_, response) => response.end(bytes))), 'camera.bad-picture');
    }
  });

  it('a stream without end is cut off', async () => {
    const chunk = Buffer.alloc(1_000_000);
    const address = await serve((_, response) => {
      const more = () => {
        while (response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    assert.equal(await faultOf(address), 'camera.bad-picture');
  });

  it('signs in with the user and password of the address', async () => {
    const png = await shelfPng({ cola: 1 });
    const address = await serve((request, response) => {
      const isKnown = request.headers.authorization === `Basic ${Buffer.from('bob:p@ss').toString('base64')}`;
      response.writeHead(isKnown ? 200 : 401).end(isKnown ? png : '');
    });
    assert.equal(await faultOf(address), 'camera.unreachable');
    assert.equal(await faultOf(address.replace('//', '//bob:p%40ss@')), 'no fault');
  });

  it('tells Catch when no camera is chosen or its address makes no sense', async () => {
    assert.equal(await faultOf('/etc/passwd'), 'config.invalid');
    assert.equal(await faultOf('${NOT_SET_ANYWHERE}'), 'config.invalid');
    assert.equal(await faultOf('rpicam:0', {}, { source: '' }), 'config.missing-node');
  });
});
