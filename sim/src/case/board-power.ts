// The board's power and memory as the firmware finds them: battery, temperature sensors, why it starts, how it sleeps.

/** What machine.reset_cause() says: a brown-out reads as power, machine.reset() as hard. */
export const RESET_CAUSES = { power: 1, hard: 2, watchdog: 3, sleep: 4, soft: 5 } as const;
/** What machine.wake_reason() says after a deep sleep: one of the pins, or the timer. */
const WAKE_REASONS = { none: 0, pin: 3, timer: 4 } as const;
/** A lithium cell at half charge; the board measures it behind a divider by two. */
export const BATTERY_VOLTS = 3.7;
const BATTERY_PIN = 4;
const DIVIDER = 2;
/** A fridge as it should be. */
export const FRIDGE_CELSIUS = 4;

/** RTC memory: kept through resets by whoever owns the boards, and emptied by a power cut. */
export interface RtcMemory {
  hex: string;
}

/** How a board lay down: for how long, and which pins wake it before that. */
export interface Sleep {
  readonly ms: number;
  readonly wakePins: readonly number[];
}

export interface PowerOptions {
  /** Of the air in the case. */
  readonly temperatureC?: () => number;
  /** Where there are several sensors, or a broken one: null is silent, `crc` is garbled. One good one by default. */
  readonly temperatureSensors?: () => readonly (number | 'crc' | null)[];
  /** Of the battery's cell; 0 where none is fitted. */
  readonly batteryVolts?: () => number;
  /** Why this board starts: power by default. */
  readonly resetCause?: keyof typeof RESET_CAUSES;
  readonly wakeReason?: keyof typeof WAKE_REASONS;
  readonly rtc?: RtcMemory;
  /** The chip wakes by a reset, of cause `sleep`; by default at once. Nothing of this board may run any more. */
  readonly onDeepSleep?: (sleep: Sleep) => void;
  readonly onLightSleep?: (sleep: Sleep) => void;
  readonly onReset: (reason: string) => void;
}

/** Members of `bridge`, which fake_machine/ asks. */
export function powerBridge(options: PowerOptions) {
  const rtc = options.rtc ?? { hex: '' };
  let wakePins: readonly number[] = [];
  const sensors = () => options.temperatureSensors?.() ?? [options.temperatureC?.() ?? FRIDGE_CELSIUS];
  return {
    volts: (pin: number) => (pin === BATTERY_PIN ? (options.batteryVolts?.() ?? BATTERY_VOLTS) / DIVIDER : 0),
    temperatures: () => JSON.stringify(sensors()),
    rtcRead: () => rtc.hex,
    rtcWrite: (hex: string) => {
      rtc.hex = hex;
    },
    resetCause: () => RESET_CAUSES[options.resetCause ?? 'power'],
    wakeReason: () => WAKE_REASONS[options.wakeReason ?? 'none'],
    wakeOn: (pins: string) => {
      wakePins = pins === '' ? [] : pins.split(',').map(Number);
    },
    lightSleep: (ms: number) => options.onLightSleep?.({ ms, wakePins }),
    deepSleep: (ms: number) => {
      if (options.onDeepSleep === undefined) options.onReset('deep sleep');
      else options.onDeepSleep({ ms, wakePins });
    },
  };
}
