// What command-check stores, and the command that a verified frame must carry.

import { chosen } from '@tapcase/define-node';
import { type Fault, parseVisionCommand, type VisionCommand } from '@tapcase/domain';
import { type CaseFrame, caseFrame } from '@tapcase/node-red-contrib-hmac';

export const defaults = {
  name: { value: '' },
  state: { value: '', type: 'tapcase-edge', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly state: string } {
  return { state: chosen(raw, 'state') };
}

export function parseMessage(raw: unknown): CaseFrame<VisionCommand> | Fault {
  return caseFrame(raw, 'vision/cmd', parseVisionCommand);
}
