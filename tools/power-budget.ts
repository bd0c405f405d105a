// Writes docs/power.md: what a case draws, how long its battery lasts, and what a capacitor must hold, computed from the
// currents below and from the times in firmware/app/config.py. `node tools/power-budget.ts`; a test compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const CONFIG = readFileSync(join(ROOT, 'firmware', 'app', 'config.py'), 'utf8');

/** Milliamperes at the cell, and where each figure comes from. None was measured on a Tapcase board. */
const CURRENTS = {
  awake: [46, 'FeatherS3 (ESP32-S3) awake and idle in MicroPython', 'MicroPython issue 12104'],
  light: [1.3, 'the same board in light sleep', 'MicroPython issue 12104'],
  lightChip: [0.24, 'the chip alone in light sleep', 'Espressif, low-power fundamentals'],
  deep: [0.043, 'the board in deep sleep', 'MicroPython issue 12104'],
  deepChip: [0.008, 'the chip alone in deep sleep (7 to 8 µA)', 'Espressif; measured on a DevKitM by lucidar.me'],
  ulp: [0.02, 'the chip with its ULP looking at a pin now and then', 'Espressif, sensor-monitored figure; not tried'],
  busy: [30, 'the chip working for a moment', 'assumed'],
  modemIdle: [10, 'SIM7080G awake, nothing to do', 'SIMCom, SIM7080G data sheet'],
  modemSleep: [1, 'SIM7080G asleep but listening (0.6 to 1 mA)', 'SIMCom, SIM7080G data sheet'],
  modemPsm: [0.0032, 'SIM7080G in PSM: unreachable', 'SIMCom, SIM7080G data sheet'],
  modemSend: [300, 'SIM7080G while it attaches or sends, on average', 'assumed; peaks are near 0.5 A'],
  cells: [22, 'four HX711 (1.5 mA) and four bridges (4 mA)', 'AVIA, HX711 data sheet; 5 V over 1 kΩ'],
  display: [15, 'SSD1306, a third of its pixels lit (10 to 20 mA)', 'Solomon Systech; typical modules'],
  led: [1, 'a dark WS2812', 'pjrc.com'],
  voice: [20, 'DFPlayer that is silent', 'typical modules'],
  hall: [4, 'A3144 hall sensor', 'Allegro data sheet'],
  hallSmall: [0.0015, 'DRV5032 hall switch (1 to 2 µA)', 'Texas Instruments data sheet'],
  pullUp: [0.073, 'reed contact of a shut door on the chip’s own pull-up, 45 kΩ', '3.3 V / 45 kΩ'],
  divider: [0.021, 'two 100 kΩ over the battery', '4.2 V / 200 kΩ'],
  regulator: [0.055, 'a common regulator by itself (2 to 55 µA)', 'typical data sheets'],
  thermometer: [1, 'DS18B20 while it converts', 'Analog Devices data sheet'],
} as const satisfies Record<string, readonly [milliamperes: number, what: string, source: string]>;

/** Millicoulomb and milliseconds from waking to sleeping again: glenn20/upy-esp32-experiments, FeatherS3. */
const WAKES = {
  stock: [26.5, 418],
  frozen: [1.82, 48.8],
  stub: [0.18, 8.7],
} as const satisfies Record<string, readonly [millicoulomb: number, ms: number]>;

/** A cell gives this share before it is put to bed. */
const USABLE = 0.8;
const CELLS_MAH = [500, 2_000] as const;
const TICK_MS = ms('IDLE_TICK_MS');
const HOURS_A_DAY = 24;
const DAYS_A_YEAR = 365;
/** How a converter from the capacitor to the board does. */
const EFFICIENCY = 0.85;
const BOARD_VOLTS = 3.3;
const MODEM_VOLTS = 3.8;
/** How long the modem sends for each report from deep sleep: attach, TLS, MQTT. */
const ATTACH_MS = 4_000;
/** A status from a modem that is attached. */
const SEND_MS = 1_000;
const STATUS_MS = 15 * 60 * 1000;

/** The whole page. */
export function powerPage(): string {
  return `${[INTRO, profiles(), ticks(), twentyMicroamperes(), rideThrough(), lastWord(), sources(), OPEN].join('\n\n')}\n`;
}

