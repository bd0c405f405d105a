// How awake a case is: the plan for mains and battery as tables, and what must hold whatever happens.
import assert from 'node:assert/strict';
import { firmwareVm, VMS } from './vms.ts';

const STAGE = `
import json
from power_plan import Cell, PowerManager, FINE, LOW, SAVING, EMPTY
TIMES = {'tick_ms': 20, 'idle_ms': 250, 'stay_ms': 60000, 'stay_timer_ms': 30000, 'offline_ms': 180000,
         'deep_ms': 900000, 'empty_ms': 3600000}
def cell(level=FINE):
    made = Cell((3.5, 3.4, 3.3), 0.1, (2.0, 4.6), 3)
    made.level = level
    return made
def plan(profile='battery', level=FINE, may_deep=True, rest='light', mains=None, visit=False, updating=False, waiting=False,
         offline_ms=0, door_open=False, quiet_ms=3600000, by_timer=False):
    manager = PowerManager(profile, cell(level), TIMES, may_deep, rest)
    return manager.plan(mains, visit, updating, waiting, offline_ms, door_open, quiet_ms, by_timer)
say = lambda value: print(json.dumps(value))
`;

/** What is different from a case that has been left alone for an hour on battery, and what the plan says then. */
const CASES: readonly (readonly [
  what: string,
  given: string,
  mode: string,
  load: boolean,
  modem: string,
  why: string,
])[] = [
  ['nobody is there', '', 'light', false, 'sleep', 'rest'],
  ['nobody is there, and every command must find it', "rest='idle'", 'idle', false, 'awake', 'rest'],
  ['nobody is there and nobody must reach it', "rest='deep'", 'deep', false, 'off', 'rest'],
  ['the same, with a lock that current keeps shut', "rest='deep', may_deep=False", 'light', false, 'sleep', 'rest'],
  ['a visit', 'visit=True', 'awake', true, 'awake', 'visit'],
  ['a visit on an empty cell', 'visit=True, level=EMPTY', 'awake', true, 'awake', 'visit'],
  ['an update', 'updating=True', 'awake', false, 'awake', 'update'],
  ['somebody was there 59.999 s ago', 'quiet_ms=59999', 'awake', true, 'awake', 'activity'],
  ['somebody was there 60 s ago', 'quiet_ms=60000', 'light', false, 'sleep', 'rest'],
  ['only the timer woke it, 29.999 s ago', 'quiet_ms=29999, by_timer=True', 'awake', true, 'awake', 'activity'],
  ['only the timer woke it, 30 s ago', 'quiet_ms=30000, by_timer=True', 'light', false, 'sleep', 'rest'],
  ['somebody is there, but the cell is saving', 'quiet_ms=0, level=SAVING', 'awake', false, 'awake', 'activity'],
  ['a report waits', 'waiting=True', 'idle', false, 'awake', 'reports'],
  ['a report waits, no radio for three minutes', 'waiting=True, offline_ms=180000', 'deep', false, 'off', 'radio'],
  [
    'a report waits, cell empty, for three minutes',
    'waiting=True, level=EMPTY, quiet_ms=180000',
    'deep',
    false,
    'off',
    'empty',
  ],
  ['the same a moment earlier', 'waiting=True, level=EMPTY, quiet_ms=179999', 'idle', false, 'awake', 'reports'],
  ['no radio for a second', 'offline_ms=1000', 'idle', false, 'awake', 'radio'],
  ['no radio for long, and no deep sleep', 'offline_ms=999999, may_deep=False', 'idle', false, 'awake', 'radio'],
  ['the cell is low', 'level=LOW', 'light', false, 'sleep', 'rest'],
  ['the cell is saving', 'level=SAVING', 'light', false, 'sleep', 'rest'],
  ['the cell is empty', 'level=EMPTY', 'deep', false, 'off', 'empty'],
  ['the cell is empty, and no deep sleep', 'level=EMPTY, may_deep=False', 'light', false, 'sleep', 'rest'],
  ['nothing can be read of the cell', 'level=None', 'light', false, 'sleep', 'rest'],
  ['a charger is there', 'mains=True', 'awake', true, 'awake', 'mains'],
  ['a case on mains', "profile='mains'", 'awake', true, 'awake', 'mains'],
  ['a case on mains that has no cell', "profile='mains', level=None", 'awake', true, 'awake', 'mains'],
  [
    'a case on mains whose spare cell is worn',
    "profile='mains', mains=True, level=EMPTY",
    'awake',
    true,
    'awake',
    'mains',
  ],
  ['mains was lost just now', "profile='mains', mains=False, quiet_ms=0", 'awake', false, 'awake', 'activity'],
  ['mains was lost in a visit', "profile='mains', mains=False, visit=True", 'awake', true, 'awake', 'visit'],
  ['mains was lost an hour ago', "profile='mains', mains=False", 'light', false, 'sleep', 'rest'],
  [
    'mains was lost an hour ago in a case that idles',
    "profile='mains', mains=False, rest='idle'",
    'light',
    false,
    'sleep',
    'rest',
  ],
  ['mains was lost, cell empty', "profile='mains', mains=False, level=EMPTY", 'deep', false, 'off', 'empty'],
];

