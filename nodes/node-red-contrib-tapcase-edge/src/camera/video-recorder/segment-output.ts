// How ffmpeg writes video that survives a pulled plug: fragmented MP4 in short files, every fragment flushed at once.
import { join } from 'node:path';
import type { RecordingTarget } from '../camera/contract.ts';

/**
 * A group of pictures (a second) is written in two halves. A fragment that ends only at the next key frame leaves, when ffmpeg
 * is killed just after that key frame came, a whole group and its successor's first picture unwritten.
 */
const FRAGMENT_MICROSECONDS = 500_000;
/** A key frame this early still begins the next file: raw H.264 counts its 6.000 s as 5.99999. */
const EARLY_SECONDS = 0.05;

/**
 * ffmpeg's arguments for one output that copies the coded video of `camera` into `target`. The times in the names are UTC
 * only if ffmpeg runs with TZ=UTC. A file that a crash cut short lacks at most the fragment that was being written.
 */
export function segmentOutput(camera: string, { folder, segmentSeconds }: RecordingTarget): readonly string[] {
  const fragments = `movflags=+frag_keyframe+empty_moov+default_base_moof:frag_duration=${FRAGMENT_MICROSECONDS}`;
  return [
    ...['-map', '0:v:0', '-c', 'copy', '-f', 'segment'],
    ...['-segment_time', String(segmentSeconds), '-segment_time_delta', String(EARLY_SECONDS)],
    ...['-strftime', '1', '-reset_timestamps', '1'],
    ...['-segment_format', 'mp4', '-segment_format_options', `${fragments}:flush_packets=1`],
    join(folder, `${camera}_%Y%m%dT%H%M%SZ.mp4`),
  ];
}
