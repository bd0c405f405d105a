// The two cameras of a simulated case: pictures, streams, and everything that goes wrong with cameras.
import type { Request, Response } from 'express';
import sharp, { type Sharp } from 'sharp';
import type { Cabinet } from '../shelf/cabinet.ts';
import { seededRandom } from '../shelf/random.ts';
import type { Renderer } from '../shelf/renderer.ts';
import type { CameraNumber, Picture } from '../shelf/types.ts';
import { refuse } from './refuse.ts';
import type { CameraSwitches } from './types.ts';

/** A recorder and a person at each camera, and some more; each costs a rendered picture five times a second. */
const VIEWERS_MAX = 8;
const FRAME_MS = 200;
const JPEG_QUALITY = 85;
/** A viewer this far behind misses pictures, as it would at a real camera. */
const VIEWER_BEHIND_BYTES_MAX = 512 * 1024;
const BOUNDARY = 'frame';

export interface CaseCameras {
  switches(): CameraSwitches;
  /** Any of the switches, at least one; false: refused, and nothing is changed. */
  switch(wanted: Readonly<Record<string, unknown>>): boolean;
  readonly still: (request: Request, response: Response) => Promise<void>;
  readonly stream: (request: Request, response: Response) => void;
}

const ALL_WELL: CameraSwitches = { covered: false, frozen: false, swapped: false, offline: false, hanging: false };

export function caseCameras(cabinet: Cabinet, renderer: Renderer): CaseCameras {
  const noise = seededRandom(7);
  const shown = new Map<CameraNumber, Picture>();
  let switches = ALL_WELL;
  let viewers = 0;
  let letGo: () => void = () => {};
  let hung = Promise.resolve();

  const look = (number: CameraNumber): Picture => {
    const last = shown.get(number);
    if (switches.frozen && last !== undefined) return last;
    const seenBy = switches.swapped ? ((1 - number) as CameraNumber) : number;
    const picture = renderer.render(cabinet.scene(), seenBy, noise);
    const { width, height, rgb } = picture;
    const seen = switches.covered ? { width, height, rgb: new Uint8Array(rgb.length) } : picture;
    shown.set(number, seen);
    return seen;
  };
  /** The camera's number, or a refusal that has been sent. */
  const numberOf = (request: Request, response: Response): CameraNumber | undefined => {
    const { number } = request.params;
    if (number !== '0' && number !== '1') refuse(response, 404, 'sim.no-camera', 'There is no such camera.');
    else if (switches.offline) refuse(response, 503, 'sim.camera-offline', 'The camera is offline.');
    else return Number(number) as CameraNumber;
    return undefined;
  };

  return {
    switches: () => switches,
    switch: (wanted) => {
      const names = Object.keys(wanted);
      if (names.length === 0 || names.some((name) => !Object.hasOwn(ALL_WELL, name))) return false;
      if (names.some((name) => typeof wanted[name] !== 'boolean')) return false;
      const wasHanging = switches.hanging;
      switches = { ...switches, ...wanted };
      if (switches.hanging && !wasHanging) {
        hung = new Promise((resolve) => {
          letGo = resolve;
        });
      } else if (!switches.hanging) letGo();
      return true;
    },
    still: async (request, response) => {
      await hung;
      const number = numberOf(request, response);
      if (number === undefined) return;
      const png = await raw(look(number)).png({ compressionLevel: 1 }).toBuffer();
      response.set('cache-control', 'no-store').type('png').send(png);
    },
    stream: (request, response) => {
      const number = numberOf(request, response);
      if (number === undefined) return;
      if (viewers >= VIEWERS_MAX) return refuse(response, 503, 'sim.too-many', 'Too many viewers.');
      viewers += 1;
      const type = `multipart/x-mixed-replace; boundary=${BOUNDARY}`;
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
      const timer = setInterval(() => {
        if (switches.offline) response.end();
        else if (response.writableLength < VIEWER_BEHIND_BYTES_MAX) void sendPart(response, look(number));
      }, FRAME_MS);
      response.once('close', () => {
        clearInterval(timer);
        viewers -= 1;
      });
    },
  };
}

async function sendPart(response: Response, picture: Picture): Promise<void> {
  const jpeg = await raw(picture).jpeg({ quality: JPEG_QUALITY }).toBuffer();
  // Gone while the picture was made.
  if (response.writableEnded || response.destroyed) return;
  response.write(`--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
  response.write(jpeg);
  response.write('\r\n');
}

function raw({ width, height, rgb }: Picture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}