const INTRO = `# Power

What a case draws, what its battery is for, and what happens when mains goes.

**Computed, not measured.** \`node tools/power-budget.ts\` writes this page from currents that others have published and from
the times in \`firmware/app/config.py\`; a test compares the two. No Tapcase board has been on an ampere meter yet.

In short: a case that sells lives on **mains**. The lithium cell bridges an outage, so that the case can lock, tell, and go
on reporting how warm it gets. A case on **battery** alone is possible where few people come; how long it lasts depends on the radio
and on the display, hardly on the chip. The lock never hangs on the cell: its coil gets 12 V from the supply.

\`secrets.json\`: \`"profile": "mains"\` (default) or \`"battery"\`; on battery \`"rest"\`:
\`"idle"\` (default: any command finds it), \`"light"\` (naps; what the modem gets while it sleeps may be lost, see the last
section) or \`"deep"\` (wakes by the door and by its timer; nobody can unlock it from afar).`;

function profiles(): string {
  const rows = [
    ['mains, or a visit: everything on', everythingOn()],
    ['battery, somebody was there within the last minute', everythingOn()],
    [
      'battery, nobody there, `rest` idle; after a loss of mains, the first minute: cells, display and light off',
      dark(),
    ],
    [
      `battery, nobody there, \`rest\` light: naps of ${TICK_MS} ms, modem asleep, heard every ${ms('LISTEN_EVERY_MS') / 1000} s`,
      lightRest(TICK_MS),
    ],
    [
      'the same with naps as long as the radio may sleep (not what the firmware does)',
      lightRest(ms('LISTEN_EVERY_MS')),
    ],
    [`battery, \`rest\` deep: a report every ${ms('DEEP_WAKE_MS') / 60_000} minutes`, deepRest(ms('DEEP_WAKE_MS'))],
    [
      `battery nearly empty: a report every ${ms('DEEP_WAKE_EMPTY_MS') / 60_000} minutes`,
      deepRest(ms('DEEP_WAKE_EMPTY_MS')),
    ],
    ['deep sleep, no reports, woken by the door alone', deepBoard()],
  ] as const;
  return `## Profiles

Average current, and how long ${USABLE * 100} % of a cell last. Radio in bad coverage sends longer and louder: expect half.

${lifeTable('state', rows)}

The firmware's plan (\`firmware/app/power_plan.py\`): nobody sleeps during a visit, during an update, with reports unsent while there is a
broker, or within ${ms('STAY_AWAKE_MS') / 1000} s of the last sign of anybody. Below ${written('BATTERY_LOW_VOLTS')} V the cell is low; below ${written('BATTERY_SAVING_VOLTS')} V there is no new visit
and nothing is lit (fault \`battery.low\`); below ${written('BATTERY_EMPTY_VOLTS')} V the case sleeps deeply. ${written('BATTERY_READINGS')} readings in a row make a step, and ${written('BATTERY_RECOVERS_VOLTS')} V
more than the threshold takes it back. With mains known to be there a worn cell stops nobody. No percentage is promised: a
lithium cell's voltage says little between full and nearly empty.`;
}

function ticks(): string {
  const tick = TICK_MS / 1000;
  const [stock, stockMs] = WAKES.stock;
  const rows = [
    ['deep sleep, MicroPython’s own start and `main.py`', stock / ((stockMs + TICK_MS) / 1000)],
    ['deep sleep, work done in a frozen `_boot.py`', WAKES.frozen[0] / tick],
    ['deep sleep, a wake stub in C', WAKES.stub[0] / tick + current('deepChip')],
    ['light sleep, 1 ms of work, chip alone', current('lightChip') + current('busy') / TICK_MS],
    ['light sleep, whole board as measured', current('light')],
    ['ULP looks at the pin', current('ulp')],
    ['no tick: the contact wakes the chip', current('deepChip')],
  ] as const;
  return `## A look every ${TICK_MS} ms

The documents ask for deep sleep with a look at the door every ${TICK_MS} ms at 20 µA. MicroPython cannot: waking costs more than the
look. Chip and its board only, nothing connected:

${lifeTable('scheme', rows)}

In the first row the look comes every ${stockMs + TICK_MS} ms, for that is how long waking takes. The firmware reads the ${TICK_MS} ms as the tick of
a case that idles or naps, and lets the door's contact wake the chip in between.`;
}

