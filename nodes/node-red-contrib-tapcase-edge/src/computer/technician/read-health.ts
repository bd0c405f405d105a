// Reads how the machine is: heat, supply, memory, disk. What it cannot say is null; nothing here ever fails or waits long.
import { execFile } from 'node:child_process';
import { open, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** What the firmware of a Pi says about its supply and its heat. */
export type Throttle = 'under-voltage' | 'frequency-capped' | 'throttled' | 'soft-temperature-limit';
export type Warning = 'hot' | 'disk-nearly-full' | 'under-voltage';

/** `msg.health`. Null where this machine cannot say. Mb are 1,000,000 bytes. */
export interface Health {
  /** The hottest zone. */
  readonly temperatureC: number | null;
  readonly throttled: { readonly now: readonly Throttle[]; readonly sinceStart: readonly Throttle[] } | null;
  readonly memoryFreeMb: number | null;
  readonly diskFreeMb: number | null;
  readonly diskTotalMb: number | null;
  readonly uptimeS: number | null;
  readonly load1: number | null;
  readonly model: string | null;
  /** What stands now. */
  readonly warnings: readonly Warning[];
}

export interface HealthSources {
  /** Where /sys and /proc hang; tests have their own. */
  readonly root?: string;
  readonly vcgencmd?: string;
  /** For the firmware's answer. */
  readonly commandMs?: number;
  readonly folder: string | undefined;
}

export type Readings = Omit<Health, 'warnings'>;

const ZONES_MAX = 16;
/** The files read here have a few lines; meminfo is the longest, about 1.5 kB. */
const FILE_BYTES_MAX = 8_192;
const COMMAND_MS = 2_000;
const BYTES_PER_MB = 1_000_000;
const BYTES_PER_KIB = 1_024;
/** Outside of it a sensor is broken or absent. */
const TEMPERATURE_C_MIN = -40;
const TEMPERATURE_C_MAX = 150;

/** Bits of `vcgencmd get_throttled` (Raspberry Pi documentation); the same 16 higher: it happened since the start. */
const THROTTLE_BITS: readonly Throttle[] = ['under-voltage', 'frequency-capped', 'throttled', 'soft-temperature-limit'];
const SINCE_START_SHIFT = 16;

export async function readHealth({
  root = '/',
  vcgencmd = 'vcgencmd',
  commandMs = COMMAND_MS,
  folder,
}: HealthSources): Promise<Readings> {
  const [temperatureC, throttled, disk, meminfo, uptime, load, model] = await Promise.all([
    hottest(join(root, 'sys/class/thermal')),
    readThrottled(vcgencmd, commandMs),
    readDisk(folder),
    textOf(join(root, 'proc/meminfo')),
    textOf(join(root, 'proc/uptime')),
    textOf(join(root, 'proc/loadavg')),
    textOf(join(root, 'proc/device-tree/model')),
  ]);
  const availableKib = numberIn(meminfo, /^MemAvailable:\s+(\d+) kB$/m);
  const uptimeS = numberIn(uptime, /^(\d+)/);
  return {
    temperatureC,
    throttled,
    memoryFreeMb: availableKib === null ? null : Math.round((availableKib * BYTES_PER_KIB) / BYTES_PER_MB),
    diskFreeMb: disk?.freeMb ?? null,
    diskTotalMb: disk?.totalMb ?? null,
    uptimeS,
    load1: numberIn(load, /^(\d+\.\d+) /),
    model: model.replaceAll('\0', '').trim() || null,
  };
}

async function hottest(folder: string): Promise<number | null> {
  const names = await readdir(folder).catch(() => []);
  const zones = names.filter((name) => /^thermal_zone\d+$/.test(name)).slice(0, ZONES_MAX);
  const texts = await Promise.all(zones.map((zone) => textOf(join(folder, zone, 'temp'))));
  const celsius = texts
    .flatMap((text) => numberIn(text, /^(-?\d+)$/) ?? [])
    .map((millidegrees) => Math.round(millidegrees / 100) / 10)
    .filter((value) => value >= TEMPERATURE_C_MIN && value <= TEMPERATURE_C_MAX);
  return celsius.length === 0 ? null : Math.max(...celsius);
}

/** `throttled=0x50005`, or nothing where there is no such program or it may not ask the firmware. */
function readThrottled(command: string, answerMs: number): Promise<Health['throttled']> {
  return new Promise((resolve) => {
    execFile(command, ['get_throttled'], { timeout: answerMs, maxBuffer: FILE_BYTES_MAX }, (error, output) => {
      const [, hex] = /^throttled=0x([0-9a-f]{1,8})\s*$/.exec(output) ?? [];
      if (error !== null || hex === undefined) return resolve(null);
      const bits = Number.parseInt(hex, 16);
      const named = (shift: number) => THROTTLE_BITS.filter((_, bit) => (bits >>> (bit + shift)) & 1);
      resolve({ now: named(0), sinceStart: named(SINCE_START_SHIFT) });
    });
  });
}

async function readDisk(folder: string | undefined): Promise<{ freeMb: number; totalMb: number } | undefined> {
  if (folder === undefined) return undefined;
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined) return undefined;
  const mb = (blocks: number) => Math.round((blocks * disk.bsize) / BYTES_PER_MB);
  // What this user may still write, without the part that is kept for root.
  return { freeMb: mb(disk.bavail), totalMb: mb(disk.blocks) };
}

/** The beginning of a small file; '' where it cannot be read. */
async function textOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_BYTES_MAX), 0, FILE_BYTES_MAX, 0);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } catch {
    return '';
  } finally {
    await file.close();
  }
}

function numberIn(text: string, pattern: RegExp): number | null {
  const [, digits] = pattern.exec(text) ?? [];
  return digits === undefined ? null : Number(digits);
}
