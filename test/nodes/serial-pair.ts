// A serial line without hardware: a pseudo-terminal whose other end the test holds, and that can be unplugged.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, symlinkSync } from 'node:fs';

/** Node.js makes no pseudo-terminals; Python's standard library does. The slave's name is the first line. */
const RELAY = `
import os, select, tty
master, slave = os.openpty()
tty.setraw(slave)
os.write(1, (os.ttyname(slave) + '\\n').encode())
while True:
    ready = select.select([master, 0], [], [])[0]
    if master in ready:
        os.write(1, os.read(master, 65536))
    if 0 in ready:
        data = os.read(0, 65536)
        if not data: break
        os.write(master, data)
`;

export interface FarEnd {
  write(bytes: string | Uint8Array): void;
  /** The next line that came, without its end; empty ones are passed over. */
  line(): Promise<string>;
  /** Takes the plug out: the port that the other side holds is dead. */
  unplug(): Promise<void>;
}

/** Plugs a new serial line in at `path`, a link like those in /dev/serial. */
export async function plugIn(python: string, path: string): Promise<FarEnd> {
  const relay = spawn(python, ['-c', RELAY], { stdio: ['pipe', 'pipe', 'inherit'] });
  relay.stdin.on('error', () => {});
  const lines: string[] = [];
  let rest = '';
  let wake = () => {};
  relay.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    const cut = (rest + chunk).split('\n');
    rest = cut.pop() ?? '';
    lines.push(...cut.filter((line) => line !== ''));
    wake();
  });
  const line = async () => {
    while (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return lines.shift()!;
  };
  symlinkSync(await line(), path);
  return {
    write: (bytes) => relay.stdin.write(bytes),
    line,
    unplug: async () => {
      rmSync(path, { force: true });
      if (relay.exitCode !== null || relay.signalCode !== null) return;
      const ended = once(relay, 'exit');
      relay.kill('SIGKILL');
      await ended;
    },
  };
}
