// How ffmpeg writes video that survives a pulled plug: fragmented MP4 in short files, every fragment flushed at once.
import { join } from 'node:path';
import type { RecordingTarget } from '../camera-source/contract.ts';

/**
 * ffmpeg's arguments for one output that copies the coded video of `camera` into `target`. The times in the names are UTC
 * only if ffmpeg runs with TZ=UTC. A file that a crash cut short lacks at most the fragment that was being written, which
 * is one group of pictures.
 */
export function segmentOutput(camera: string, { folder, segmentSeconds }: RecordingTarget): readonly string[] {
  return [
    ...['-map', '0:v:0', '-c', 'copy', '-f', 'segment'],
    ...['-segment_time', String(segmentSeconds), '-strftime', '1', '-reset_timestamps', '1'],
    ...['-segment_format', 'mp4'],
    ...['-segment_format_options', 'movflags=+frag_keyframe+empty_moov+default_base_moof:flush_packets=1'],
    join(folder, `${camera}_%Y%m%dT%H%M%SZ.mp4`),
  ];
}
