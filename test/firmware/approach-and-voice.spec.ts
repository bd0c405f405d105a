// The devices that a case may have: a sensor that sees who comes near, and a voice.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Bench, feedbackBench } from './feedback-bench.ts';
import { goldens } from './screens.ts';
import { firmwareVm, VMS } from './vms.ts';

describe('the approach sensor', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await feedbackBench();
  });

  const noted = () => bench.run('print(json.dumps(noted))')[0];
  const near = () => bench.run('print(json.dumps(feedback.near))')[0];
  const start = (more = '') => bench.run(`feedback = wire(tof=a_tof()${more})\nfeedback.say("idle")`);

  it('is set up as its maker says: reset, wait for its firmware, configure, range, clear each result', async () => {
    bench.world.distanceMm = 2_000;
    start();
    await bench.pass(1_000);
    const { writes } = bench.tof;
    assert.deepEqual(writes.slice(0, 2), ['0000: 00', '0000: 01']);
    const [register, config] = writes[2]!.split(': ');
    assert.equal(register, '002d');
    assert.equal(config!.length / 2, 0x88 - 0x2d);
    // 0x30: ready is active high. 0x87: range again and again.
    assert.equal(config!.slice(6, 8), '01');
    assert.equal(config!.slice(-2), '40');
    assert.equal(writes[3], '001e: 0000');
    const cleared = writes.slice(4);
    assert.ok(cleared.length >= 4 && cleared.length <= 10, `${cleared.length} ranges in a second`);
    assert.ok(cleared.every((one) => one === '0086: 01'));
    assert.equal(near(), false);
    assert.deepEqual(noted(), [[]]);
  });

  it('brightens display and light when a person comes near, and dims them when nobody is there', async () => {
    start();
    await bench.pass(30_000);
    assert.equal(bench.display.contrast(), 0x08);
    assert.deepEqual(bench.lights.at(-1)!.rgb, [0, 16, 3]);
    bench.world.distanceMm = 600;
    await bench.pass(800);
    assert.equal(bench.display.contrast(), 0xcf);
    assert.deepEqual(bench.lights.at(-1)!.rgb, [0, 90, 20]);
    bench.world.distanceMm = undefined;
    await bench.pass(4_000);
    assert.deepEqual(bench.lights.at(-1)!.rgb, [0, 90, 20], 'a step back darkens nothing');
    await bench.pass(26_000);
    assert.equal(bench.display.contrast(), 0x08);
    assert.deepEqual(bench.lights.at(-1)!.rgb, [0, 16, 3]);
  });

  it('lets the display go off when nobody has come for long, and wakes it at once with its picture', async () => {
    start(', screen_off_ms=60000');
    await bench.pass(90_000);
    assert.equal(bench.display.contrast(), 0);
    bench.world.distanceMm = 500;
    await bench.pass(800);
    assert.equal(bench.display.contrast(), 0xcf);
    bench.world.distanceMm = undefined;
    await bench.pass(90_000);
    assert.equal(bench.display.contrast(), 0);
    bench.run('feedback.say("unlocked")');
    await bench.pass(200);
    assert.ok(Buffer.from(bench.display.visible()).equals(goldens().get('unlocked en')!));
  });

  it('that is missing is noted, sales go on as without it, and it is found when it is plugged in', async () => {
    bench.world.tofIn = false;
    start();
    await bench.pass(10_000);
    assert.deepEqual(noted(), [[], ['tof.silent']]);
    assert.equal(near(), null);
    assert.deepEqual(bench.lights.at(-1)!.rgb, [0, 90, 20]);
    bench.world.tofIn = true;
    bench.world.distanceMm = 500;
    await bench.pass(31_000);
    assert.deepEqual(noted(), [[], ['tof.silent'], []]);
    assert.equal(near(), true);
  });

  it('that is unplugged or hangs is noted, and does not leave the display dark', async () => {
    start(', screen_off_ms=60000');
    await bench.pass(90_000);
    assert.equal(bench.display.contrast(), 0);
    bench.world.tofStuck = true;
    await bench.pass(3_000);
    assert.deepEqual(noted(), [[], ['tof.silent']]);
    assert.equal(bench.display.contrast(), 0x08);
    bench.world.tofStuck = false;
    await bench.pass(40_000);
    bench.world.tofIn = false;
    await bench.pass(1_000);
    assert.deepEqual(noted(), [[], ['tof.silent'], [], ['tof.silent']]);
  });

  it('that is another chip is left alone', async () => {
    const read = bench.tof.read.bind(bench.tof);
    bench.tof.read = (count) => read(count).map((byte) => byte ^ 1);
    start();
    await bench.pass(1_000);
    assert.deepEqual(noted(), [[], ['tof.silent']]);
    assert.deepEqual(bench.tof.writes, []);
  });
});

describe('who is near', () => {
  const feel = async (build: string, readings: readonly (readonly [number | null, number])[]) => {
    const vm = await firmwareVm(build);
    return vm.run(`
import json, time
from approach import Approach
felt = Approach(time.ticks_diff, 900, 1200, 5000)
for mm, now in json.loads('${JSON.stringify(readings)}'):
    print(json.dumps(felt.feel(mm, now)))`);
  };

  for (const { name, build } of VMS) {
    it(`is who stands within reach twice in a row, until he has been away for a while (${name})`, async () => {
      const cases = [
        [900, 0, false],
        [901, 200, false],
        [900, 400, false],
        [899, 600, true],
        [1_200, 3_000, true],
        [1_201, 7_999, true],
        [null, 8_000, false],
        [1_000, 9_000, false],
        [0, 10_000, false],
        [null, 10_200, false],
        [300, 10_400, false],
        [300, 10_600, true],
      ] as const;
      const felt = await feel(
        build,
        cases.map(([mm, now]) => [mm, now]),
      );
      assert.deepEqual(
        felt,
        cases.map(([, , near]) => near),
      );
    });
  }
});

