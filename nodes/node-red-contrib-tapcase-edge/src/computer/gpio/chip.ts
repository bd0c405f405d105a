// Finds the number under which the kernel's sysfs knows a pin: since Linux 6.6 the Pi's own chip no longer begins at 0.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';

export const SYSFS_GPIO = '/sys/class/gpio';

/** The chip behind the 40-pin header: Pi 4 and CM4, Pi 5, Pi 3 and older. Other chips of a board carry other lines. */
const LABELS = ['pinctrl-bcm2711', 'pinctrl-rp1', 'pinctrl-bcm2835'];

interface Chip {
  readonly label: string;
  readonly base: number;
  readonly lines: number;
}

/**
 * The sysfs number of BCM pin `bcm`. The base differs by model and kernel (0, 399, 512, 569, 571 were seen), so it is read
 * and never assumed; `givenBase` (GPIO_BASE of the environment) is for a board that is not known here. Throws
 * `gpio.unavailable` where there is no GPIO, `gpio.no-such-line` for a pin that the chip does not have.
 */
export function sysfsNumber(bcm: number, root = SYSFS_GPIO, givenBase = process.env.GPIO_BASE ?? ''): number {
  if (givenBase !== '') {
    if (!/^\d{1,6}$/.test(givenBase)) throw new Fault('gpio.unavailable', 'GPIO_BASE is not a number');
    return Number(givenBase) + bcm;
  }
  const chips = chipsOf(root);
  const chip = LABELS.map((label) => chips.find((candidate) => candidate.label === label)).find(Boolean);
  if (chip === undefined) {
    throw new Fault('gpio.unavailable', `no chip of a Raspberry Pi in ${root}; another board wants GPIO_BASE`, {
      labels: chips.map(({ label }) => label),
    });
  }
  if (bcm >= chip.lines) {
    throw new Fault('gpio.no-such-line', `${chip.label} has lines 0 to ${chip.lines - 1}, not ${bcm}`, { bcm });
  }
  return chip.base + bcm;
}

function chipsOf(root: string): Chip[] {
  let names: string[];
  try {
    names = readdirSync(root).filter((name) => /^gpiochip\d+$/.test(name));
  } catch (cause) {
    throw new Fault('gpio.unavailable', `this machine has no ${root}`, {}, cause);
  }
  return names.flatMap((name): Chip[] => {
    const [label, base, lines] = ['label', 'base', 'ngpio'].map((file) => textOf(join(root, name, file)));
    const isWhole = /^\d{1,6}$/.test(base!) && /^\d{1,4}$/.test(lines!);
    return isWhole ? [{ label: label!, base: Number(base), lines: Number(lines) }] : [];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // A chip that goes away while we look is one that we cannot use.
    return '';
  }
}
