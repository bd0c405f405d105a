// Decides from what a graph says of itself which input takes the pixels, which the mask, and which outputs are the
// scores and the boxes. Exporters differ in names, in the mask and in what they freeze; nothing of it is assumed.
import { Fault } from '../fault.ts';
import type { Preprocessing } from './model-facts.ts';
import type { Size } from './resize.ts';

/** One input or output as the runtime describes it; an open dimension is a name or a number below 1. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export interface Binding {
  readonly pixels: string;
  /** The one size that the graph takes; null when it takes any. */
  readonly frozen: Size | null;
  /** `size` null: the picture's. Old exporters froze 64 x 64; an all-ones mask means the same at any size. */
  readonly mask: { readonly name: string; readonly size: Size | null } | null;
  readonly logits: string;
  readonly boxes: string;
}

const LOGITS_NAMES = ['logits', 'labels', 'pred_logits'];
const BOXES_NAMES = ['pred_boxes', 'dets', 'boxes'];
const BOX_NUMBERS = 4;
const CHANNELS = 3;

/** The binding, or `detr.model-unfit` saying what is missing. */
export function bindGraph(inputs: readonly Port[], outputs: readonly Port[]): Binding | Fault {
  const pixels = inputs.find(({ type, shape }) => type === 'float32' && shape.length === 4);
  if (pixels === undefined) return unfit('has no input for pixels', inputs);
  const channels = pixels.shape[1];
  if (fixed(channels) !== null && channels !== CHANNELS) return unfit(`wants ${channels} channels`, inputs);
  const others = inputs.filter((input) => input !== pixels);
  const mask = others.find(({ name, shape }) => name.includes('mask') && shape.length === 3);
  const unknown = others.filter((input) => input !== mask);
  if (unknown.length > 0) return unfit('has inputs that nobody could fill', unknown);
  if (mask !== undefined && mask.type !== 'int64') return unfit('has a mask of another type than int64', [mask]);
  const boxes = named(outputs, BOXES_NAMES) ?? only(outputs, (port) => port.shape[2] === BOX_NUMBERS);
  const logits = named(outputs, LOGITS_NAMES) ?? only(outputs, (port) => port !== boxes && port.shape.length === 3);
  if (boxes === undefined || logits === undefined) return unfit('gives no scores and boxes', outputs);
  return {
    pixels: pixels.name,
    frozen: frozenSize(pixels.shape, 2),
    mask: mask === undefined ? null : { name: mask.name, size: frozenSize(mask.shape, 1) },
    logits: logits.name,
    boxes: boxes.name,
  };
}

/**
 * How the graph wants its pictures: the configuration's size rule, or the graph's own size where there is no rule.
 * `detr.model-unfit` where the two contradict each other.
 */
export function fitSize(how: Preprocessing, { frozen }: Binding): Preprocessing | Fault {
  if (frozen === null) return how;
  if (how.size === null) return { ...how, size: { kind: 'exact', ...frozen } };
  if (how.size.kind === 'exact' && !(how.size.height === frozen.height && how.size.width === frozen.width)) {
    return new Fault(
      'detr.model-unfit',
      `the graph takes ${frozen.width} x ${frozen.height}, the configuration says ${how.size.width} x ${how.size.height}`,
    );
  }
  return how;
}

function named(ports: readonly Port[], names: readonly string[]): Port | undefined {
  return ports.find(({ name }) => names.includes(name));
}

/** The port that fits, if it is the only one: with several there is no telling. */
function only(ports: readonly Port[], fits: (port: Port) => boolean): Port | undefined {
  const [first, ...more] = ports.filter(fits);
  return more.length === 0 ? first : undefined;
}

function frozenSize(shape: Port['shape'], from: number): Size | null {
  const [height, width] = [fixed(shape[from]), fixed(shape[from + 1])];
  return height === null || width === null ? null : { height, width };
}

function fixed(dimension: number | string | undefined): number | null {
  return typeof dimension === 'number' && dimension > 0 ? dimension : null;
}

function unfit(what: string, ports: readonly Port[]): Fault {
  const seen = ports.map(({ name, type, shape }) => `${name} ${type}[${shape.join(', ')}]`).join('; ');
  return new Fault('detr.model-unfit', `the model ${what}: ${seen.slice(0, 400) || 'none'}`);
}