for (const { name, build } of VMS) {
  describe(`the power plan in MicroPython ${name}`, () => {
    it('says for every situation how awake the case is, what has current, and why', async () => {
      const vm = await firmwareVm(build);
      const code = CASES.map(
        ([, given]) => `p = plan(${given})\nsay([p['mode'], p['load'], p['modem'], p['why']])`,
      ).join('\n');
      const plans = vm.run(STAGE + code);
      CASES.forEach(([what, , ...expected], i) => {
        assert.deepEqual(plans[i], expected, what);
      });
    });

    it('sleeps until the door opens, mains returns or the timer rings, and never on a line that is high already', async () => {
      const vm = await firmwareVm(build);
      const code = `
for p in (plan(), plan(mains=False), plan(door_open=True), plan(profile='mains', mains=False, level=EMPTY),
          plan(rest='deep'), plan(rest='deep', door_open=True), plan(waiting=True), plan(visit=True)):
    say([p['mode'], p['wake'], p['interval_ms'], p['tick_ms']])
`;
      assert.deepEqual(vm.run(STAGE + code), [
        ['light', ['door'], 250, 250],
        ['light', ['door', 'mains'], 250, 250],
        ['light', [], 250, 250],
        ['deep', ['door', 'mains'], 3_600_000, 250],
        ['deep', ['door'], 900_000, 250],
        ['deep', [], 900_000, 250],
        ['idle', [], 0, 250],
        ['awake', [], 0, 20],
      ]);
    });

    it('believes a voltage after three readings, and a better one only well above the threshold', async () => {
      const vm = await firmwareVm(build);
      const code = `
def levels(*volts):
    one = cell()
    return [one.read(v) for v in volts]
say(levels(3.49, 3.49, 3.49, 3.39, 3.39, 3.39, 3.29, 3.29, 3.29))
say(levels(3.5, 3.5, 3.5, 3.5))
say(levels(3.49, 3.49, 3.5, 3.49, 3.49, 3.5))
say(levels(*(3 * [3.2] + 3 * [3.39] + 3 * [3.41] + 3 * [3.49] + 3 * [3.51] + 3 * [3.61])))
say(levels(0.01, 0.01, 0.01, 3.7, 3.7, 3.7, 5.2, 5.2, 5.2))
lows = []
for level in (None, FINE, LOW, SAVING, EMPTY):
    for mains in (None, True, False):
        lows.append(PowerManager('mains', cell(level), TIMES).low(mains))
say(lows)
for profile, rest in (('solar', 'idle'), ('mains', 'coma')):
    try:
        PowerManager(profile, cell(), TIMES, True, rest)
    except ValueError:
        say('refused')
`;
      assert.deepEqual(vm.run(STAGE + code), [
        [0, 0, 1, 1, 1, 2, 2, 2, 3],
        [0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 0],
        [0, 0, null, null, null, 0, 0, 0, null],
        // No cell, fine and low never; saving and empty unless mains is known to be there.
        [...Array(9).fill(false), true, false, true, true, false, true],
        'refused',
        'refused',
      ]);
    });

    it('never sleeps in a visit, in an update, on unsent reports, or soon after anything: 20,000 random situations', async () => {
      const vm = await firmwareVm(build);
      const code = `
import random
random.seed(11)
any_of = lambda *values: values[random.getrandbits(16) % len(values)]
modes = {}
for _ in range(20000):
    profile, level, may_deep = any_of('mains', 'battery'), any_of(None, FINE, LOW, SAVING, EMPTY), any_of(True, False)
    mains, visit, updating = any_of(None, True, False), any_of(True, False, False), any_of(True, False, False)
    waiting, offline_ms, door_open = any_of(True, False), any_of(0, 0, 1, 179999, 180000), any_of(True, False)
    quiet_ms, by_timer = random.getrandbits(18), any_of(True, False)
    p = plan(profile, level, may_deep, any_of('idle', 'light', 'deep'), mains, visit, updating, waiting, offline_ms, door_open, quiet_ms, by_timer)
    mode = p['mode']
    modes[mode] = modes.get(mode, 0) + 1
    sleeps = mode in ('light', 'deep')
    assert not (sleeps and (visit or updating))
    assert not (sleeps and waiting and not offline_ms and not (level == EMPTY and quiet_ms >= 180000))
    assert not (sleeps and quiet_ms < (30000 if by_timer else 60000))
    assert not (sleeps and mains is True)
    assert not (sleeps and profile == 'mains' and mains is not False)
    assert not (mode == 'deep' and not may_deep)
    assert mode != 'deep' or p['interval_ms'] >= 900000
    assert mode != 'light' or p['interval_ms'] == 250
    assert p['load'] or not visit
    assert not (sleeps and p['load'])
    assert p['modem'] == 'awake' or sleeps
    assert not ('door' in p['wake'] and door_open)
    assert not ('mains' in p['wake'] and mains is not False)
say(sorted(modes))
`;
      assert.deepEqual(vm.run(STAGE + code), [['awake', 'deep', 'idle', 'light']]);
    });
  });
}
