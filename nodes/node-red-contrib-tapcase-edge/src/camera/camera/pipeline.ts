// Runs the programs of one capture: joins them, hears their pictures, ends all when one ends, and ends them gently.
import { type ChildProcess, spawn } from 'node:child_process';
import { Fault } from '@tapcase/domain';
import type { Commands } from './commands.ts';
import { jpegSplitter } from './jpeg-splitter.ts';
import { childEnvironment, lastLines, lastWords, noProgram, type Program } from './programs.ts';

export interface PipelineLimits {
  /** Until the first picture: libcamera takes a second or two to start, an RTSP camera waits for its next key frame. */
  readonly startMs: number;
  /** Between pictures, of which there is one a second. */
  readonly stallMs: number;
  /** From SIGINT to SIGKILL: the last segment is closed within. */
  readonly graceMs: number;
}

/** `fault` is missing where `stop` was called. */
export interface PipelineEnd {
  readonly fault: Fault | undefined;
  /** Everything the programs said last, for whoever looks for a reason; it may hold the address. */
  readonly said: string;
}

export interface Pipeline {
  stop(): void;
  /** When all programs have ended. */
  readonly ended: Promise<PipelineEnd>;
}

interface Member {
  readonly program: Program;
  readonly child: ChildProcess;
  readonly said: () => string;
  hasEnded: boolean;
}

export function startPipeline(
  commands: Commands,
  { startMs, stallMs, graceMs }: PipelineLimits,
  onPicture: (encoded: Buffer) => void,
  tidy: (text: string) => string,
): Pipeline {
  let resolve!: (end: PipelineEnd) => void;
  const ended = new Promise<PipelineEnd>((settle) => {
    resolve = settle;
  });
  const members = spawnAll(commands);
  const said = () => members.map((member) => member.said()).join('\n');
  let ending: { readonly fault: Fault | undefined } | undefined;
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, action: () => void) => timers.add(setTimeout(action, ms));

  /** The first in the pipe is told; the one behind it ends when nothing more comes, with all that came written down. */
  const end = (fault: Fault | undefined) => {
    if (ending !== undefined) return;
    ending = { fault };
    clearTimeout(stall);
    signal(members.find(isRunning), 'SIGINT');
    after(graceMs, () => signal(members.find(isRunning), 'SIGKILL'));
    after(2 * graceMs, () => {
      for (const member of members) signal(member, 'SIGKILL');
    });
  };
  const stalled = () => end(new Fault('camera.stalled', 'the camera gives no pictures', { said: lines(said(), tidy) }));
  let stall = setTimeout(stalled, startMs);

  const onEnded = (member: Member, fault: () => Fault) => {
    if (member.hasEnded) return;
    member.hasEnded = true;
    end(fault());
    if (members.some(isRunning)) return;
    for (const timer of timers) clearTimeout(timer);
    resolve({ fault: ending?.fault, said: said() });
  };
  for (const member of members) {
    member.child.once('error', (cause) => onEnded(member, () => noProgram(member.program, cause)));
    // `close` and not `exit`: the last pictures and words may still be on their way.
    member.child.once('close', (code, by) =>
      onEnded(member, () => {
        const details = { program: member.program, ended: by ?? `code ${code}`, said: lines(said(), tidy) };
        return new Fault('camera.unreachable', 'the capture has ended', details);
      }),
    );
  }

  const splitter = jpegSplitter();
  members.at(-1)?.child.stdout?.on('data', (chunk: Buffer) => {
    for (const picture of splitter.push(chunk)) {
      if (ending === undefined) stall = restarted(stall, stalled, stallMs);
      onPicture(picture);
    }
  });
  return { stop: () => end(undefined), ended };
}

function spawnAll([first, second]: Commands): Member[] {
  const options = { env: childEnvironment() };
  const one = spawn(first.program, first.args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const members = [memberOf(first.program, one)];
  if (second === undefined || one.pid === undefined) return members;
  // The first one's output is the second one's input: no byte of video passes through Node.js.
  const two = spawn(second.program, second.args, { ...options, stdio: [one.stdout, 'pipe', 'pipe'] });
  // Held open here, the pipe would not break when its reader dies.
  one.stdout.destroy();
  return [...members, memberOf(second.program, two)];
}

function memberOf(program: Program, child: ChildProcess): Member {
  child.stdout?.on('error', () => {});
  return { program, child, said: lastWords(child), hasEnded: false };
}

function isRunning(member: Member): boolean {
  return !member.hasEnded;
}

function signal(member: Member | undefined, name: 'SIGINT' | 'SIGKILL'): void {
  if (member !== undefined && isRunning(member)) member.child.kill(name);
}

function restarted(timer: NodeJS.Timeout, action: () => void, ms: number): NodeJS.Timeout {
  clearTimeout(timer);
  return setTimeout(action, ms);
}

function lines(said: string, tidy: (text: string) => string): string[] {
  return lastLines(tidy(said));
}
