// How light becomes bytes: lamp, door, sun, colour, and the sensor's noise.
import { FRAME_HEIGHT, FRAME_WIDTH } from './frame.ts';
import { gaussian, type Random, seededRandom } from './random.ts';
import type { BadLight, Picture, Scene } from './types.ts';

/** Standard deviation of the sensor's noise, of 255. */
const NOISE = 4.5;
/** Drawn once and read from a random place: 230,400 logarithms a frame would cost more than the frame. */
const NOISE_TABLE = makeNoise(65_536 + FRAME_WIDTH * 3);
/** An open door lets the room's warmer light in. */
const OPEN_DOOR: readonly [number, number, number] = [1.2, 1.15, 1.08];
/** The lamp hangs at the top; the corners of a cheap lens are darker. */
const LAMP_FALL = 0.18;
const VIGNETTE = 0.22;

/** Share of the lamp's light at each pixel of an ordinary frame. */
export function lightMap(): Float32Array {
  const light = new Float32Array(FRAME_WIDTH * FRAME_HEIGHT);
  for (let py = 0; py < FRAME_HEIGHT; py++) {
    for (let px = 0; px < FRAME_WIDTH; px++) {
      const x = (px / FRAME_WIDTH - 0.5) * 2;
      const y = (py / FRAME_HEIGHT - 0.5) * 2;
      light[py * FRAME_WIDTH + px] = (1 - (LAMP_FALL * (y + 1)) / 2) * (1 - (VIGNETTE * (x * x + y * y)) / 2);
    }
  }
  return light;
}

/** Light to bytes. Uint8ClampedArray rounds and clamps. */
export function develop(canvas: Float32Array, light: Float32Array, scene: Scene, random: Random): Picture {
  const door = scene.doorOpen ? OPEN_DOOR : ([1, 1, 1] as const);
  const cast = scene.light?.cast ?? [1, 1, 1];
  const [red, green, blue] = [door[0] * cast[0], door[1] * cast[1], door[2] * cast[2]];
  const column = scene.light === undefined ? undefined : columnLight(scene.light);
  const noiseGain = scene.light?.noise ?? 1;
  // Exposure is never quite the same twice.
  const gain = scene.lamp * (1 + 0.015 * gaussian(random));
  const rgb = new Uint8ClampedArray(canvas.length);
  let noise = 0;
  for (let pixel = 0, at = 0; at < canvas.length; pixel++, at += 3) {
    if (pixel % FRAME_WIDTH === 0) noise = Math.floor(random() * 65_536);
    const lit = light[pixel]! * gain * (column?.[pixel % FRAME_WIDTH] ?? 1);
    rgb[at] = canvas[at]! * lit * red + NOISE_TABLE[noise++]! * noiseGain;
    rgb[at + 1] = canvas[at + 1]! * lit * green + NOISE_TABLE[noise++]! * noiseGain;
    rgb[at + 2] = canvas[at + 2]! * lit * blue + NOISE_TABLE[noise++]! * noiseGain;
  }
  return { width: FRAME_WIDTH, height: FRAME_HEIGHT, rgb: new Uint8Array(rgb.buffer) };
}

/** A dead lamp and the sun both come from a side: one factor for each column of the frame. */
function columnLight({ deadLeaves, deadSide, sun, sunSide }: BadLight): Float32Array {
  return Float32Array.from({ length: FRAME_WIDTH }, (_, px) => {
    const fromLeft = px / (FRAME_WIDTH - 1);
    const fromDead = deadSide === 'left' ? fromLeft : 1 - fromLeft;
    const fromSun = sunSide === 'left' ? fromLeft : 1 - fromLeft;
    // The burning lamp's light reaches over the middle, the sun's falls off towards the far side.
    return deadLeaves + (1 - deadLeaves) * Math.min(1, 1.6 * fromDead) + sun * (1 - fromSun) ** 2;
  });
}

function makeNoise(length: number): Float32Array {
  const random = seededRandom(0x7a9ca5e);
  return Float32Array.from({ length }, () => NOISE * gaussian(random));
}
