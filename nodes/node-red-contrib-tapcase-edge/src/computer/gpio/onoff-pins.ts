// The pins of a Raspberry Pi through onoff: the only file that knows it. Whatever fails says what to do about it.
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { SYSFS_GPIO, sysfsNumber } from './chip.ts';
import type { GpioInput, Level, Pins } from './line.ts';

/** The part of onoff's class that is used; its own types are in onoff.d.ts. */
export interface OnoffGpio {
  read(): Promise<Level>;
  readSync(): Level;
  watch(listener: (error: Error | null | undefined, level: Level) => void): void;
  direction(): string;
  unexport(): void;
}
export type OnoffClass = new (
  number: number,
  direction: 'in',
  edge: 'both',
  options: { readonly activeLow: boolean },
) => OnoffGpio;

export interface OnoffOptions {
  /** Where sysfs lies; onoff itself always uses the real one. */
  readonly root?: string;
  readonly load?: () => Promise<{ readonly Gpio: OnoffClass }>;
}

/** What onoff's `readSync` answers where a read failed: neither low nor high, so that its listeners hear nothing. */
const NEITHER = -1 as Level;

export function onoffPins({ root = SYSFS_GPIO, load = () => import('onoff') }: OnoffOptions = {}): Pins {
  const open = async (bcm: number): Promise<OnoffGpio> => {
    const number = sysfsNumber(bcm, root);
    checkAccess(root, number, bcm);
    const Gpio = await classOf(load);
    try {
      // Inverting is ours: a pin that another program left inverted must not stay so.
      const gpio = new Gpio(number, 'in', 'both', { activeLow: false });
      // onoff keeps silent where a pin was exported before and could not be set.
      if (gpio.direction() === 'in') return gpio;
      gpio.unexport();
    } catch (cause) {
      throw unavailable(bcm, number, cause);
    }
    throw new Fault('gpio.unavailable', `GPIO ${bcm} stays an output`, { bcm });
  };
  return { openInput: async (bcm) => inputOf(await open(bcm)) };
}

async function classOf(load: () => Promise<{ readonly Gpio: OnoffClass }>): Promise<OnoffClass> {
  try {
    return (await load()).Gpio;
  } catch (cause) {
    throw new Fault(
      'gpio.unavailable',
      'onoff cannot be loaded: install it and build its part "epoll" on this machine (deploy/pi/install.sh does)',
      {},
      cause,
    );
  }
}

/** Before onoff, which where rights are missing tries ten thousand times while nothing else runs. */
function checkAccess(root: string, number: number, bcm: number): void {
  const isExported = existsSync(join(root, `gpio${number}`));
  try {
    accessSync(join(root, isExported ? `gpio${number}/value` : 'export'), constants.W_OK);
  } catch (cause) {
    throw unavailable(bcm, number, cause);
  }
}

function unavailable(bcm: number, number: number, cause: unknown): Fault {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  return new Fault('gpio.unavailable', `GPIO ${bcm}: ${adviceFor(code, number)}`, { bcm, number, code }, cause);
}

function adviceFor(code: string, number: number): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'this user may not use it; add it to the group "gpio"';
    case 'EBUSY':
      return 'a driver or another program holds it; look for it in /boot/firmware/config.txt';
    case 'EINVAL':
    case 'ENOENT':
      return `the kernel knows no line ${number}; see /sys/class/gpio/gpiochip*/base, or set GPIO_BASE`;
    default:
      return `it cannot be opened (${code === '' ? 'unknown reason' : code})`;
  }
}

function inputOf(gpio: OnoffGpio): GpioInput {
  let onLost: (cause: unknown) => void = () => {};
  const readSync = gpio.readSync.bind(gpio);
  // onoff reads inside the callback of its native part, where whatever is thrown would end the process.
  gpio.readSync = () => {
    try {
      return readSync();
    } catch (cause) {
      onLost(cause);
      return NEITHER;
    }
  };
  return {
    read: () => gpio.read(),
    watch: (onLevel, lost) => {
      let isWatching = true;
      onLost = (cause) => isWatching && lost(cause);
      gpio.watch((error, level) => {
        if (!isWatching) return;
        if (error) lost(error);
        else onLevel(level);
      });
      return () => {
        isWatching = false;
      };
    },
    close: () => gpio.unexport(),
  };
}
