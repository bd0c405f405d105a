// Updates over the air: what a controller takes, from whom, and that no interruption leaves it without an application.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type Answer, answerOf, type Served, smallRelease, type UpdateBench, updateBench } from './update-bench.ts';
import { VMS } from './vms.ts';

const FIRST = smallRelease({ number: 1 });
const SECOND = smallRelease({ number: 2 });
const THIRD = smallRelease({ number: 3 });
/** Far more than an update of three files takes. */
const WRITES_MAX = 200;

for (const { name, build } of VMS) {
  describe(`an update over the air (${name})`, () => {
    let bench: UpdateBench;
    before(async () => {
      bench = await updateBench(build);
    });
    beforeEach(() => {
      bench.flashed(FIRST);
      bench.run('plug.left = None\ncut_os.room = 64 << 20\nrestarts.clear()');
      bench.requests.length = 0;
      bench.answer = answerOf(SECOND);
      assert.equal(bench.boot(), '/a');
    });

    it('is fetched into the other slot, starts on trial, and is kept once it has spoken with the cloud', async () => {
      assert.equal(await bench.look(), true);
      assert.deepEqual(state(bench), { active: '/a', trial: '/b', attempts: 0, floor: 0, failed: 0, crashes: 0 });
      assert.equal(bench.boot(), '/b');
      bench.run('slots.confirm(STORE)');
      assert.deepEqual(state(bench), { active: '/b', trial: null, attempts: 0, floor: 2, failed: 0, crashes: 0 });
      assert.equal(bench.boot(), '/b');
      assert.deepEqual(bench.run('tell(open("/b/app.py").read())'), ['VERSION = "1.2.0"\n']);
    });

    it('fetches only what has changed', async () => {
      await bench.look();
      assert.equal(bench.requests.filter((path) => path.endsWith('same.py')).length, 0);
      assert.deepEqual(bench.run('tell(slots.is_whole("/b"))'), [true]);
    });

    it('looks no further where there is nothing new, or nothing for this case', async () => {
      bench.answer = answerOf(FIRST);
      assert.equal(await bench.look(), false);
      bench.answer = () => Buffer.from('{"number":0}');
      assert.equal(await bench.look(), false);
      assert.deepEqual(bench.requests, ['/firmware/123/manifest.sig', '/firmware/123/manifest.sig']);
    });

    it('compiled files are taken where this MicroPython can read them, and only there', async () => {
      bench.answer = answerOf(smallRelease({ number: 2, files: { 'app.mpy': 'M\x06' } }));
      // A chip whose MicroPython is of another age: what it can read is all that this asks.
      bench.run(`
import update
real = update.parse_manifest
update.parse_manifest = lambda raw, floor, running, version: real(raw, floor, running, version - 1)`);
      assert.equal(await bench.look(), 'update.other-chip');
      bench.run('update.parse_manifest = real');
      assert.equal(await bench.look(), true);
    });

    it('is not taken by a case without an update key', async () => {
      const [said] = await bench.runFor(
        1_000,
        `
async def go():
    tell(await updater(None).check(lambda: None))
asyncio.create_task(go())`,
      );
      assert.equal(said, false);
      assert.deepEqual(bench.requests, []);
    });

    it('is the application that was there before when it fails three times, and its number is not taken again', async () => {
      await bench.look();
      assert.deepEqual([bench.boot(), bench.boot(), bench.boot()], ['/b', '/b', '/b']);
      assert.equal(bench.boot(), '/a');
      assert.deepEqual(bench.run('tell(updater().failed())'), [true]);
      assert.equal(await bench.look(), false);
      bench.answer = answerOf(THIRD);
      assert.equal(await bench.look(), true);
      assert.equal(bench.boot(), '/b');
      bench.run('slots.confirm(STORE)');
      assert.deepEqual(bench.run('tell(updater().failed())'), [false]);
    });

    it('may bring an older version back, signed under a higher number', async () => {
      await bench.look();
      bench.boot();
      bench.run('slots.confirm(STORE)');
      bench.answer = answerOf(smallRelease({ number: 3, version: '1.1.0' }));
      assert.equal(await bench.look(), true);
      assert.equal(bench.boot(), '/a');
    });

    it('a lower number is not taken, also when the slot in use is lost', async () => {
      bench.answer = answerOf(THIRD);
      await bench.look();
      bench.boot();
      bench.run('slots.confirm(STORE)\nos.remove("/b/app.py")');
      assert.equal(bench.boot(), '/a');
      bench.answer = answerOf(SECOND);
      assert.equal(await bench.look(), false);
    });

    it('a trial that sleeps deeply has not got through to the cloud, so waking counts as a try', async () => {
      await bench.look();
      assert.equal(bench.boot(), '/b');
      const wake = () => bench.run('tell(slots.choose(STORE, False))')[0];
      assert.deepEqual([wake(), wake(), wake(), wake()], ['/b', '/b', '/a', '/a']);
    });

    it('is not confirmed before it has started', async () => {
      await bench.look();
      bench.run('slots.confirm(STORE)');
      assert.equal((state(bench) as { active: string }).active, '/a');
    });

    it('waits while somebody is at the case, and goes on afterwards', async () => {
      const [said] = await bench.runFor(
        60_000,
        `
busy = True
asyncio.create_task(look(lambda: not busy))`,
      );
      assert.equal(said, undefined);
      assert.deepEqual(bench.requests, []);
      assert.deepEqual(await bench.runFor(60_000, 'busy = False'), [true]);
    });

    it('a radio that lets it down at any range only delays it: nothing whole is fetched twice', async () => {
      const good = answerOf(SECOND);
      let asked = 0;
      for (let answered = 0; answered < 5; answered += 1) {
        bench.requests.length = 0;
        asked = 0;
        bench.answer = (...range) => {
          asked += 1;
          return asked <= answered ? good(...range) : undefined;
        };
        assert.equal(await bench.look(), 'radio');
        assert.equal(bench.boot(), '/a');
      }
      bench.requests.length = 0;
      bench.answer = good;
      assert.equal(await bench.look(), true);
      // The offer, the manifest, and the last range of the last file.
      assert.deepEqual(bench.requests, [
        '/firmware/123/manifest.sig',
        '/firmware/123/manifest',
        '/firmware/123/2/big.py',
      ]);
    });

    it('one range that fails is asked for again', async () => {
      const good = answerOf(SECOND);
      let asked = 0;
      bench.answer = (...range) => {
        asked += 1;
        return asked % 2 === 0 ? good(...range) : undefined;
      };
      assert.equal(await bench.look(), true);
    });

    it('one byte that falls over on the way costs one file again', async () => {
      const good = answerOf(SECOND);
      const wrong = altered(SECOND, '2/big.py');
      let spoiled = false;
      bench.answer = (path, start, length) => {
        if (path.endsWith('big.py') && start === 0 && !spoiled) {
          spoiled = true;
          return wrong(path, start, length);
        }
        return good(path, start, length);
      };
      assert.equal(await bench.look(), true);
      assert.equal(bench.boot(), '/b');
    });

    it('a server that sends more than was asked for, or nothing, is not believed', async () => {
      const good = answerOf(SECOND);
      bench.answer = (path, start, length) => good(path, start, path.endsWith('big.py') ? length + 1 : length);
      assert.equal(await bench.look(), 'radio');
      bench.answer = (path, start, length) => (path.endsWith('big.py') ? Buffer.of() : good(path, start, length));
      assert.equal(await bench.look(), 'radio');
      assert.equal(bench.boot(), '/a');
    });

    it('a newer release in the middle of a download replaces it', async () => {
      const good = answerOf(SECOND);
      let asked = 0;
      bench.answer = (...range) => {
        asked += 1;
        return asked <= 4 ? good(...range) : undefined;
      };
      assert.equal(await bench.look(), 'radio');
      bench.answer = answerOf(THIRD);
      assert.equal(await bench.look(), true);
      bench.boot();
      assert.deepEqual(bench.run('tell(open("/b/app.py").read())'), ['VERSION = "1.3.0"\n']);
    });

    it('the plug pulled at any write leaves a whole application, and the update comes in the end', async () => {
      let cuts = 0;
      for (; cuts < WRITES_MAX; cuts += 1) {
        bench.flashed(FIRST);
        bench.run(`slots.choose(STORE)\nplug.left = ${cuts}`);
        const said = await bench.look();
        bench.run('plug.left = None');
        if (said === true) break;
        assert.equal(said, 'cut');
        const [folder, whole] = bench.run('found = slots.choose(STORE)\ntell(found)\ntell(slots.is_whole(found))');
        assert.equal(whole, true, `${folder} after ${cuts} writes`);
        // The very last write flips the slots: then it is the new one that starts.
        if (folder === '/a') {
          assert.equal(await bench.look(), true, `after ${cuts} writes`);
          assert.equal(bench.boot(), '/b');
        }
      }
      assert.ok(cuts > 15 && cuts < WRITES_MAX, `${cuts} writes`);
    });

    it('the plug pulled at any write of a start, a rollback or a confirmation leaves a whole application', async () => {
      for (const [attempts, what] of [
        [0, 'slots.choose(STORE)'],
        [3, 'slots.choose(STORE)'],
        [1, 'slots.confirm(STORE)'],
      ] as const) {
        for (let cuts = 0; ; cuts += 1) {
          bench.flashed(FIRST);
          bench.run('slots.choose(STORE)');
          await bench.look();
          for (let tries = 0; tries < attempts; tries += 1) bench.boot();
          const [said] = bench.run(`
plug.left = ${cuts}
try:
    ${what}
    tell("done")
except Cut:
    tell("cut")
plug.left = None`);
          assert.deepEqual(bench.run('tell(slots.is_whole(slots.choose(STORE)))'), [true]);
          if (said === 'done') break;
          assert.ok(cuts < 10);
        }
      }
    });

    describe('the task', () => {
      /** Hours are minutes here: the loop looks twice a second, and that for weeks. */
      const task = (key = 'KEY') => `
restarts.clear()
config.UPDATE_EVERY_S, config.UPDATE_FIRST_S, config.UPDATE_AGAIN_S = 7 * 1440, 10, 60
config.UPDATE_JITTER_S, config.UPDATE_TRIAL_S = 60, 60
busy, alive = False, 0
def here():
    global alive
    alive += 1
task_of = updater(${key})
running = asyncio.create_task(task_of.run(here, lambda: not busy))`;
      const end = 'running.cancel()';

      it('looks soon after a start, then once a week', async () => {
        bench.answer = answerOf(FIRST);
        await bench.runFor(11_000, task());
        assert.equal(bench.requests.length, 1);
        await bench.runFor(7 * 1_440_000 - 60_000, '');
        assert.equal(bench.requests.length, 1);
        await bench.runFor(120_000, '');
        assert.equal(bench.requests.length, 2);
        bench.run(end);
      });

      it('looks at once when the cloud says so', async () => {
        bench.answer = answerOf(FIRST);
        await bench.runFor(20_000, task());
        await bench.runFor(2_000, 'task_of.look_now()');
        assert.equal(bench.requests.length, 2);
        bench.run(end);
      });

      it('never looks and never restarts while somebody is at the case', async () => {
        await bench.runFor(100_000, `${task()}\nbusy = True`);
        assert.deepEqual(bench.requests, []);
        await bench.runFor(10_030, `${end}\n${task()}`);
        await bench.runFor(100_000, 'busy = True');
        assert.deepEqual(bench.run('tell(len(restarts))'), [0]);
        await bench.runFor(60_000, 'busy = False');
        assert.ok(Number(bench.run('tell(len(restarts))')[0]) > 0);
        bench.run(end);
      });

      it('goes on later where the radio let it down, and says its word to the watchdog all the time', async () => {
        bench.answer = () => undefined;
        await bench.runFor(90_000, task());
        assert.ok(Number(bench.run('tell(alive)')[0]) > 20);
        bench.answer = answerOf(SECOND);
        await bench.runFor(200_000, '');
        assert.ok(Number(bench.run('tell(len(restarts))')[0]) > 0);
        bench.run(end);
      });

      it('does not ask again for a week for what is not to be trusted, and says so', async () => {
        bench.answer = answerOf(smallRelease({ number: 2, key: generateKeyPairSync('ed25519').privateKey }));
        await bench.runFor(1_000_000, task());
        assert.equal(bench.requests.length, 2);
        assert.deepEqual(bench.run('tell([task_of.problem, task_of.failed()])'), [['update.bad-signature', true]]);
        bench.run(end);
      });

      it('asks nobody without a key', async () => {
        await bench.runFor(100_000, task('None'));
        assert.deepEqual(bench.requests, []);
        bench.run(end);
      });

      it('a trial that never gets through to the cloud starts anew, three times, and then the old one is back', async () => {
        await bench.look();
        for (let start = 0; start < 3; start += 1) {
          assert.equal(bench.boot(), '/b');
          await bench.runFor(59_000, task());
          assert.deepEqual(bench.run('tell(len(restarts))'), [0]);
          await bench.runFor(2_000, '');
          assert.ok(Number(bench.run('tell(len(restarts))')[0]) > 0);
          bench.run(end);
        }
        assert.equal(bench.boot(), '/a');
      });

      it('a trial that gets through is good for ever', async () => {
        await bench.look();
        assert.equal(bench.boot(), '/b');
        await bench.runFor(30_000, task());
        await bench.runFor(600_000, 'task_of.well()');
        assert.deepEqual(bench.run('tell([len(restarts), task_of.slot(), task_of.failed()])'), [[0, 'b', false]]);
        assert.equal(bench.boot(), '/b');
        bench.run(end);
      });
    });

    describe('whatever is damaged, something starts:', () => {
      const starts = (damage: string, folder: string) => async () => {
        await bench.look();
        bench.boot();
        bench.run(`slots.confirm(STORE)\n${damage}`);
        assert.equal(bench.boot(), folder);
        assert.equal(bench.boot(), folder);
      };
      const state = (text: string) => `with open("/flash/slots.json", "w") as file: file.write('${text}')`;
      it('nothing', starts('', '/b'));
      // Without a word on which is newer, the first that is whole.
      it('the record of the slots is gone', starts('os.remove("/flash/slots.json")', '/a'));
      it('it is no JSON', starts(state('{"active"'), '/a'));
      it('it is of another kind', starts(state('[1]'), '/a'));
      it('it names a slot that there is not', starts(state('{"active": "/c"}'), '/a'));
      it('it says one slot is both', starts(state('{"active": "/a", "trial": "/a"}'), '/a'));
      it(
        'a file of the slot in use is cut short',
        starts('with open("/b/big.py", "w") as file: file.write("#")', '/a'),
      );
      it('a file of it is gone', starts('os.remove("/b/same.py")', '/a'));
      it('its manifest is gone', starts('os.remove("/b/manifest.json")', '/a'));
      it(
        'its manifest is not what it should be',
        starts('with open("/b/manifest.json", "w") as f: f.write("[]")', '/a'),
      );
      it('a stray file would be imported first', starts('with open("/b/big.mpy", "w") as file: file.write("#")', '/a'));
      it(
        'both slots have lost their manifest',
        starts('os.remove("/a/manifest.json")\nos.remove("/b/manifest.json")', '/b'),
      );
      it('of both only one has an application', starts('os.remove("/a/manifest.json")\nos.remove("/b/app.py")', '/a'));
    });

    it('a trial that was damaged before it could start is given up at once', async () => {
      await bench.look();
      bench.run('os.remove("/b/big.py")');
      assert.equal(bench.boot(), '/a');
      assert.equal((state(bench) as { failed: number }).failed, 2);
    });

    it('a good application that cannot be imported any more gives way to the other slot after three starts', async () => {
      await bench.look();
      bench.boot();
      bench.run('slots.confirm(STORE)');
      for (let start = 0; start < 3; start += 1) {
        assert.equal(bench.boot(), '/b');
        bench.run('slots.could_not_start(STORE)');
      }
      assert.equal(bench.boot(), '/a');
    });

    it('with no other slot to give way to, it goes on trying and spares the flash', () => {
      for (let start = 0; start < 10; start += 1) bench.run('slots.could_not_start(STORE)');
      assert.equal(bench.boot(), '/a');
      assert.equal((state(bench) as { crashes: number }).crashes, 3);
    });

    it('a flash that takes no more writes starts the good application, never the trial', async () => {
      await bench.look();
      assert.deepEqual(
        bench.run(`
class Full(slots.Files):
    def write(self, name, value):
        raise OSError(28)
tell(slots.choose(Full("/flash")))`),
        ['/a'],
      );
      bench.run('slots.choose(STORE)\nslots.confirm(STORE)\nos.remove("/b/big.py")');
      assert.deepEqual(bench.run('tell(slots.choose(Full("/flash")))'), ['/a']);
    });

    it('a flash that is full after all keeps its room for reports', async () => {
      const [said, left] = await bench.runFor(
        60_000,
        `
def full(path, mode="r"):
    if mode == "ab":
        raise OSError(28)
    return cut_open(path, mode)
update.open = full
async def go():
    with open("/b/big.py.part", "w") as file:
        file.write("")
    await look()
    tell(os.listdir("/b"))
    update.open = cut_open
asyncio.create_task(go())`,
      );
      assert.equal(said, 'update.no-room');
      assert.ok(!(left as string[]).some((file) => file.endsWith('.part')));
    });

    describe('is refused', () => {
      const refused = (code: string, answer: Answer | Served) => async () => {
        bench.answer = typeof answer === 'function' ? answer : answerOf(answer);
        assert.equal(await bench.look(), code);
        assert.equal(bench.boot(), '/a');
        assert.deepEqual(bench.run('tell(slots.is_whole("/b"))'), [false]);
      };
      const strange = generateKeyPairSync('ed25519').privateKey;
      it('when another key has signed it', refused('update.bad-signature', smallRelease({ number: 2, key: strange })));
      it('when a byte of the manifest was changed', refused('update.bad-signature', altered(SECOND, 'manifest')));
      it(
        'when the offer is no offer',
        refused('update.bad-offer', () => Buffer.from('<html>')),
      );
      it(
        'when the offer is of no bytes we know',
        refused('update.bad-offer', () => Buffer.from([0xff, 0xfe, 0x80])),
      );
      it(
        'when the offer is nested without end',
        refused('update.bad-offer', () => Buffer.from('['.repeat(500))),
      );
      it('when the manifest would be too large', refused('update.bad-offer', offer({ size: 12_289 })));
      it('when the signature is no signature', refused('update.bad-offer', offer({ signature: 'AB'.repeat(64) })));
      it('when an older manifest is offered under a newer number', refused('update.old', replayed(FIRST, 2)));
      it('when a byte of a file has fallen over, twice', refused('update.bad-file', altered(SECOND, '2/big.py')));
      it('when it needs a release between', refused('update.too-far', smallRelease({ number: 3, minNumber: 2 })));
      for (const path of [
        '../app.py',
        'a/b.py',
        '/app.py',
        'App.py',
        'app.txt',
        '.py',
        'boot.py.mpy',
        'x'.repeat(33),
      ]) {
        it(
          `when it names a file ${path.slice(0, 20)}`,
          refused('update.bad-manifest', smallRelease({ number: 2, files: { 'app.py': '', [path]: '' } })),
        );
      }
      it(
        'when it has no application',
        refused('update.bad-manifest', smallRelease({ number: 2, files: { 'other.py': '' } })),
      );
      it(
        'when one file could stand for another',
        refused('update.bad-manifest', smallRelease({ number: 2, files: { 'app.py': '', 'app.mpy': '' } })),
      );
      it(
        'when it has too many files',
        refused(
          'update.bad-manifest',
          smallRelease({
            number: 2,
            files: Object.fromEntries(
              ['app.py', ...Array.from({ length: 96 }, (_, i) => `m${i}.py`)].map((p) => [p, '']),
            ),
          }),
        ),
      );
      it(
        'when one file is too large',
        refused('update.bad-manifest', smallRelease({ number: 2, files: { 'app.py': 'x'.repeat(65_537) } })),
      );
      it(
        'when all together are too large',
        refused(
          'update.too-large',
          smallRelease({
            number: 2,
            files: Object.fromEntries(
              ['app.py', ...Array.from({ length: 8 }, (_, i) => `m${i}.py`)].map((p) => [p, 'x'.repeat(65_000)]),
            ),
          }),
        ),
      );
      it('when the flash is too full', async () => {
        bench.run('cut_os.room = 131072');
        await refused('update.no-room', SECOND)();
      });
    });
  });
}

function state(bench: UpdateBench): unknown {
  return bench.run('tell(json.load(open("/flash/slots.json")))')[0];
}

/** The release with one byte of one of its files changed on the way. */
function altered(release: Served, ending: string): Answer {
  return (path, start, length) => {
    const data = answerOf(release)(path, start, length);
    if (data === undefined || !path.endsWith(ending) || start > 0) return data;
    const wrong = Buffer.from(data);
    wrong[40]! ^= 1;
    return wrong;
  };
}

/** What was signed once, under a number that it does not have. */
function replayed(release: Served, number: number): Answer {
  const offer = Buffer.from(JSON.stringify({ ...JSON.parse(release.offer.toString()), number }));
  return answerOf({ ...release, offer });
}

function offer(part: object): Answer {
  return () => Buffer.from(JSON.stringify({ ...JSON.parse(SECOND.offer.toString()), ...part }));
}
