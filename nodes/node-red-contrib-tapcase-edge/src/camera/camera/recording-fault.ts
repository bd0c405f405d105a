// Tells a recording that could not be written from a camera that could not be read, by what ffmpeg said.
import { Fault } from '@tapcase/domain';
import type { RecordingTarget } from './contract.ts';

const DISK_WORDS = /No space left on device|Read-only file system|Disk quota exceeded|Failed to open segment/;

/** `camera.recording-failed`, or undefined where ffmpeg ended for another reason. */
export function recordingFault(said: string, { folder }: RecordingTarget): Fault | undefined {
  const [reason] = DISK_WORDS.exec(said) ?? [];
  if (reason === undefined) return undefined;
  return new Fault('camera.recording-failed', `video cannot be written: ${reason}`, { folder });
}
