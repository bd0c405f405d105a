// What the world and the worker that runs the firmware say to each other.
import type { ControllerFace, ControllerOptions } from './types.ts';

/** What a provisioned controller finds in its flash; limits are optional, in milliseconds. */
export interface Secrets extends NonNullable<ControllerOptions['limits']> {
  readonly case: string;
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The laptop's broker has no certificate; a real case never says this. */
  readonly tls: false;
}

export interface VmData {
  /** Two float64: grams on the cells, 1 while the door is open. */
  readonly shared: SharedArrayBuffer;
  readonly flashFolder: string;
  readonly secrets: Secrets;
  readonly seed: number;
}

export type VmOrder = { readonly kind: 'radio'; readonly on: boolean };

export type FaceMessage =
  | { readonly kind: 'face'; readonly face: ControllerFace }
  | { readonly kind: 'log'; readonly line: string };
