// An arm that reaches into the cabinet: sleeve, forearm, hand and fingers as rounded bars, drawn over everything.
import { FRAME_HEIGHT, FRAME_WIDTH, type Point3, viewOf } from './frame.ts';
import { eachPixel } from './pieces.ts';
import type { Arm, CameraNumber, Rgb } from './types.ts';

/** Picture units; a can (66 mm) is about 50 wide. */
const HAND_RADIUS = 30;
const WRIST_RADIUS = 21;
const ELBOW_RADIUS = 38;
const FINGER_RADIUS = 7.5;
const FINGER_LENGTH = 46;
const FINGERS = 4;
/** Darkening towards the edge of a round thing. */
const ROUND_SHADE = 0.45;

interface Bar {
  readonly from: Point3;
  readonly to: Point3;
  readonly fromRadius: number;
  readonly toRadius: number;
  readonly colour: Rgb;
}

/** Calls `owned` for each pixel that the arm covers. */
export function drawArm(canvas: Float32Array, arm: Arm, camera: CameraNumber, owned: (pixel: number) => void): void {
  for (const bar of barsOf(arm)) drawBar(canvas, bar, camera, owned);
}

/** From what is drawn first, nearest to the goods, to what covers it. */
function barsOf({ hand, elbow, skin, sleeve, cuff }: Arm): Bar[] {
  const wrist = along(hand, elbow, 0.14);
  const cuffAt = along(hand, elbow, cuff);
  const fingers = Array.from({ length: FINGERS }, (_, n) => {
    const aside = ((n - (FINGERS - 1) / 2) / FINGERS) * 2 * HAND_RADIUS;
    const knuckle = { x: hand.x + aside, y: hand.y, z: hand.z };
    const tip = { x: hand.x + aside * 1.15, y: hand.y - FINGER_LENGTH * 0.5, z: hand.z - FINGER_LENGTH };
    return { from: tip, to: knuckle, fromRadius: FINGER_RADIUS, toRadius: FINGER_RADIUS * 1.2, colour: skin };
  });
  const radiusAt = (share: number) => WRIST_RADIUS + (ELBOW_RADIUS - WRIST_RADIUS) * share;
  return [
    ...fingers,
    { from: hand, to: wrist, fromRadius: HAND_RADIUS, toRadius: WRIST_RADIUS, colour: skin },
    { from: wrist, to: elbow, fromRadius: WRIST_RADIUS, toRadius: ELBOW_RADIUS, colour: skin },
    { from: cuffAt, to: elbow, fromRadius: radiusAt(cuff) + 6, toRadius: ELBOW_RADIUS + 8, colour: sleeve },
  ];
}

function along(from: Point3, to: Point3, share: number): Point3 {
  return {
    x: from.x + (to.x - from.x) * share,
    y: from.y + (to.y - from.y) * share,
    z: from.z + (to.z - from.z) * share,
  };
}

function drawBar(canvas: Float32Array, bar: Bar, camera: CameraNumber, owned: (pixel: number) => void): void {
  const [ax, ay, ar] = discOf(bar.from, bar.fromRadius, camera);
  const [bx, by, br] = discOf(bar.to, bar.toRadius, camera);
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = Math.max(1, dx * dx + dy * dy);
  const reach = Math.max(ar, br);
  const box = {
    left: Math.min(ax, bx) - reach,
    right: Math.max(ax, bx) + reach,
    top: Math.min(ay, by) - reach,
    bottom: Math.max(ay, by) + reach,
  };
  eachPixel(box, (px, py) => {
    const [x, y] = [px + 0.5 - ax, py + 0.5 - ay];
    const share = Math.min(1, Math.max(0, (x * dx + y * dy) / length2));
    const radius = ar + (br - ar) * share;
    const away = Math.hypot(x - share * dx, y - share * dy) / radius;
    if (away > 1) return;
    const shade = 1 - ROUND_SHADE * away * away;
    const pixel = py * FRAME_WIDTH + px;
    for (let n = 0; n < 3; n++) canvas[pixel * 3 + n] = bar.colour[n]! * shade;
    owned(pixel);
  });
}

/** A ball of the cabinet as a disc of the frame. */
function discOf(point: Point3, radius: number, camera: CameraNumber): readonly [x: number, y: number, radius: number] {
  const { project } = viewOf(camera);
  const [x, y] = project(point);
  const [edgeX, edgeY] = project({ ...point, y: point.y + radius });
  return [x, y, Math.min(FRAME_HEIGHT / 2, Math.hypot(edgeX - x, edgeY - y))];
}
