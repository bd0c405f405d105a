// The firmware's feedback on a simulated board: display, light, buzzer, distance sensor and voice module, in virtual time.
import { readFileSync } from 'node:fs';
import { createBoard, PINS } from '../../sim/src/case/board.ts';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { DfPlayerChip } from '../../sim/src/case/dfplayer-chip.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';
import { Vl53l1xChip } from '../../sim/src/case/vl53l1x-chip.ts';

const BOOT = readFileSync(new URL('../../sim/src/case/fake_machine/boot.py', import.meta.url), 'utf8');
const VOICE_UART = 2;

/** What is told to whom: `noted` has the faults as they were set and cleared. */
const WIRING = `
import json, time, asyncio, board, config
from machine import I2C, UART, Pin
from ssd1306 import SSD1306
from led import Led
from buzzer import Buzzer
from voice import Voice, BAUD
from vl53l1x import VL53L1X
from feedback import Feedback

class Faults:
    def set(self, code, on):
        if on != (code in noted[-1]):
            noted.append([c for c in noted[-1] if c != code] + ([code] if on else []))

noted = [[]]
checked_in = {"blink": 0, "approach": 0}

def here(name):
    checked_in[name] += 1

def wire(language="en", **more):
    display = SSD1306(I2C(1, scl=Pin(board.SCL_PIN), sda=Pin(board.SDA_PIN), freq=400000))
    feedback = Feedback(display, Led(board.LED_PIN), Buzzer(board.BUZZER_PIN), language, faults=Faults(), **more)
    asyncio.create_task(feedback.blink(lambda: here("blink")))
    asyncio.create_task(feedback.approach(lambda: here("approach")))
    return feedback

def a_voice():
    return Voice(UART(2, BAUD, tx=board.PI_TX_PIN, rx=board.PI_RX_PIN))

def a_tof():
    return VL53L1X(I2C(0, scl=Pin(board.TOF_SCL_PIN), sda=Pin(board.TOF_SDA_PIN), freq=400000))
`;

export interface Bench {
  readonly clock: VirtualClock;
  readonly display: Ssd1306Chip;
  readonly tof: Vl53l1xChip;
  readonly voice: DfPlayerChip;
  /** Each change of the light and of the buzzer's pin. */
  readonly lights: { readonly atMs: number; readonly rgb: readonly [number, number, number] }[];
  readonly sounds: { readonly atMs: number; readonly level: number }[];
  /** What people do, and what breaks. */
  readonly world: {
    distanceMm: number | undefined;
    displayIn: boolean;
    tofIn: boolean;
    tofStuck: boolean;
    voiceIn: boolean;
  };
  /** Runs code; its printed lines as JSON values. */
  run(code: string): unknown[];
  pass(ms: number): Promise<void>;
}

export async function feedbackBench(build?: string): Promise<Bench> {
  const clock = new VirtualClock();
  const world: Bench['world'] = {
    distanceMm: undefined,
    displayIn: true,
    tofIn: true,
    tofStuck: false,
    voiceIn: true,
  };
  const lines: string[] = [];
  const lights: { atMs: number; rgb: readonly [number, number, number] }[] = [];
  const sounds: { atMs: number; level: number }[] = [];
  const display = new Ssd1306Chip(() => world.displayIn);
  const tof = new Vl53l1xChip({
    clock,
    distanceMm: () => world.distanceMm,
    present: () => world.tofIn,
    stuck: () => world.tofStuck,
  });
  const voice = new DfPlayerChip({
    clock,
    send: (bytes) => board.send(VOICE_UART, bytes),
    files: [1, 2, 3, 4, 5, 6, 7, 101, 102, 103, 104, 105, 106, 107],
    present: () => world.voiceIn,
  });
  const board = await createBoard({
    clock,
    massGrams: () => 0,
    doorOpen: () => false,
    uarts: { [VOICE_UART]: voice },
    chips: [display, tof],
    seed: 1,
    mount: () => {},
    onPin: (pin, level) => void (pin === PINS.buzzer && sounds.push({ atMs: clock.nowMs(), level })),
    onLed: (rgb) => void lights.push({ atMs: clock.nowMs(), rgb }),
    onLog: (line) => void lines.push(line),
    onReset: (reason) => {
      throw new Error(`the board reset: ${reason}`);
    },
    ...(build === undefined ? {} : { build }),
  });
  const run = (code: string) => {
    lines.length = 0;
    board.vm.runPython(code);
    return lines.map((line) => JSON.parse(line) as unknown);
  };
  run(`${BOOT}\nsys.path[:0] = ['/a']\n${WIRING}`);
  return { clock, display, tof, voice, lights, sounds, world, run, pass: (ms) => clock.advance(ms) };
}