describe('the voice', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await feedbackBench();
  });

  const start = (language = 'en') => bench.run(`voice = a_voice()\nfeedback = wire("${language}", voice=voice)`);

  it("makes the frames of the module's manual", async () => {
    // Track 1 again and again, as it works for many; the checksums printed in the manual's section 3.4 are wrong.
    const [loop, play] = bench.run(`
import voice, binascii
print(json.dumps(binascii.hexlify(voice.frame(8, 1, False)).decode()))
print(json.dumps(binascii.hexlify(voice.frame(0x12, 101)).decode()))`);
    assert.equal(loop, '7eff0608000001fef2ef');
    assert.equal(play, '7eff0612010065fe83ef');
  });

  it('says that the door is open, in the language of the case', async () => {
    for (const [language, files] of [
      ['en', [1, 2, 7]],
      ['es', [101, 102, 107]],
    ] as const) {
      bench = await feedbackBench();
      start(language);
      await bench.pass(3_000);
      for (const moment of ['unlocked', 'open', 'too_long', 'weighing', 'timeout', 'idle']) {
        bench.run(`feedback.say("${moment}")`);
        await bench.pass(1_000);
      }
      assert.deepEqual(bench.voice.played, files);
      assert.equal(bench.voice.volume, 24);
      assert.equal(bench.run('print(json.dumps(voice.present))')[0], true);
    }
  });

  it('says each outcome, in the language of the customer', async () => {
    start();
    await bench.pass(3_000);
    const outcomes = ['charged', 'released', 'unused', 'refused', 'owed', 'partly_paid', 'in_review'];
    for (const outcome of outcomes) {
      bench.run(
        `feedback.show({"outcome": "${outcome}", "items": [], "total": 1, "currency": "usd", "lang": "es", "id": "abc123"})`,
      );
      await bench.pass(1_000);
    }
    assert.deepEqual(bench.voice.played, [103, 104, 104, 105, 105, 105, 106]);
  });

  it('that is missing is asked three times, then once a minute, and heard again when it is there', async () => {
    bench.world.voiceIn = false;
    const frames: string[] = [];
    const receive = bench.voice.receive.bind(bench.voice);
    bench.voice.receive = (bytes) => {
      frames.push(Buffer.from(bytes).toString('hex'));
      receive(bytes);
    };
    start();
    bench.run('feedback.say("unlocked")');
    await bench.pass(30_000);
    assert.equal(frames.length, 3);
    assert.equal(bench.run('print(json.dumps(voice.present))')[0], false);
    bench.run('feedback.say("too_long")');
    await bench.pass(240_000);
    assert.ok(frames.length <= 8, `${frames.length} frames in four minutes`);
    bench.world.voiceIn = true;
    await bench.pass(70_000);
    assert.equal(bench.run('print(json.dumps(voice.present))')[0], true);
    assert.deepEqual(bench.voice.played, [], 'what was to be said minutes ago is not said now');
    bench.run('feedback.say("unlocked")');
    await bench.pass(1_000);
    assert.deepEqual(bench.voice.played, [1]);
  });

  it('that starts anew is told its volume again before it speaks', async () => {
    start();
    await bench.pass(3_000);
    bench.voice.restart();
    await bench.pass(3_000);
    bench.run('feedback.say("unlocked")');
    await bench.pass(1_000);
    assert.equal(bench.voice.volume, 24);
    assert.deepEqual(bench.voice.played, [1]);
  });

  it('hears whatever bytes come without harm, keeps few of them, and finds the good frames among them', async () => {
    bench.run('import voice, binascii');
    const good = '7eff063d000002febcef';
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.uint8Array({ maxLength: 9 }), (before, after) => {
        const hex =
          Buffer.from(before).toString('hex').replaceAll('7e', '00') + good + Buffer.from(after).toString('hex');
        const [frames, rest] = bench.run(`
frames, rest = voice.parse(binascii.unhexlify("${hex}"))
print(json.dumps(frames))
print(len(rest))`);
        assert.deepEqual(frames, [[0x3d, 2]]);
        assert.ok(Number(rest) < 10);
      }),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const [kept] = bench.run(`
class Line:
    def any(self):
        return 1
    def read(self):
        return binascii.unhexlify("${Buffer.from(noise).toString('hex')}")
    def write(self, data):
        pass
one = voice.Voice(Line())
one.step()
one.step()
print(len(one.received))`);
        assert.ok(Number(kept) <= 64);
      }),
      { numRuns: 100 },
    );
  });

  it('gives way to the line of the Pi, which has its pins', () => {
    const fits = (...fitted: string[]) => {
      const lines = bench.run(`
import voice
said = []
voice.print = said.append
print(json.dumps([voice.fits(${JSON.stringify(fitted)}), len(said)]))`);
      return lines[0];
    };
    assert.deepEqual(fits('bolt', 'voice'), [true, 0]);
    assert.deepEqual(fits('voice', 'pi'), [false, 1]);
    assert.deepEqual(fits('pi'), [false, 0]);
    assert.deepEqual(fits(), [false, 0]);
  });
});
