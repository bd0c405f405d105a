// What the config node and its worker say to each other.
import type { FaultCode, Picture } from '@tapcase/domain';
import type { Detected } from './detector.ts';

export interface WorkerRequest {
  readonly id: number;
  readonly picture: Picture;
  readonly threshold: number;
}

export type WorkerAnswer =
  | (Detected & { readonly id: number; readonly kind: 'detected'; readonly name: string; readonly sha256: string })
  | { readonly id: number; readonly kind: 'fault'; readonly code: FaultCode; readonly message: string };
