// The pins of a Pi without a Pi: a temporary sysfs, a class shaped like onoff's, and the line that is followed through both.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import type { Gpio as RealOnoff } from 'onoff';
import { sysfsNumber } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio/chip.ts';
import { followLine } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio/follow-line.ts';
import { type Level, parseLine, pullLine } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio/line.ts';
import {
  type OnoffClass,
  type OnoffGpio,
  type OnoffOptions,
  onoffPins,
} from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio/onoff-pins.ts';
import { fakePins } from './fake-pins.ts';

/** The compiler says here if onoff's real class no longer fits what the adapter uses of it. */
const _fits: (real: RealOnoff) => OnoffGpio = (real) => real;
void _fits;

const code = (action: () => unknown): string => {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code;
    throw thrown;
  }
  return 'no fault';
};
const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return thrown instanceof Fault ? thrown.code : `no fault: ${String(thrown)}`;
};

describe('the address of a line', () => {
  for (const [text, wanted] of [
    ['none', { kind: 'none' }],
    ['gpio:0', { kind: 'pin', bcm: 0 }],
    ['gpio:57', { kind: 'pin', bcm: 57 }],
    ['http://127.0.0.1:1/line', { kind: 'simulated', url: 'http://127.0.0.1:1/line' }],
  ] as const) {
    it(`${text} is understood`, () => assert.deepEqual(parseLine(text), wanted));
  }
  for (const text of ['', 'gpio:58', 'gpio:-1', 'gpio:1.5', 'gpio:', 'GPIO18', '18', 'ftp://x', 'http://', 'None']) {
    it(`"${text}" is none`, () => assert.ok(parseLine(text) instanceof Fault));
  }
  it('says which line the firmware of the Pi wants for the pull', () => {
    const line = { kind: 'pin', bcm: 18 } as const;
    assert.equal(pullLine(line, 'down'), 'gpio=18=pd');
    assert.equal(pullLine(line, 'up'), 'gpio=18=pu');
    assert.equal(pullLine(line, 'none'), undefined);
    assert.equal(pullLine({ kind: 'none' }, 'up'), undefined);
  });
});

describe('the pins of a Raspberry Pi', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gpio-'));
    writeFileSync(join(root, 'export'), '');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const chip = (base: number, label: string, lines: number) => {
    const folder = join(root, `gpiochip${base}`);
    mkdirSync(folder);
    for (const [file, text] of Object.entries({ label, base, ngpio: lines })) {
      writeFileSync(join(folder, file), `${text}\n`);
    }
  };

  for (const [name, base, label, lines, number] of [
    ['a Pi 4 with an old kernel', 0, 'pinctrl-bcm2711', 58, 18],
    ['a Pi 4 with Linux 6.6', 512, 'pinctrl-bcm2711', 58, 530],
    ['a Pi 4 on which another chip came first', 522, 'pinctrl-bcm2711', 58, 540],
    ['a Pi 5', 571, 'pinctrl-rp1', 54, 589],
    ['a Pi 3', 512, 'pinctrl-bcm2835', 54, 530],
  ] as const) {
    it(`finds GPIO 18 of ${name} at ${number}`, () => {
      chip(base, label, lines);
      chip(700, 'raspberrypi-exp-gpio', 8);
      chip(800, 'gpio-brcmstb@107d508500', 32);
      assert.equal(sysfsNumber(18, root, ''), number);
    });
  }

  it('refuses a pin that the chip does not have, and takes its last one', () => {
    chip(571, 'pinctrl-rp1', 54);
    assert.equal(sysfsNumber(53, root, ''), 624);
    assert.equal(
      code(() => sysfsNumber(54, root, '')),
      'gpio.no-such-line',
    );
  });

  it('says that there is no GPIO: no folder, an unknown chip, a chip that says nothing useful', () => {
    assert.equal(
      code(() => sysfsNumber(18, join(root, 'none'), '')),
      'gpio.unavailable',
    );
    assert.equal(
      code(() => sysfsNumber(18, root, '')),
      'gpio.unavailable',
    );
    chip(512, 'gpio-mockup-A', 58);
    assert.equal(
      code(() => sysfsNumber(18, root, '')),
      'gpio.unavailable',
    );
    writeFileSync(join(root, 'gpiochip512', 'label'), 'pinctrl-bcm2711');
    writeFileSync(join(root, 'gpiochip512', 'base'), 'many');
    assert.equal(
      code(() => sysfsNumber(18, root, '')),
      'gpio.unavailable',
    );
  });

  it('takes the base from GPIO_BASE for a board that it does not know, and only a number', () => {
    assert.equal(sysfsNumber(18, root, '400'), 418);
    assert.equal(
      code(() => sysfsNumber(18, root, '4e2')),
      'gpio.unavailable',
    );
  });

  const pinsOf = (Gpio: OnoffClass, options: OnoffOptions = {}) => {
    chip(512, 'pinctrl-bcm2711', 58);
    return onoffPins({ root, load: async () => ({ Gpio }), ...options });
  };

  it('opens an input for both edges, never inverted by the kernel', async () => {
    const made: unknown[][] = [];
    const pins = pinsOf(fakeOnoff({ made }).Gpio);
    await pins.openInput(18);
    assert.deepEqual(made, [[530, 'in', 'both', { activeLow: false }]]);
  });

  for (const [errno, advice] of [
    ['EACCES', /group "gpio"/],
    ['EBUSY', /another program/],
    ['EINVAL', /knows no line 530/],
    ['EIO', /EIO/],
  ] as const) {
    it(`says what to do about ${errno}`, async () => {
      const pins = pinsOf(fakeOnoff({ throws: Object.assign(new Error(errno), { code: errno }) }).Gpio);
      await assert.rejects(pins.openInput(18), (fault: Fault) => {
        assert.equal(fault.code, 'gpio.unavailable');
        assert.match(fault.message, advice);
        return true;
      });
    });
  }

  it('says that a pin stays what another program made of it, and lets it go', async () => {
    const fake = fakeOnoff({ direction: 'out' });
    assert.equal(await codeOf(pinsOf(fake.Gpio).openInput(18)), 'gpio.unavailable');
    assert.equal(fake.unexported, 1);
  });

  it('says that onoff is not built, with what to do', async () => {
    const pins = pinsOf(fakeOnoff({}).Gpio, { load: () => Promise.reject(new Error('no bindings')) });
    await assert.rejects(pins.openInput(18), /install it and build/);
  });

  it('hears edges until it is told to stop', async () => {
    const fake = fakeOnoff({});
    const input = await pinsOf(fake.Gpio).openInput(18);
    const heard: unknown[] = [];
    const stop = input.watch(
      (level) => heard.push(level),
      (cause) => heard.push(cause),
    );
    fake.edge(1);
    fake.edge(0);
    stop();
    fake.edge(1);
    assert.deepEqual(heard, [1, 0]);
    input.close();
    assert.equal(fake.unexported, 1);
  });

  it('survives a pin that vanishes while onoff reads it in its callback', async () => {
    const fake = fakeOnoff({});
    const input = await pinsOf(fake.Gpio).openInput(18);
    const heard: unknown[] = [];
    input.watch(
      (level) => heard.push(level),
      (cause) => heard.push((cause as NodeJS.ErrnoException).code),
    );
    fake.vanish(Object.assign(new Error('no device'), { code: 'ENODEV' }));
    fake.edge(1);
    assert.deepEqual(heard, ['ENODEV']);
  });
});

