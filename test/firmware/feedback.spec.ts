// What the case lets people see and hear in time: its display's care, its light and its buzzer, and what breaks of them.
import assert from 'node:assert/strict';
import { type Bench, feedbackBench } from './feedback-bench.ts';
import { asText, goldens, showing } from './screens.ts';

const BLUE = [0, 40, 160];
const RED = [170, 0, 0];
const GREEN = [0, 90, 20];
const DARK = [0, 0, 0];
const show = (outcome: string) =>
  showing({ outcome, items: [['Cola', 1]], total: 200, currency: 'usd', lang: 'en', id: 'abc123', seq: 1, at: 0 });

describe('the feedback of the case', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await feedbackBench();
  });

  const shows = (screen: string) => {
    const now = bench.display.visible();
    assert.ok(Buffer.from(now).equals(goldens().get(screen)!), `not ${screen} but\n${asText(now)}`);
  };
  const noted = () => bench.run('print(json.dumps(noted))')[0];
  const beats = () => bench.run('print(checked_in["blink"])')[0] as number;
  const lightAt = (ms: number) => bench.lights.findLast(({ atMs }) => atMs <= ms)?.rgb;

  describe('display', () => {
    it('goes on with a picture on it, never with the snow of its memory', async () => {
      const seen: string[] = [];
      bench.display.onChange = () => {
        if (bench.display.contrast() > 0) seen.push(Buffer.from(bench.display.visible()).toString('base64'));
      };
      bench.run('feedback = wire()\nfeedback.say("idle")');
      await bench.pass(200);
      shows('idle en');
      assert.deepEqual([...new Set(seen)], [Buffer.from(goldens().get('idle en')!).toString('base64')]);
    });

    it('is sent a page at a time, and only what has changed', async () => {
      bench.run('feedback = wire()\nfeedback.say("weighing")');
      await bench.pass(200);
      // A page of 128 bytes and its control byte: 3.2 ms at 400 kHz.
      assert.ok(bench.display.traffic.longest <= 130);
      const before = bench.display.traffic.bytes;
      await bench.pass(1_900);
      const resting = bench.display.traffic.bytes - before;
      assert.ok(resting < 10, `${resting} bytes for a display that shows what it should`);
      bench.run('feedback.say("weighing")');
      await bench.pass(100);
      assert.ok(bench.display.traffic.bytes - before < 20, 'the same again costs nothing');
    });

    it('that is unplugged in a visit is noted, holds up nothing, and shows the visit as soon as it is back', async () => {
      bench.run('feedback = wire()\nfeedback.say("unlocked")');
      await bench.pass(200);
      bench.world.displayIn = false;
      await bench.pass(10_000);
      assert.deepEqual(noted(), [[], ['display.silent']]);
      const flashes = bench.lights.filter(({ atMs }) => atMs > 1_000).length;
      assert.ok(flashes >= 20, `the light flashed on: ${flashes}`);
      const [turns, asked] = [beats(), bench.run('print(feedback.panel.failures)')[0] as number];
      assert.ok(turns > 100 && asked < 10, `${turns} turns, asked ${asked} times in ten seconds`);
      bench.run('feedback.say("open")');
      bench.world.displayIn = true;
      await bench.pass(6_000);
      shows('open en');
      assert.deepEqual(noted(), [[], ['display.silent'], []]);
    });

    it('that lost its power for a moment, unseen, is lit again within a minute', async () => {
      bench.run('feedback = wire()\nfeedback.say("open")');
      await bench.pass(2_300);
      bench.world.displayIn = false;
      bench.display.visible();
      bench.world.displayIn = true;
      assert.equal(bench.display.contrast(), 0);
      await bench.pass(61_000);
      shows('open en');
      assert.deepEqual(noted(), [[]]);
    });

    it('that was never there is noted, and all else goes on', async () => {
      bench.world.displayIn = false;
      bench.run('feedback = wire()\nfeedback.say("unlocked")');
      await bench.pass(3_000);
      assert.deepEqual(noted(), [[], ['display.silent']]);
      assert.ok(beats() > 60);
      assert.ok(bench.sounds.length >= 2);
    });

    it('wanders by a pixel each minute while the case rests, and keeps all its words', async () => {
      bench.run('feedback = wire()\nfeedback.say("idle")');
      const places = new Set<string>();
      let litBefore: number | undefined;
      for (let minute = 0; minute < 30; minute += 1) {
        await bench.pass(60_000);
        const now = bench.display.visible();
        const lit = now.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
        assert.equal(lit, litBefore ?? lit, `a pixel was lost\n${asText(now)}`);
        litBefore = lit;
        places.add(Buffer.from(now).toString('base64'));
      }
      assert.ok(places.size >= 15, `${places.size} places in half an hour`);
    });

    it('dims when the case has rested for a while, and is bright for a visit', async () => {
      bench.run('feedback = wire()\nfeedback.say("idle")');
      await bench.pass(10_000);
      assert.equal(bench.display.contrast(), 0xcf);
      await bench.pass(15_000);
      assert.equal(bench.display.contrast(), 0x08);
      bench.run('feedback.say("unlocked")');
      await bench.pass(100);
      assert.equal(bench.display.contrast(), 0xcf);
      await bench.pass(60_000);
      assert.equal(bench.display.contrast(), 0xcf, 'a visit is no rest');
    });

    it('never goes off where no sensor sees who comes', async () => {
      bench.run('feedback = wire(screen_off_ms=60000)\nfeedback.say("idle")');
      await bench.pass(600_000);
      assert.equal(bench.display.contrast(), 0x08);
    });

    it('shows what it must when the firmware ends at once', async () => {
      bench.run(`
display = SSD1306(I2C(1, scl=Pin(9), sda=Pin(8), freq=400000))
feedback = Feedback(display, None, None, "en")
feedback.say("bare")
asyncio.create_task(feedback.flush())`);
      await bench.pass(100);
      shows('bare en');
    });
  });

  describe('light', () => {
    const lightsOf = async (code: string, ms: number) => {
      bench.run('if "feedback" not in globals():\n    feedback = wire()');
      await bench.pass(100);
      const from = bench.clock.nowMs();
      bench.run(code);
      await bench.pass(ms);
      return from;
    };

    it('is green while the case waits, blue while it is open, red when the door must be shut', async () => {
      const from = await lightsOf('feedback.say("idle")', 500);
      assert.deepEqual(lightAt(from), GREEN);
      for (const [moment, colour] of [
        ['open', BLUE],
        ['too_long', RED],
        ['timeout', RED],
        ['forced', RED],
        ['restock', [90, 90, 90]],
        ['boot', DARK],
        ['power_lost', DARK],
      ] as const) {
        bench.run(`feedback.say("${moment}")`);
        const told = bench.clock.nowMs();
        await bench.pass(5_000);
        assert.deepEqual(lightAt(told), colour, moment);
        assert.equal(bench.lights.filter(({ atMs }) => atMs > told).length, 0, `${moment} stands still`);
      }
    });

    it('flashes blue while the door may be opened, and is lit at once', async () => {
      const from = await lightsOf('feedback.say("unlocked")', 4_000);
      assert.deepEqual(lightAt(from), BLUE);
      const changes = bench.lights.filter(({ atMs }) => atMs >= from);
      assert.deepEqual(
        changes.map(({ rgb }) => rgb),
        changes.map((_, i) => (i % 2 === 0 ? BLUE : DARK)),
      );
      for (let i = 1; i < changes.length; i += 1) {
        const gap = changes[i]!.atMs - changes[i - 1]!.atMs;
        assert.ok(gap >= 350 && gap <= 450, `${gap} ms`);
      }
      assert.ok(changes.length >= 10);
    });

    it('pulses blue while the case counts and breathes violet while it updates, and is never quite off', async () => {
      for (const [moment, brightest, periodMs] of [
        ['weighing', BLUE, 1_000],
        ['updating', [90, 0, 130], 4_000],
      ] as const) {
        const from = await lightsOf(`feedback.say("${moment}")`, 8_200);
        const levels = bench.lights.filter(({ atMs }) => atMs >= from);
        assert.ok(levels.every(({ rgb }) => rgb[2] > 0));
        const peaks = levels.filter(({ rgb }) => rgb[2] >= brightest[2] * 0.8);
        const bursts = peaks.filter(({ atMs }, i) => i === 0 || atMs - peaks[i - 1]!.atMs > periodMs / 2);
        assert.equal(bursts.length, 8_000 / periodMs + 1, moment);
      }
    });

    it('blinks red, slowly, while nothing is for sale', async () => {
      for (const moment of ['locked_out', 'fault', 'safe_mode', 'battery_low']) {
        await lightsOf('feedback.say("idle")', 100);
        const from = await lightsOf(`feedback.say("${moment}")`, 6_100);
        const changes = bench.lights.filter(({ atMs }) => atMs >= from).map(({ rgb }) => rgb);
        assert.deepEqual(changes, [RED, DARK, RED, DARK, RED], moment);
      }
    });

    it('says paid in half a second of blue, then is off; what is unpaid stays red', async () => {
      const from = await lightsOf(show('charged'), 7_000);
      const changes = bench.lights.filter(({ atMs }) => atMs >= from);
      assert.deepEqual(
        changes.map(({ rgb }) => rgb),
        [BLUE, DARK],
      );
      assert.ok(Math.abs(changes[1]!.atMs - changes[0]!.atMs - 500) <= 40);
      for (const outcome of ['owed', 'refused', 'partly_paid']) {
        const told = await lightsOf(show(outcome), 7_000);
        assert.deepEqual(lightAt(told), RED, outcome);
      }
    });
  });

  describe('buzzer', () => {
    const pattern = () =>
      bench.sounds.flatMap(({ atMs, level }, i) => (level === 1 ? [bench.sounds[i + 1]!.atMs - atMs] : []));

    it('chirps for an open door, asks three times to close it, and is silent else', async () => {
      bench.run('feedback = wire()\nfeedback.say("unlocked")');
      await bench.pass(2_000);
      assert.deepEqual(pattern(), [80]);
      bench.run('feedback.say("too_long")');
      await bench.pass(2_000);
      assert.deepEqual(pattern(), [80, 150, 150, 150]);
      for (const moment of ['idle', 'open', 'weighing', 'restock', 'updating', 'fault', 'boot']) {
        bench.run(`feedback.say("${moment}")`);
        await bench.pass(1_000);
      }
      assert.equal(pattern().length, 4);
    });

    it('sounds different for a payment, no charge and another card', async () => {
      const heard: number[][] = [];
      bench.run('feedback = wire()');
      for (const outcome of ['charged', 'released', 'owed']) {
        bench.sounds.length = 0;
        bench.run(show(outcome));
        await bench.pass(2_000);
        heard.push(pattern());
      }
      assert.deepEqual(heard, [[60, 120], [80], [400, 200]]);
    });

    it('plays one sound after the other however fast things happen, and ends silent', async () => {
      bench.run('feedback = wire()\nfor _ in range(500):\n    feedback.say("unlocked")\n    feedback.say("too_long")');
      await bench.pass(5_000);
      // The first is the pin's own, low from the start.
      const levels = bench.sounds.slice(1).map(({ level }) => level);
      assert.deepEqual(
        levels,
        levels.map((_, i) => 1 - (i % 2)),
      );
      assert.ok(levels.length <= 12, `${levels.length} changes: what was overtaken is not made up for`);
      assert.equal(levels.at(-1), 0);
    });
  });

  it('tells the next customer to come after what this one was told has stood for eight seconds', async () => {
    bench.run(`feedback = wire()\n${show('released')}`);
    const again = () => bench.run('print(json.dumps(feedback.idle_again()))')[0];
    await bench.pass(7_900);
    assert.equal(again(), false);
    await bench.pass(200);
    assert.equal(again(), true);
    bench.run('feedback.say("idle")');
    assert.equal(again(), false);
    await bench.pass(60_000);
    assert.equal(again(), false);
  });

  it('goes on when every device is broken at once', async () => {
    bench.run(`
class Broken:
    def __getattr__(self, name):
        raise OSError(5)

feedback = Feedback(Broken(), Broken(), None, "en", voice=Voice(Broken()), tof=Broken(), faults=Faults())
asyncio.create_task(feedback.blink(lambda: here("blink")))
asyncio.create_task(feedback.approach(lambda: here("approach")))
for moment in ("idle", "unlocked", "open", "weighing"):
    feedback.say(moment)
${show('charged')}`);
    await bench.pass(30_000);
    assert.ok(beats() > 50);
    assert.ok((bench.run('print(checked_in["approach"])')[0] as number) > 20, 'the watchdog hears of it');
    assert.deepEqual(noted(), [[], ['tof.silent'], ['tof.silent', 'display.silent']]);
  });

  it('goes on when no device is there at all', async () => {
    bench.run(`
feedback = Feedback(None, None, None, "es")
asyncio.create_task(feedback.blink(lambda: here("blink")))
asyncio.create_task(feedback.approach(lambda: here("approach")))
feedback.say("unlocked")
${show('owed')}`);
    await bench.pass(3_000);
    assert.ok(beats() > 60);
  });

  it('needs no more memory after a thousand visits', async () => {
    bench.run('import gc\nfeedback = wire()');
    const visit = async () => {
      for (const moment of ['idle', 'unlocked', 'open', 'weighing']) bench.run(`feedback.say("${moment}")`);
      bench.run(show('charged'));
      await bench.pass(120);
    };
    // These builds collect when the call that asks for it is over.
    const used = () => {
      bench.run('gc.collect()');
      return bench.run('print(gc.mem_alloc())')[0] as number;
    };
    for (let i = 0; i < 50; i += 1) await visit();
    const before = used();
    for (let i = 0; i < 1_000; i += 1) await visit();
    const grown = used() - before;
    assert.ok(grown < 2_000, `${grown} bytes more`);
  });
});
