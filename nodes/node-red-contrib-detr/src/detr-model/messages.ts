// What the config node and its worker say to each other.
import type { Detection, FaultCode, RgbImage } from '@tapcase/domain';

export interface WorkerRequest {
  readonly id: number;
  readonly image: RgbImage;
  readonly threshold: number;
}

export type WorkerAnswer =
  | { readonly id: number; readonly kind: 'detected'; readonly model: string; readonly boxes: readonly Detection[] }
  | { readonly id: number; readonly kind: 'fault'; readonly code: FaultCode; readonly message: string };