describe('a line that is followed', () => {
  const line = { kind: 'pin', bcm: 18 } as const;
  const follow = (pins = fakePins(), options: object = {}) => {
    const heard: (Level | string)[] = [];
    let wake = () => {};
    const take = (what: Level | string) => {
      heard.push(what);
      wake();
    };
    const stop = followLine(
      { line, debounceMs: 0, isActiveLow: false, pins, ...options },
      { onLevel: take, onLost: ({ code }) => take(code) },
    );
    const hears = async (count: number) => {
      while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return heard;
    };
    return { pins, heard, hears, stop };
  };

  it('is read now and then besides its edges, so that a missed edge is found', async () => {
    const { pins, hears, stop } = follow(undefined, { checkMs: 1 });
    await hears(1);
    pins.set(18, 1);
    const heard = await hears(50);
    stop();
    assert.equal(heard[0], 0);
    assert.equal(heard.at(-1), 1);
  });

  it('counts a level only when it has stood still, however often it bounces', async () => {
    const { pins, hears, stop } = follow(undefined, { debounceMs: 30 });
    await hears(1);
    // All within one turn of the loop: far less than the debounce.
    for (const level of [1, 0, 1, 0, 1] as const) pins.edge(18, level);
    const heard = await hears(2);
    for (const level of [0, 1, 0, 1, 0] as const) pins.edge(18, level);
    await hears(3);
    stop();
    assert.deepEqual(heard, [0, 1, 0]);
  });

  it('says once that it is lost, tries again, and closes what it opens', async () => {
    const { pins, hears, stop } = follow();
    await hears(1);
    pins.refuse(2);
    pins.lose(18, Object.assign(new Error('EINVAL'), { code: 'EINVAL' }));
    assert.deepEqual(await hears(3), [0, 'gpio.unavailable', 0]);
    assert.equal(pins.openInputs(), 1);
    stop();
    await new Promise(setImmediate);
    assert.equal(pins.openInputs(), 0);
  });

  it('says that a pin which opens but cannot be read is lost', async () => {
    const broken = {
      ...fakePins(),
      openInput: async () => ({
        read: () => Promise.reject(Object.assign(new Error('EINVAL'), { code: 'EINVAL' })),
        watch: () => () => {},
        close: () => {},
      }),
    };
    const { hears, stop } = follow(broken as never);
    assert.deepEqual(await hears(1), ['gpio.lost']);
    stop();
  });
});

interface Fake {
  readonly Gpio: OnoffClass;
  edge(level: Level): void;
  vanish(cause: Error): void;
  unexported: number;
}

/** Shaped like onoff's class, down to where it reads: in the callback of its native part, through its own `readSync`. */
function fakeOnoff(given: { made?: unknown[][]; throws?: Error; direction?: string }): Fake {
  let level: Level = 0;
  let gone: Error | undefined;
  const listeners: ((error: Error | null, level: Level) => void)[] = [];
  let instance: OnoffGpio | undefined;
  const fake: Fake = {
    edge: (next) => {
      level = next;
      const value = instance!.readSync();
      if (value === 0 || value === 1) for (const listener of listeners) listener(null, value);
    },
    vanish: (cause) => {
      gone = cause;
    },
    unexported: 0,
    Gpio: class implements OnoffGpio {
      constructor(...args: unknown[]) {
        given.made?.push(args);
        if (given.throws) throw given.throws;
        instance = this;
      }
      readSync() {
        if (gone) throw gone;
        return level;
      }
      read() {
        return gone ? Promise.reject(gone) : Promise.resolve(level);
      }
      watch(listener: (error: Error | null | undefined, level: Level) => void) {
        listeners.push(listener);
      }
      direction() {
        return given.direction ?? 'in';
      }
      unexport() {
        fake.unexported += 1;
      }
    },
  };
  return fake;
}
