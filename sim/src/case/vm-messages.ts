// What the world and the worker that runs the firmware say to each other.
import type { ControllerFace } from './types.ts';

/** What a provisioned controller finds in its flash; limits are optional, in milliseconds. */
export interface Secrets {
  readonly case: string;
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly open_within_ms?: number;
  readonly open_too_long_ms?: number;
  readonly status_ms?: number;
}

export interface VmData {
  /** Two float64: grams on the cells, 1 while the door is open. */
  readonly shared: SharedArrayBuffer;
  readonly flashFolder: string;
  readonly secrets: Secrets;
  readonly seed: number;
}

export type VmOrder = { readonly kind: 'stop' } | { readonly kind: 'radio'; readonly on: boolean };

export type FaceMessage =
  | { readonly kind: 'face'; readonly face: ControllerFace }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'crashed'; readonly reason: string }
  | { readonly kind: 'stopped' };
