// What a moved, dirty or badly focused camera makes of a frame, before its light becomes bytes.
import { FRAME_HEIGHT, FRAME_WIDTH } from './frame.ts';
import type { Droplet, Lens } from './types.ts';

/** What a camera sees beside the cabinet, as in backdrop.ts. */
const OUTSIDE = [38, 42, 48] as const;
/** The light grey of fog, before the lamp. */
const FOG_LIGHT = 205;
/** A droplet smears what is behind it this many pixels wide. */
const DROPLET_BLUR_PX = 3.2;
/** Three box filters in a row are nearly a Gaussian. */
const BOX_PASSES = 3;

/** Changes the canvas in place. */
export function throughLens(canvas: Float32Array, lens: Lens): void {
  const { defocusPx = 0, motionXPx = 0, motionYPx = 0, fog = 0, droplets = [] } = lens;
  moveFrame(canvas, lens);
  if (defocusPx > 0) blur(canvas, defocusPx);
  if (motionXPx !== 0 || motionYPx !== 0) smear(canvas, motionXPx, motionYPx);
  if (droplets.length > 0) wet(canvas, droplets);
  if (fog > 0) for (let at = 0; at < canvas.length; at++) canvas[at] = canvas[at]! * (1 - fog) + FOG_LIGHT * fog;
}

/** Where in the unmoved frame the moved camera's pixel looks; undefined = the camera is where it belongs. */
export function movedBack({ shiftXPx = 0, shiftYPx = 0, rollRadians = 0 }: Lens) {
  if (shiftXPx === 0 && shiftYPx === 0 && rollRadians === 0) return undefined;
  const [sin, cos] = [Math.sin(rollRadians), Math.cos(rollRadians)];
  return (px: number, py: number): readonly [x: number, y: number] => {
    const [x, y] = [px - FRAME_WIDTH / 2 - shiftXPx, py - FRAME_HEIGHT / 2 - shiftYPx];
    return [x * cos + y * sin + FRAME_WIDTH / 2, y * cos - x * sin + FRAME_HEIGHT / 2];
  };
}

function moveFrame(canvas: Float32Array, lens: Lens): void {
  const back = movedBack(lens);
  if (back === undefined) return;
  const from = canvas.slice();
  for (let py = 0, at = 0; py < FRAME_HEIGHT; py++) {
    for (let px = 0; px < FRAME_WIDTH; px++, at += 3) {
      const [x, y] = back(px, py);
      for (let n = 0; n < 3; n++) canvas[at + n] = sample(from, x, y, n);
    }
  }
}

/** Bilinear; what lies outside the frame is the dark room. */
function sample(from: Float32Array, x: number, y: number, channel: number): number {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  if (x0 < 0 || y0 < 0 || x0 >= FRAME_WIDTH - 1 || y0 >= FRAME_HEIGHT - 1) return OUTSIDE[channel]!;
  const [fx, fy] = [x - x0, y - y0];
  const at = (y0 * FRAME_WIDTH + x0) * 3 + channel;
  const below = at + FRAME_WIDTH * 3;
  const upper = from[at]! * (1 - fx) + from[at + 3]! * fx;
  return upper * (1 - fy) + (from[below]! * (1 - fx) + from[below + 3]! * fx) * fy;
}

function blur(canvas: Float32Array, deviationPx: number): void {
  // A box of half-width r has the variance r(r+1)/3 in pixels; solved for r, fractions allowed.
  const radius = (Math.sqrt(1 + (12 * deviationPx ** 2) / BOX_PASSES) - 1) / 2;
  const other = new Float32Array(canvas.length);
  for (let pass = 0; pass < BOX_PASSES; pass++) {
    for (let py = 0; py < FRAME_HEIGHT; py++) boxLine(canvas, other, py * FRAME_WIDTH * 3, 3, FRAME_WIDTH, radius);
    for (let px = 0; px < FRAME_WIDTH; px++) boxLine(other, canvas, px * 3, FRAME_WIDTH * 3, FRAME_HEIGHT, radius);
  }
}

/** One row or column: a running sum of whole pixels, and a share of the one beyond each end. */
function boxLine(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  length: number,
  radius: number,
): void {
  const whole = Math.floor(radius);
  const part = radius - whole;
  const scale = 1 / (2 * radius + 1);
  for (let n = 0; n < 3; n++) {
    const value = (index: number) => from[start + n + step * Math.min(length - 1, Math.max(0, index))]!;
    let sum = 0;
    for (let index = -whole; index <= whole; index++) sum += value(index);
    for (let index = 0; index < length; index++) {
      to[start + n + step * index] = (sum + part * (value(index - whole - 1) + value(index + whole + 1))) * scale;
      sum += value(index + whole + 1) - value(index - whole);
    }
  }
}

/** The mean along the way that the picture moved while the shutter was open. */
function smear(canvas: Float32Array, dx: number, dy: number): void {
  const from = canvas.slice();
  const samples = Math.max(2, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy))) + 1);
  const offsets = Array.from({ length: samples }, (_, n) => {
    const share = n / (samples - 1) - 0.5;
    return [Math.round(share * dx), Math.round(share * dy)] as const;
  });
  for (let py = 0, at = 0; py < FRAME_HEIGHT; py++) {
    for (let px = 0; px < FRAME_WIDTH; px++, at += 3) {
      let [red, green, blue] = [0, 0, 0];
      for (const [ox, oy] of offsets) {
        const x = Math.min(FRAME_WIDTH - 1, Math.max(0, px + ox));
        const y = Math.min(FRAME_HEIGHT - 1, Math.max(0, py + oy));
        const i = (y * FRAME_WIDTH + x) * 3;
        red += from[i]!;
        green += from[i + 1]!;
        blue += from[i + 2]!;
      }
      canvas[at] = red / samples;
      canvas[at + 1] = green / samples;
      canvas[at + 2] = blue / samples;
    }
  }
}

/** A droplet is a small lens: blurred, upside down towards its edge, a little brighter. */
function wet(canvas: Float32Array, droplets: readonly Droplet[]): void {
  const blurred = canvas.slice();
  blur(blurred, DROPLET_BLUR_PX);
  for (const { x, y, radiusPx } of droplets) {
    for (let py = Math.max(0, Math.floor(y - radiusPx)); py < Math.min(FRAME_HEIGHT, y + radiusPx); py++) {
      for (let px = Math.max(0, Math.floor(x - radiusPx)); px < Math.min(FRAME_WIDTH, x + radiusPx); px++) {
        const away = Math.hypot(px + 0.5 - x, py + 0.5 - y) / radiusPx;
        if (away >= 1) continue;
        const bent = 1 - 1.2 * away * away;
        const at = (py * FRAME_WIDTH + px) * 3;
        for (let n = 0; n < 3; n++) {
          canvas[at + n] = 12 + sample(blurred, x + (px - x) * bent, y + (py - y) * bent, n);
        }
      }
    }
  }
}
