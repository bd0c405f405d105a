// Who takes part, in the order of the tables' columns.
import type { ContenderMaker } from './contender.ts';
import { cameraCounts } from './contenders/camera-counts.ts';
import { documentsRule } from './contenders/documents-rule.ts';
import { nearestWeight } from './contenders/nearest-weight.ts';
import { oracle } from './contenders/oracle.ts';
import { ours } from './contenders/ours.ts';
import { winnersRule } from './contenders/winners-rule.ts';

export const CONTENDERS: readonly ContenderMaker[] = [
  documentsRule,
  cameraCounts,
  nearestWeight,
  winnersRule,
  ours,
  oracle,
];
