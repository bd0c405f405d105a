// Decides which of the cloud's commands count: known, with a number above the last, and of this minute.
import {
  checkFresh,
  checkRising,
  checkUnexpired,
  type Fault,
  orThrow,
  parseVisionCommand,
  SEQ_MAX,
  type VisionCommand,
} from '@tapcase/domain';
import { caseFrame } from '../envelope/case-frame.ts';
import type { VerifiedFrame } from './contract.ts';

/** Small values by name that outlive a restart: the part of `tapcase-edge` that is needed here. */
export interface Keeper {
  read(name: string): unknown;
  /** Durable when it returns; throws `state.unwritable`. */
  write(name: string, value: unknown): void;
}

/** The name of the file that keeps the last number across restarts. */
const LAST = 'command-seq';

/** The command of a verified frame, once; its number is on the disk before it is obeyed. Throws why it does not count. */
export function takeOnce(frame: VerifiedFrame, keeper: Keeper, nowSeconds: number): VisionCommand {
  const { report: command } = orThrow(caseFrame({ frame }, 'vision/cmd', parseVisionCommand));
  const refusal = checkRising(lastNumber(keeper.read(LAST)), command.seq) ?? checkTime(command, nowSeconds);
  if (refusal !== undefined) throw refusal;
  keeper.write(LAST, command.seq);
  return command;
}

/** Only what opens a door or stops a retry must be of this minute. */
function checkTime(command: VisionCommand, nowSeconds: number): Fault | undefined {
  return command.type === 'keep' ? checkUnexpired(command, nowSeconds) : checkFresh(command, nowSeconds);
}

/**
 * A file that holds no number, or one above all that can come, is as good as none: the command's own time still refuses what
 * is old.
 */
function lastNumber(kept: unknown): number {
  return typeof kept === 'number' && Number.isSafeInteger(kept) && kept < SEQ_MAX ? kept : 0;
}
