// Carries frames over a serial line, one at a time: the next goes out when the other side has given a receipt for the last.
import { Fault } from '@tapcase/domain';
import type { CarriedFrame } from './frame.ts';
import { frameLine, lineCutter, readLine, receiptLine } from './line.ts';
import type { OpenSerial, SerialConnection } from './serial-port.ts';

export interface LinkCounts {
  readonly sent: number;
  readonly received: number;
  /** Lines that were no frame and no receipt: boot messages, noise, our own echo. */
  readonly ignored: number;
}

export interface LinkEvents {
  readonly onReceived: (frame: CarriedFrame) => void;
  /** A receipt has come, or the port is open again. */
  readonly onWell: () => void;
  /** `carrier.unreachable` (the port) or `carrier.silent` (no receipt): each once in an outage. */
  readonly onFault: (fault: Fault) => void;
}

export interface LinkOptions {
  readonly path: string;
  readonly baud: number;
  readonly open: OpenSerial;
  /** Besides the time that the bytes take; a function is asked before each frame. */
  readonly receiptMs?: number | (() => number);
}

export interface Link {
  /** Takes the frame along, or leaves it: whoever needs it there sends it again until it was acked. */
  send(frame: CarriedFrame): void;
  counts(): LinkCounts;
  close(): Promise<void>;
}

/** A portion of reports is 20. What finds no place is sent again by its owner. */
const WAITING_MAX = 32;
/** The controller gives its receipt from its reading task, also while its modem is busy. */
const RECEIPT_MS = 2_000;
/** The second try is for a line that a spark has hit; the owner of the frame does the rest. */
const TRIES_MAX = 2;
const REOPEN_MS_MIN = 200;
const REOPEN_MS_MAX = 5_000;
/** Start bit, eight bits, stop bit. */
const BITS_PER_BYTE = 10;

interface Waiting {
  readonly line: Buffer;
  readonly crc: string;
}

export function openLink(options: LinkOptions, events: LinkEvents): Link {
  const { receiptMs = RECEIPT_MS } = options;
  const abort = new AbortController();
  const counts = { sent: 0, received: 0, ignored: 0 };
  let connection: SerialConnection | undefined;
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let tries = 0;
  let isSilent = false;
  let isAway = false;

  const giveUp = () => {
    clearTimeout(timer);
    timer = undefined;
    tries = 0;
    waiting = [];
  };
  const transmit = () => {
    const [first] = waiting;
    if (connection === undefined || timer !== undefined || first === undefined) return;
    const waitMs = typeof receiptMs === 'number' ? receiptMs : receiptMs();
    const ms = waitMs + (first.line.length * BITS_PER_BYTE * 1_000) / options.baud;
    tries += 1;
    timer = setTimeout(expire, ms);
    // A write that fails is told by the port's own loss.
    connection.write(first.line).catch(() => {});
  };
  const expire = () => {
    timer = undefined;
    if (tries < TRIES_MAX) return transmit();
    // One frame is enough to find the other side again; the others wait with their owner.
    giveUp();
    if (isSilent) return;
    isSilent = true;
    events.onFault(new Fault('carrier.silent', 'the controller gives no receipt; look at the wires and its supply'));
  };
  const hear = (line: Buffer | undefined) => {
    const heard = line === undefined ? ({ kind: 'noise' } as const) : readLine('controller', line);
    switch (heard.kind) {
      case 'noise':
        counts.ignored += 1;
        return;
      case 'frame':
        counts.received += 1;
        connection?.write(receiptLine('pi', heard.crc)).catch(() => {});
        events.onReceived(heard.frame);
        return;
      case 'receipt': {
        if (timer === undefined || waiting[0]?.crc !== heard.crc) return;
        clearTimeout(timer);
        timer = undefined;
        tries = 0;
        waiting.shift();
        counts.sent += 1;
        isSilent = false;
        events.onWell();
        transmit();
      }
    }
  };
  void keepOpen(options, abort.signal, {
    onBytes: () => lineCutter(hear),
    onOpen: (opened) => {
      connection = opened;
      if (isAway) events.onWell();
      isAway = false;
      transmit();
    },
    onAway: (fault) => {
      connection = undefined;
      giveUp();
      if (!isAway) events.onFault(fault);
      isAway = true;
    },
  });
  return {
    send: (frame) => {
      const next = frameLine('pi', frame);
      const isWaiting = waiting.some(({ crc, line }) => crc === next.crc && line.equals(next.line));
      if (isAway || isWaiting || waiting.length >= WAITING_MAX) return;
      waiting.push(next);
      transmit();
    },
    counts: () => ({ ...counts }),
    close: async () => {
      abort.abort();
      giveUp();
      await connection?.close();
    },
  };
}

interface KeepEvents {
  /** A new reader for each connection: half a line of the last one is no beginning. */
  readonly onBytes: () => (bytes: Uint8Array) => void;
  readonly onOpen: (connection: SerialConnection) => void;
  readonly onAway: (fault: Fault) => void;
}

/** Opens the port, and again whenever it is lost or was not there. */
async function keepOpen({ path, baud, open }: LinkOptions, signal: AbortSignal, events: KeepEvents): Promise<void> {
  let waitMs = REOPEN_MS_MIN;
  while (!signal.aborted) {
    try {
      let onLost!: () => void;
      const lost = new Promise<void>((resolve) => {
        onLost = resolve;
      });
      const connection = await open(path, baud, { onBytes: events.onBytes(), onLost });
      if (signal.aborted) return await connection.close();
      waitMs = REOPEN_MS_MIN;
      events.onOpen(connection);
      await lost;
      if (signal.aborted) return;
      events.onAway(new Fault('carrier.unreachable', `${path} was lost: unplugged?`, { path }));
    } catch (thrown) {
      if (signal.aborted) return;
      const why =
        thrown instanceof Fault ? thrown : new Fault('carrier.unreachable', `${path} fails`, { path }, thrown);
      events.onAway(why);
    }
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, REOPEN_MS_MAX);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