function twentyMicroamperes(): string {
  const rows = (
    [
      'deepChip',
      'deep',
      'divider',
      'pullUp',
      'regulator',
      'hallSmall',
      'hall',
      'led',
      'modemPsm',
      'modemSleep',
    ] as const
  ).map((name) => `| ${CURRENTS[name][1]} | ${amperes(current(name))} |`);
  return `## 20 µA

That is the chip, not the board. What stands beside it in the same sleep:

| part | current |
|---|---|
${rows.join('\n')}

So a battery case needs: a load switch for cells, display, light and voice (\`LOAD_SWITCH_PIN\`, low in sleep by its own pull-down), a reed contact or
a micropower hall switch with a pull-up of 1 MΩ (3 µA), a divider of megohms, and a regulator chosen for its own current. A modem
that can be reached draws ${current('modemSleep')} mA, fifty times the 20 µA; in PSM nobody can unlock the case.`;
}

function rideThrough(): string {
  const rows = [
    ['everything on', everythingOn()],
    ['cells, display and light off, all else awake', dark()],
    [`the plan: ${ms('STAY_AWAKE_MS') / 1000} s awake, then naps`, lightRest(TICK_MS)],
    ['naps, and nobody listens for commands', napping(TICK_MS) + current('modemSleep') + statusMean()],
  ] as const;
  return `## Riding through an outage

${lifeTable('how', rows)}

Meanwhile nobody is let in (fault \`power.lost\`), temperature and door are still reported, and the case puts itself to bed below
${written('BATTERY_EMPTY_VOLTS')} V; it wakes when mains returns. The Raspberry Pi is not carried by this cell.`;
}

function lastWord(): string {
  const believedMs = ms('POWER_LOST_MS') + 2 * ms('POWER_LOOK_MS');
  const wordMs = believedMs + ms('LAST_WORD_MS');
  const onWatts = (everythingOn() * BOARD_VOLTS + current('modemSend') * MODEM_VOLTS) / 1000 / EFFICIENCY;
  const wordWatts = (current('awake') * BOARD_VOLTS + current('modemSend') * MODEM_VOLTS) / 1000 / EFFICIENCY;
  const dipJoules = (onWatts * believedMs) / 1000;
  const wordJoules = dipJoules + (wordWatts * ms('LAST_WORD_MS')) / 1000;
  const rows = [
    [`hold the board until the loss is believed (${believedMs} ms)`, dipJoules],
    [`the same and the last word (${wordMs} ms), without a battery`, wordJoules],
    ['one pulse of a latch: 12 V, 2.5 A, 0.2 s', 12 * 2.5 * 0.2],
    ['hold a mag-lock: 12 V, 0.35 A, 10 s', 12 * 0.35 * 10],
  ] as const;
  const table = rows.map(
    ([what, joules]) => `| ${what} | ${joules.toFixed(2)} J | ${farads(joules, 12, 9)} | ${farads(joules, 5, 3.6)} |`,
  );
  return `## When mains goes

| by | what |
|---|---|
| ${ms('POWER_LOST_MS')} to ${believedMs} ms | the loss is believed: a shorter dip does nothing at all. \`power.lost\` is set, which refuses every new unlock |
| at once | the lock is shut if the door is; cells, display and light lose their current unless a visit is under way |
| at once | the last word (\`fault\`, \`power.lost\`) is in flash, then on its way; nothing else is asked of the radio |
| ${wordMs} ms | at most: the case goes on as on battery, or ends |

Mains that comes back is believed after ${ms('POWER_BACK_MS') / 1000} s. An unsent last word goes out after the next start, with the time of that
start if it had none. What a capacitor must hold, on the 12 V side (down to 9 V) or on the 5 V side (down to 3.6 V):

| task | energy | at 12 V | at 5 V |
|---|---|---|---|
${table.join('\n')}

A latch that opens with current (\`power_to_unlock\`) needs none to stay shut. A mag-lock is open without current, by physics: a capacitor buys
seconds, not a night. It must be charged before the first unlock, and the pulse taken from it before it is empty.`;
}

function sources(): string {
  const rows = Object.values(CURRENTS).map(([value, what, source]) => `| ${what} | ${amperes(value)} | ${source} |`);
  const wakes = [
    ['MicroPython’s own start and `main.py`', WAKES.stock],
    ['work in a frozen `_boot.py`', WAKES.frozen],
    ['wake stub in C', WAKES.stub],
  ] as const;
  return `## Currents

| what | current | source |
|---|---|---|
${rows.join('\n')}

From waking to sleeping again (glenn20/upy-esp32-experiments, FeatherS3, 5 V):

| what | charge | time |
|---|---|---|
${wakes.map(([what, [charge, time]]) => `| ${what} | ${charge} mC | ${time} ms |`).join('\n')}`;
}

