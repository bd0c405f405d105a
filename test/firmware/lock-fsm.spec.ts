// The lock's machine in the MicroPython VM: its table is complete, and no sequence of events lets in who was not let in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { firmwareVm, VMS } from './vms.ts';

const python = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

for (const { name, build } of VMS) {
  describe(`the lock’s machine, in MicroPython ${name}`, () => {
    const run = async (code: string) => {
      const vm = await firmwareVm(build);
      for (const file of ['lock_case.py', 'lock_storm.py']) vm.file(`/a/${file}`, python(file));
      return vm.run(code);
    };

    it('has a row, or a reason to have none, for every event in every state, and never both', async () => {
      const [missing, twice, strange] = await run(`from lock_case import *
missing, twice = [], []
for state in STATES:
    for event in EVENTS:
        rows = [row for row in ROWS if state in row[0] and event in row[1]]
        ignored = [row for row in IGNORED if state in row[0] and event in row[1]]
        if not rows and not ignored:
            missing.append([state, event])
        if len(rows) + len(ignored) > 1:
            twice.append([state, event])
known = STATES + (REST, BACK, SAME)
print(json.dumps(missing))
print(json.dumps(twice))
print(json.dumps([row[2] for row in ROWS if row[2] not in known]))
`);
      assert.deepEqual({ missing, twice, strange }, { missing: [], twice: [], strange: [] });
    });

    it('lets one customer in, and ends in a weighed close', async () => {
      const said = await run(`from lock_case import *
case = Case()
case.serve(); case.said()
case.move(True); case.said()
case.move(False, 200); case.said()
case.wait(40); case.said()
case.wait(100); case.said()
case.weighed(); case.said()
`);
      assert.deepEqual(said, [
        ['unlocked', 'line_up', 'release', 'unlocked'],
        ['open', 'opened', 'lock'],
        // The seal still springs.
        ['open'],
        ['relocking', 'lock'],
        ['weighing', 'line_down', 'weigh'],
        ['locked', 'closed'],
      ]);
    });

    it('locks after ten seconds that nobody used, and opening at the last moment ends that timer', async () => {
      const said = await run(`from lock_case import *
case = Case(now=WRAP - 5000)
case.serve()
case.wait(9980); case.said()
case.wait(40); case.said()
case.wait(120).weighed(); case.said()
late = Case()
late.serve()
late.wait(9980)
late.move(True, 9980); late.said()
pulled = Case()
pulled.serve()
pulled.wait(10020)
pulled.move(True).move(False, 400).weighed(); pulled.said()
`);
      assert.deepEqual(said, [
        ['unlocked', 'line_up', 'release', 'unlocked'],
        ['relocking', 'lock'],
        ['locked', 'line_down', 'weigh', 'timeout'],
        ['open', 'line_up', 'release', 'unlocked', 'opened', 'lock'],
        // Pulled open while the bolt was on its way: the visit goes on.
        [
          'locked',
          ...[
            'line_up',
            'release',
            'unlocked',
            'lock',
            'line_down',
            'weigh',
            'line_up',
            'opened',
            'lock',
            'line_down',
            'weigh',
            'closed',
          ],
        ],
      ]);
    });

    it('tells a door held open again and again, each time later, switches the coil off, and still weighs', async () => {
      const [held, hour, end] = (await run(`from lock_case import *
case = Case()
case.serve()
case.move(True, 35000); case.said()
case.wait(3600000, 100)
print(json.dumps(case.done.count('open_too_long')))
case.done = []
case.move(False, 400).weighed(); case.said()
`)) as [string[], number, string[]];
      // The coil is off as soon as the door has opened, long before it is shut.
      assert.deepEqual(held.slice(1), [
        ...['line_up', 'release', 'unlocked', 'opened', 'lock', 'open_too_long', 'open_too_long', 'open_too_long'],
      ]);
      assert.equal(held[0], 'too_long');
      // 27 more every ten seconds, and then one every five minutes.
      assert.ok(hour >= 36 && hour <= 40, `${hour} times`);
      assert.deepEqual(end, ['locked', 'lock', 'line_down', 'weigh', 'closed']);
    });

    it('never switches the coil of a magnet that holds the door shut: there it is the lock', async () => {
      const said = await run(`from lock_case import *
case = Case(coil=None)
case.serve()
case.move(True, 60000)
print(json.dumps(case.done.count('lock')))
case.move(False, 400).weighed(); case.said()
`);
      assert.equal(said[0], 0);
      assert.equal((said[1] as string[])[0], 'locked');
    });

    it('tells a door that opens without us, after a spike has passed, in whatever state of rest', async () => {
      const said = await run(`from lock_case import *
case = Case()
case.move(True, 40).move(False); case.said()
case.move(True); case.said()
print(json.dumps(case.serve()))
case.move(False); case.said()
case.do(case.fsm.lock_out(True, case.now)); case.said()
case.move(True); case.said()
case.move(False)
case.do(case.fsm.lock_out(False, case.now)); case.said()
`);
      assert.deepEqual(said, [
        ['locked'],
        ['locked', 'forced'],
        null,
        ['locked', 'ready'],
        ['locked_out', 'say'],
        ['locked_out', 'forced'],
        ['locked', 'ready', 'say'],
      ]);
    });

    it('refuses a customer with a reason while barred, finishes a visit first, and lets staff in all the same', async () => {
      const said = await run(`from lock_case import *
case = Case()
case.serve()
case.move(True)
case.do(case.fsm.lock_out(True, case.now))
case.do(case.fsm.fail(True, case.now))
case.move(False, 400).weighed(); case.said()
print(json.dumps([case.fsm.refusal(UNLOCK), case.serve(UNLOCK, 'visit02')]))
case.do(case.fsm.lock_out(False, case.now)); case.said()
print(json.dumps(case.fsm.refusal(UNLOCK)))
case.serve(STAFF, 'staff01'); case.said()
case.move(True, 90000).move(False, 400).weighed(); case.said()
case.do(case.fsm.lose_power(True, case.now))
print(json.dumps([case.fsm.refusal(UNLOCK), case.fsm.refusal(STAFF)]))
case.do(case.fsm.lose_power(False, case.now))
case.do(case.fsm.fail(False, case.now))
print(json.dumps([case.fsm.refusal(UNLOCK), case.fsm.state]))
`);
      assert.deepEqual(said, [
        ['locked_out', ...['line_up', 'release', 'unlocked', 'opened', 'lock', 'lock', 'line_down', 'weigh', 'closed']],
        ['case.locked-out', null],
        ['fault', 'say'],
        'case.fault',
        ['restock', 'release', 'restock'],
        // No line to the cameras, no word about an open door but a reminder; the coil off; one weighed report.
        ['fault', 'lock', 'remind', 'lock', 'weigh', 'restocked'],
        ['case.power-lost', 'case.power-lost'],
        [null, 'locked'],
      ]);
    });

    it('shuts an unlocked door when the power goes, and leaves an open one to its close', async () => {
      const said = await run(`from lock_case import *
case = Case()
case.serve()
case.do(case.fsm.lose_power(True, case.now)); case.said()
case.wait(120).weighed(); case.said()
case = Case()
case.serve()
case.move(True)
case.do(case.fsm.lose_power(True, case.now)); case.said()
case.move(False, 400).weighed(); case.said()
`);
      assert.deepEqual(said, [
        ['relocking', 'line_up', 'release', 'unlocked', 'lock'],
        ['fault', 'line_down', 'weigh', 'timeout'],
        ['open', 'line_up', 'release', 'unlocked', 'opened', 'lock', 'lock'],
        ['fault', 'lock', 'line_down', 'weigh', 'closed'],
      ]);
    });

    it('takes a bolt that does not come home, or leaves it, for a fault until it is home again', async () => {
      const said = await run(`from lock_case import *
case = Case(bolt=True)
case.wait(260); case.said()
case.serve()
case.bolt = False
case.move(True).move(False, 260); case.said()
case.wait(1900); case.said()
case.wait(200); case.said()
case.weighed(); case.said()
print(json.dumps(case.fsm.refusal(UNLOCK)))
case.bolt = True
case.wait(260); case.said()
print(json.dumps(case.fsm.refusal(UNLOCK)))
case.bolt = False
case.wait(200)
case.bolt = True
case.wait(260); case.said()
case.bolt = False
case.wait(260); case.said()
`);
      assert.deepEqual(said, [
        ['locked', 'say'],
        ['relocking', 'line_up', 'release', 'unlocked', 'opened', 'lock', 'lock'],
        ['relocking'],
        ['weighing', 'bolt_fault', 'line_down', 'weigh'],
        // Nobody new is let in, and the visit is weighed all the same.
        ['fault', 'closed'],
        'case.fault',
        ['locked', 'bolt_well', 'say'],
        null,
        // It only rattled.
        ['locked'],
        ['fault', 'bolt_fault', 'say'],
      ]);
    });

    it('lets no spike of the contact of up to 200 ms end a visit, begin one’s end, or count as a force', async () => {
      const said = await run(`from lock_case import *
for ms in (20, 40, 100, 200):
    case = Case()
    case.serve()
    case.wait(340).spike(ms).wait(1000); case.said()
    case.move(True).wait(500).spike(ms).wait(1000); case.said()
    case.move(False, 400); case.said()
    case.spike(ms); case.weighed(); case.said()
    case.wait(1000).weighed().spike(ms).wait(500); case.said()
    case.fsm.wavers() and print('wavers')
`);
      for (let at = 0; at < said.length; at += 5) {
        assert.deepEqual(said.slice(at, at + 5), [
          ['unlocked', 'line_up', 'release', 'unlocked'],
          ['open', 'opened', 'lock'],
          ['weighing', 'lock', 'line_down', 'weigh'],
          // Weighed while the contact wavered: it is weighed again.
          ['weighing', 'weigh'],
          ['locked', 'closed'],
        ]);
      }
      assert.equal(said.length, 20);
    });

    it('gives a customer all of his ten seconds, also with a contact that bounces, and no more', async () => {
      const said = await run(`from lock_case import *
case = Case()
case.serve()
for _ in range(60):
    case.wait(60).spike(100)
case.wait(320); case.said()
case.spike(100).wait(40); case.said()
restless = Case()
restless.serve()
for _ in range(50):
    restless.move(True, 200).move(False, 100)
restless.said()
`);
      assert.deepEqual(said, [
        ['unlocked', 'line_up', 'release', 'unlocked'],
        ['relocking', 'lock'],
        ['weighing', 'line_up', 'release', 'unlocked', 'lock', 'line_down', 'weigh'],
      ]);
    });

    it('takes a bolt that says home all the time for a fault, and does not believe it afterwards', async () => {
      const said = await run(`from lock_case import *
case = Case(bolt=True)
case.wait(260); case.said()
case.serve()
case.wait(1900); case.said()
case.wait(200); case.said()
case.wait(10000).weighed(); case.said()
print(json.dumps([case.fsm.refusal(UNLOCK), case.fsm.refusal(STAFF)]))
# Staff see to it: it moves again.
case.serve(STAFF, 'staff01')
case.bolt = False
case.move(True)
case.bolt = True
case.move(False, 400).weighed(); case.said()
print(json.dumps(case.fsm.refusal(UNLOCK)))
opened = Case(bolt=True)
opened.wait(260)
opened.serve(); opened.said()
opened.move(True); opened.said()
`);
      assert.deepEqual(said, [
        ['locked', 'say'],
        ['unlocked', 'line_up', 'release', 'unlocked'],
        ['unlocked', 'bolt_fault'],
        ['fault', 'lock', 'line_down', 'weigh', 'timeout'],
        ['case.fault', null],
        ['locked', 'release', 'restock', 'lock', 'lock', 'bolt_well', 'weigh', 'restocked'],
        null,
        ['unlocked', 'say', 'line_up', 'release', 'unlocked'],
        ['open', 'opened', 'lock', 'bolt_fault'],
      ]);
    });

    it('serves a visit once, whenever its command comes again, and takes up after a reset what it had begun', async () => {
      const said = await run(`from lock_case import *
case = Case()
case.serve()
print(json.dumps(case.serve()))
case.wait(10120).weighed()
print(json.dumps(case.serve()))
case.done = []
again = Case()
again.fsm.resume('visit02', False, 0)
again.wait(400).weighed(); again.said()
print(json.dumps([again.released, again.serve(UNLOCK, 'visit02')]))
staff = Case()
staff.fsm.resume('staff01', True, 0)
staff.door = True
staff.wait(1000)
staff.move(False, 400).weighed(); staff.said()
`);
      assert.deepEqual(said, [
        [],
        [],
        ['locked', 'lock', 'line_down', 'weigh', 'closed'],
        [false, []],
        ['locked', 'lock', 'weigh', 'restocked'],
      ]);
    });

    for (const [kind, coil, bolt] of [
      ['a latch', '20000', 'None'],
      ['a latch whose bolt can be seen', '20000', 'True'],
      ['a magnet', 'None', 'None'],
    ] as const) {
      it(`of ${kind} keeps its promises through 3,000 random events from each of two seeds`, async () => {
        const said = await run(`from lock_storm import *
for seed in (1, 2):
    print(json.dumps(storm(seed, ${coil}, ${bolt})))
`);
        for (const told of said as Record<string, number>[]) {
          assert.deepEqual(told.wrong, []);
          // A storm in which nothing happens proves nothing.
          const { visits, closed, timeout, restocked, states } = told;
          assert.ok(visits! > 20 && closed! > 8 && timeout! > 2 && restocked! > 5, JSON.stringify(told));
          assert.equal(states, 9);
        }
      });
    }
  });
}
