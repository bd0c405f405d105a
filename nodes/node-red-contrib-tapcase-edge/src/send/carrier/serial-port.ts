// A serial port through the package serialport: the only file that knows it.
import { stat } from 'node:fs/promises';
import { Fault } from '@tapcase/domain';

export interface SerialConnection {
  /** Resolves when the bytes are with the kernel; rejects when the port is lost. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface SerialEvents {
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Once, unless it was us who closed it. */
  readonly onLost: (cause: unknown) => void;
}

export type OpenSerial = (path: string, baud: number, events: SerialEvents) => Promise<SerialConnection>;

/** Pulled out while bytes arrive, a port gives serialport nothing but empty reads, for ever: so its file is looked at. */
const CHECK_MS = 1_000;

/** Rejects with `carrier.unreachable`. */
export const openSerial: OpenSerial = async (path, baud, { onBytes, onLost }) => {
  const { SerialPort } = await import('serialport').catch((cause: unknown) => {
    throw new Fault('carrier.unreachable', 'the package serialport cannot be loaded on this machine', {}, cause);
  });
  const port = new SerialPort({ path, baudRate: baud, autoOpen: false });
  const opened = await fileOf(path);
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error) reject(new Fault('carrier.unreachable', adviceFor(path, error.message), { path }, error));
      else resolve();
    });
  });
  let isOver = false;
  const end = () => {
    isOver = true;
    clearInterval(check);
    return new Promise<void>((resolve) => {
      if (port.isOpen) port.close(() => resolve());
      else resolve();
    });
  };
  const lose = (cause: unknown) => {
    if (isOver) return;
    void end();
    onLost(cause);
  };
  const check = setInterval(async () => {
    if ((await fileOf(path)) !== opened) lose(new Error('the file of the port is gone'));
  }, CHECK_MS);
  port.on('data', onBytes);
  port.on('close', lose);
  port.on('error', lose);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        port.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close: end,
  };
};

/** Which device file stands at `path`, also behind a link: another one after the plug was pulled and put back. */
function fileOf(path: string): Promise<string | undefined> {
  return stat(path).then(
    ({ dev, ino, rdev }) => `${dev} ${ino} ${rdev}`,
    () => undefined,
  );
}

function adviceFor(path: string, message: string): string {
  if (/permission|EACCES/i.test(message)) return `${path}: no right to use it; add this user to the group "dialout"`;
  if (/no such|ENOENT/i.test(message)) return `${path}: not there; is it plugged in, is the UART switched on?`;
  if (/lock|busy|EBUSY/i.test(message)) return `${path}: another program uses it, perhaps the Linux console`;
  return `${path}: cannot be opened`;
}