const OPEN = `## What only a board can show

- that light sleep keeps the modem's serial line clean, and that the modem keeps what came while its DTR was high until it is woken
  (its RI line, which would tell, is not wired);
- that the watchdog does not bite in light sleep;
- the current of each state above, and how long the supply's capacitors really last;
- that the door's contact wakes the chip from deep sleep with an external pull-up.`;

// What each state draws, in milliamperes.

function everythingOn(): number {
  return current('awake') + current('modemIdle') + current('cells') + current('display') + current('led') + small();
}

function dark(): number {
  return current('awake') + current('modemIdle') + small();
}

/** What is always there: contact, divider, regulator, and a thermometer that converts now and then. */
function small(): number {
  const converts = ms('TEMP_CONVERT_MS') / (ms('TEMP_EVERY_MS') + ms('TEMP_CONVERT_MS'));
  return current('pullUp') + current('divider') + current('regulator') + current('thermometer') * converts;
}

function napping(napMs: number): number {
  const apartMs = ms('NAP_APART_MS');
  return (napMs * current('light') + apartMs * current('awake')) / (napMs + apartMs) + small();
}

function lightRest(napMs: number): number {
  const cycleMs = ms('LISTEN_EVERY_MS') + ms('LISTEN_MS');
  const listens = ms('LISTEN_MS') / cycleMs;
  const listening = current('awake') + current('modemIdle') + small();
  return listens * listening + (1 - listens) * (napping(napMs) + current('modemSleep')) + statusMean();
}

function statusMean(): number {
  return (current('modemSend') * SEND_MS) / STATUS_MS;
}

function deepRest(everyMs: number): number {
  const awakeMs = ms('STAY_AWAKE_TIMER_MS');
  const charge = WAKES.stock[0] + (dark() * awakeMs + current('modemSend') * ATTACH_MS) / 1000;
  return deepBoard() + charge / ((everyMs + awakeMs) / 1000);
}

/** The board's own figure has its regulator in it. */
function deepBoard(): number {
  return current('deep') + current('pullUp') + current('divider');
}

// How it is written

function lifeTable(head: string, rows: readonly (readonly [string, number])[]): string {
  const lines = rows.map(([what, mean]) => {
    const lives = CELLS_MAH.map((capacity) => duration((capacity * USABLE) / mean));
    return `| ${what} | ${amperes(mean)} | ${lives.join(' | ')} |`;
  });
  return [
    `| ${head} | average | ${CELLS_MAH.map((mah) => `${mah.toLocaleString('en-US')} mAh`).join(' | ')} |`,
    '|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function amperes(milliamperes: number): string {
  return milliamperes < 0.1 ? `${significant(milliamperes * 1000)} µA` : `${significant(milliamperes)} mA`;
}

function duration(hours: number): string {
  const days = hours / HOURS_A_DAY;
  if (hours < 2 * HOURS_A_DAY) return `${significant(hours)} h`;
  // Beyond that a cell loses as much by itself.
  if (days >= DAYS_A_YEAR) return 'over a year';
  return `${significant(days)} d`;
}

function farads(joules: number, fromVolts: number, toVolts: number): string {
  const value = (2 * joules) / (fromVolts ** 2 - toVolts ** 2);
  return value < 0.1 ? `${significant(value * 1000)} mF` : `${significant(value)} F`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function current(name: keyof typeof CURRENTS): number {
  return CURRENTS[name][0];
}

/** A number of firmware/app/config.py, where products are written out. */
function ms(name: string): number {
  const [, product] = new RegExp(`^${name} = ([\\d *]+)$`, 'm').exec(CONFIG) ?? [];
  if (product === undefined) throw new Error(`firmware/app/config.py has no ${name}`);
  return product.split('*').reduce((value, factor) => value * Number(factor), 1);
}

/** As it is written there. */
function written(name: string): string {
  const [, value] = new RegExp(`^${name} = ([\\d.]+)$`, 'm').exec(CONFIG) ?? [];
  if (value === undefined) throw new Error(`firmware/app/config.py has no ${name}`);
  return value;
}

if (import.meta.main) writeFileSync(join(ROOT, 'docs', 'power.md'), powerPage());
