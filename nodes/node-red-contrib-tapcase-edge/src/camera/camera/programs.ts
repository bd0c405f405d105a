// The programs that capture: where Debian has them, what of the environment they get, what they say when asked one thing.
import { type ChildProcess, spawn } from 'node:child_process';
import { Fault } from '@tapcase/domain';

export type Program = 'ffmpeg' | 'ffprobe' | 'rpicam-vid';

export interface Command {
  readonly program: Program;
  readonly args: readonly string[];
}

const DEBIAN_PACKAGE: Readonly<Record<Program, string>> = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  'rpicam-vid': 'rpicam-apps',
};
/** What they need to start. The rest of the environment holds keys, and a camera has no use for them. */
const ENVIRONMENT = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'LIBCAMERA_RPI_TUNING_FILE'];
/** A list of cameras with all their modes is some kilobytes. */
const ANSWER_BYTES_MAX = 256 * 1024;
const LINES_MAX = 5;
const LINE_LENGTH_MAX = 200;

/** TZ: the names of segments are in UTC only if ffmpeg is. */
export function childEnvironment(): Record<string, string> {
  const given = ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(given), TZ: 'UTC' } as Record<string, string>;
}

export function noProgram(program: Program, cause: unknown): Fault {
  const debianPackage = DEBIAN_PACKAGE[program];
  const message = `${program} cannot be started; it is in the Debian package ${debianPackage}`;
  return new Fault('camera.no-program', message, { program, debianPackage }, cause);
}

/** All that a command says before it ends, which it must within `answerMs`. Throws `camera.no-program` or `camera.unreachable`. */
export function ask({ program, args }: Command, answerMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: childEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    const said = lastWords(child, ANSWER_BYTES_MAX, [child.stdout, child.stderr]);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Fault('camera.unreachable', `${program} found no camera in ${answerMs / 1000} s`));
    }, answerMs);
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(noProgram(program, cause));
    });
    child.once('close', () => {
      clearTimeout(timer);
      resolve(said());
    });
  });
}

/** Keeps the end of what a child says. */
export function lastWords(
  child: ChildProcess,
  bytesMax = LINES_MAX * LINE_LENGTH_MAX * 4,
  streams: readonly (NodeJS.ReadableStream | null)[] = [child.stderr],
): () => string {
  let text = '';
  for (const stream of streams) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(-bytesMax);
    });
    stream?.on('error', () => {});
  }
  return () => text;
}

/** The last lines, short enough for a fault. */
export function lastLines(text: string): string[] {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.slice(-LINES_MAX).map((line) => line.slice(0, LINE_LENGTH_MAX));
}
