// The firmware's modem driver on a modem that misbehaves: it recovers or gives up in bounded time, and never hangs.
import assert from 'node:assert/strict';
import { factoryNew, inService } from '../../sim/src/modem/memory.ts';
import type { ModemSwitches } from '../../sim/src/modem/switches.ts';
import { seededRandom } from '../../sim/src/shelf/random.ts';
import { COMMANDS, type ModemBench, modemBench, PaperBroker } from './modem-bench.ts';
import { VMS } from './vms.ts';

/** config.TASK_SILENT_MS: an attempt must end before the watchdog believes that its task is dead. */
const TASK_SILENT_MS = 180_000;
/** Enough failures to come to the ladder's end and begin again. */
const LADDER_ATTEMPTS = 24;

const CA = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----\n`;

/** Attempts until it is connected; each must end in time. */
async function connects(bench: ModemBench, attempts: number): Promise<number> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { error, message, tookMs } = await bench.connect();
    assert.ok(tookMs < TASK_SILENT_MS, `an attempt took ${tookMs} ms`);
    if (error === undefined) return attempt;
    assert.equal(error, 'OSError', message);
  }
  assert.fail(`not connected after ${attempts} attempts; last ${bench.heard.slice(-8).join(' ')}`);
}

describe('the modem’s driver', () => {
  for (const { name, build } of VMS) {
    it(`connects, subscribes, says that it is there, sends and hears, in MicroPython ${name}`, async () => {
      const broker = new PaperBroker();
      const bench = await modemBench({ build, dial: broker.dial });
      assert.equal((await bench.connect()).error, undefined);
      assert.deepEqual(broker.subscribed, [COMMANDS]);
      assert.equal(broker.dialled[0]!.clientId, 'tapcase-123');
      assert.equal(broker.dialled[0]!.will!.topic, 'case/123/online/controller');
      assert.deepEqual(broker.published[0], {
        topic: 'case/123/online/controller',
        payload: Buffer.from('1'),
        retain: true,
      });
      const bytes = Buffer.from([...Array(256).keys(), 0x0d, 0x0a, 0x1a, 0x22, 0x3e]);
      const hex = bytes.toString('hex');
      await bench.attempt(`modem.publish('case/123/door', binascii.unhexlify('${hex}'))`);
      assert.deepEqual(broker.published[1]!.payload, bytes);
      broker.say(COMMANDS, bytes);
      await bench.pass(50);
      assert.deepEqual(bench.ask('[[t, binascii.hexlify(m).decode()] for t, m in modem.messages]'), [[COMMANDS, hex]]);
    });
  }

  it('brings up a modem that is new, switched off and of unknown baud rate, and sets what it keeps but once', async () => {
    const memory = factoryNew();
    const bench = await modemBench({ memory, powered: false, secrets: { apn: 'iot.example' } });
    assert.equal(await connects(bench, 2), 1);
    assert.equal(memory.settings.get('IPR'), '115200');
    assert.equal(memory.settings.get('APN'), '"iot.example"');
    assert.equal(memory.settings.get('CMNB'), '1');
    bench.heard.length = 0;
    bench.modem.cut();
    bench.modem.restore();
    assert.equal(await connects(bench, 1), 1);
    assert.deepEqual(
      bench.heard.filter((line) => /^AT\+(IPR|CLTS|CNMP|CMNB|CGDCONT)=/.test(line)),
      [],
    );
  });

  const misbehaviours: Readonly<Record<string, (bench: ModemBench) => void>> = {
    'a modem that echoes again after each command': ({ modem }) => {
      modem.switches.mangle = (bytes) => Buffer.concat([Buffer.from('AT+ECHO\r'), bytes]);
    },
    'answers that come late': ({ modem }) => {
      modem.switches.answerMs = 900;
    },
    'a broker that takes 40 s': ({ modem }) => {
      modem.switches.connectMs = 40_000;
    },
    'lines of its own between any command and its answer': ({ modem }) => {
      modem.switches.interleave = [
        'SMS Ready',
        '+CPSMSTATUS: "EXIT PSM"',
        '+SMSUB: "x","zz"',
        'UNDER-VOLTAGE WARNNING',
      ];
    },
    'bytes that come one by one': (bench) => {
      bench.bytesAtOnce = 1;
    },
    'prompts that are lost': ({ modem }) => {
      modem.switches.promptless = true;
    },
    'lines that come twice': ({ modem }) => {
      modem.switches.mangle = (bytes) => Buffer.concat([bytes, bytes]);
    },
  };
  for (const [what, misbehave] of Object.entries(misbehaviours)) {
    it(`connects and sends in spite of ${what}`, async () => {
      const broker = new PaperBroker();
      const bench = await modemBench({ dial: broker.dial, secrets: { ca: CA, tls: true } });
      misbehave(bench);
      await connects(bench, 3);
      broker.published.length = 0;
      const { error } = await bench.attempt("modem.publish('case/123/door', b'{}|mac')");
      assert.equal(error, undefined);
      assert.equal(broker.published[0]!.payload.toString(), '{}|mac');
    });
  }

  it('gets through a line that loses, doubles and changes bytes, and is well when the line is', async () => {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const bench = await modemBench();
      bench.modem.switches.mangle = (bytes) => {
        const draw = random();
        if (draw < 0.03) return bytes.subarray(0, Math.floor(random() * bytes.length));
        if (draw < 0.06) return Buffer.concat([bytes, bytes]);
        if (draw > 0.09) return bytes;
        const changed = Buffer.from(bytes);
        changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
        return changed;
      };
      for (let attempt = 0; attempt < 6; attempt++) {
        const { error, tookMs } = await bench.connect();
        assert.ok(error === undefined || error === 'OSError', error);
        assert.ok(tookMs < TASK_SILENT_MS);
      }
      bench.modem.switches.mangle = undefined;
      await connects(bench, 3);
    }
  });

  const refusals: readonly [string, Partial<ModemSwitches>, RegExp][] = [
    ['no SIM card', { sim: 'none' }, /SIM not inserted/],
    ['a SIM card that wants a PIN', { sim: 'pin' }, /PIN/],
    ['a network that refuses the card', { registration: 3 }, /refuses this SIM/],
    ['no network', { registration: 2 }, /no network/],
    ['a broker that refuses', { refuseConnect: true }, /AT\+SMCONN/],
    ['a broker that never answers', { connectMs: 3_600_000 }, /no answer to AT\+SMCONN/],
    ['a modem that hangs', { hung: true }, /silent/],
  ];
  for (const [what, switches, message] of refusals) {
    it(`with ${what} it says so in bounded time, and connects once that is mended`, async () => {
      const bench = await modemBench();
      const well = { ...bench.modem.switches };
      Object.assign(bench.modem.switches, switches);
      const told = await bench.connect();
      assert.equal(told.error, 'OSError');
      assert.match(told.message!, message);
      assert.ok(told.tookMs < TASK_SILENT_MS);
      assert.equal(bench.ask('modem.connected'), false);
      Object.assign(bench.modem.switches, well);
      await connects(bench, 6);
    });
  }

  it('waits for a SIM card that is busy, and gives up one that stays so, without a reset of the modem between', async () => {
    const bench = await modemBench();
    bench.modem.switches.simBusy = 6;
    const { error, tookMs } = await bench.connect();
    assert.equal(error, undefined);
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
    bench.modem.cut();
    bench.modem.restore();
    bench.modem.switches.simBusy = Number.POSITIVE_INFINITY;
    assert.match((await bench.connect()).message!, /SIM card is not ready/);
    bench.modem.switches.simBusy = 0;
    assert.equal(await connects(bench, 1), 1);
    assert.deepEqual(
      bench.heard.filter((line) => line === 'PWRKEY' || line === 'AT+CFUN=1,1'),
      [],
    );
  });

  it('climbs the ladder in its order: session, context, radio, key, supply', async () => {
    const bench = await modemBench();
    bench.modem.switches.refuseConnect = true;
    const firsts = new Map<string, number>();
    for (let attempt = 0; attempt < LADDER_ATTEMPTS / 2; attempt++) {
      bench.heard.length = 0;
      assert.equal((await bench.connect()).error, 'OSError');
      for (const step of ['AT+SMDISC', 'AT+CNACT=0,0', 'AT+CFUN=1,1', 'PWRKEY', 'POWER']) {
        if (bench.heard.includes(step) && !firsts.has(step)) firsts.set(step, attempt);
      }
    }
    assert.deepEqual(
      [...firsts],
      [
        ['AT+SMDISC', 2],
        ['AT+CNACT=0,0', 3],
        ['AT+CFUN=1,1', 5],
        ['PWRKEY', 8],
        ['POWER', 11],
      ],
    );
    bench.modem.switches.refuseConnect = false;
    await connects(bench, 2);
    assert.equal(bench.ask('modem.failures'), 0);
  });

  it('brings back a modem that answers nothing but a cut supply', async () => {
    const bench = await modemBench();
    bench.modem.switches.hung = true;
    assert.equal(await connects(bench, LADDER_ATTEMPTS), 12);
  });

  it('brings back a modem that switches itself off in the middle of any command', async () => {
    const rehearsal = await modemBench({ secrets: { ca: CA, tls: true } });
    await rehearsal.connect();
    const commands = new Set(rehearsal.heard.map((line) => line.split('=')[0]!));
    assert.ok(commands.size > 20, `${commands.size} commands`);
    const bench = await modemBench({ secrets: { ca: CA, tls: true } });
    for (const command of commands) {
      // So that the certificate is written each time.
      bench.modem.memory.files.clear();
      bench.modem.switches.powerDownAt = new RegExp(`^${command.replace(/[+?]/g, '\\$&')}(=|$)`);
      const told = await bench.connect();
      assert.equal(told.error, 'OSError', command);
      assert.ok(told.tookMs < TASK_SILENT_MS);
      bench.modem.switches.powerDownAt = undefined;
      await connects(bench, 3);
    }
  });

  it('knows at once that the context or the broker is gone, and subscribes again with each connection', async () => {
    const broker = new PaperBroker();
    const bench = await modemBench({ dial: broker.dial });
    await bench.connect();
    bench.modem.cut();
    await bench.pass(20);
    assert.equal(bench.ask('modem.connected'), false);
    assert.equal((await bench.attempt("modem.publish('case/123/door', b'x')")).error, 'OSError');
    bench.modem.restore();
    assert.equal(await connects(bench, 1), 1);
    broker.hangUp();
    await bench.pass(20);
    assert.equal(bench.ask('modem.connected'), false);
    assert.equal(await connects(bench, 1), 1);
    assert.deepEqual(broker.subscribed, [COMMANDS, COMMANDS, COMMANDS]);
  });

  it('finds out by asking when the line that said so was lost', async () => {
    const broker = new PaperBroker();
    const bench = await modemBench({ dial: broker.dial });
    await bench.connect();
    bench.modem.switches.mangle = () => Buffer.alloc(0);
    broker.hangUp();
    bench.modem.switches.mangle = undefined;
    await bench.pass(100);
    assert.equal(bench.ask('modem.connected'), true);
    assert.equal((await bench.attempt('modem.look_around()')).error, undefined);
    assert.equal(bench.ask('modem.connected'), false);
    assert.equal(bench.ask('modem.rssi_dbm'), -73);
  });

  it('sends a frame of 1,024 bytes and refuses one more', async () => {
    const broker = new PaperBroker();
    const bench = await modemBench({ dial: broker.dial });
    await bench.connect();
    assert.equal((await bench.attempt("modem.publish('case/123/door', b'x' * 1024)")).error, undefined);
    assert.equal(broker.published.at(-1)!.payload.length, 1024);
    assert.equal((await bench.attempt("modem.publish('case/123/door', b'x' * 1025)")).error, 'ValueError');
  });

  it('keeps sixteen messages and no more, and none that is too long', async () => {
    const broker = new PaperBroker();
    const bench = await modemBench({ dial: broker.dial });
    await bench.connect();
    broker.say(COMMANDS, Buffer.alloc(1_300));
    await bench.pass(50);
    assert.equal(bench.ask('len(modem.messages)'), 0);
    for (let count = 0; count < 40; count++) broker.say(COMMANDS, Buffer.alloc(1_000));
    await bench.pass(1_000);
    assert.equal(bench.ask('len(modem.messages)'), 16);
  });

  it('refuses to connect without a CA, and sends nothing to the modem', async () => {
    for (const secrets of [{ tls: undefined }, { tls: true }, { tls: 0 }, { ca: '', tls: true }]) {
      const bench = await modemBench({ secrets });
      const { error, message } = await bench.connect();
      assert.equal(error, 'OSError');
      assert.match(message!, /no CA/);
      assert.deepEqual(bench.heard, []);
      assert.equal(bench.ask('modem.insecure'), false);
    }
  });

  it('says that TLS is off where the secrets switch it off', async () => {
    const bench = await modemBench();
    await bench.connect();
    assert.equal(bench.ask('modem.insecure'), true);
    assert.match(String(bench.ask('said[0]')), /TLS is off/);
  });

  it('never sends a setting that could end its quotes, and does not crash over it', async () => {
    for (const secrets of [
      { password: 'a"\rAT+CFUN=0' },
      { host: 'x","1883"\rAT' },
      { user: 'ü' },
      { user: 7 },
      { case: undefined },
    ]) {
      const bench = await modemBench({ secrets });
      assert.equal((await bench.connect()).error, 'OSError');
      assert.deepEqual(bench.heard, []);
    }
    for (const secrets of [{ apn: 'a"' }, { cmnb: 'x' }, { ca: CA, tls: true, ntp: 'a"' }]) {
      const bench = await modemBench({ secrets });
      bench.modem.switches.networkTime = false;
      bench.modem.supply(false);
      bench.modem.supply(true);
      assert.match((await bench.connect()).message!, /secrets/);
      assert.equal(
        bench.heard.some((line) => line.includes('a"')),
        false,
      );
    }
    const bench = await modemBench();
    await bench.connect();
    assert.equal((await bench.attempt("modem.publish('a\",1,1\\r', b'x')")).error, 'ValueError');
  });

  it('sets the modem’s clock from the network before it trusts a certificate’s dates', async () => {
    const bench = await modemBench({ secrets: { ca: CA, tls: true } });
    bench.modem.switches.networkTime = false;
    bench.modem.supply(false);
    bench.modem.supply(true);
    bench.modem.switches.ntp = 65;
    const { message } = await bench.connect();
    assert.match(message!, /no time, \+CNTP: 65/);
    bench.modem.switches.ntp = 1;
    await connects(bench, 1);
    assert.ok(bench.heard.indexOf('AT+CNTP') < bench.heard.indexOf('AT+SMCONN'));
    assert.equal(bench.heard.includes('AT+CSSLCFG="ignorertctime",0,0'), true);
  });

  it('writes the CA into the modem once, checks its length, and names it at each connection', async () => {
    const memory = inService();
    const broker = new PaperBroker();
    const bench = await modemBench({ memory, dial: broker.dial, secrets: { ca: CA, tls: true } });
    const writes = () => bench.heard.filter((line) => line.startsWith('AT+CFSWFILE')).length;
    await connects(bench, 1);
    const [[name, content]] = [...memory.files] as [[string, Buffer]];
    assert.equal(content.toString(), CA);
    assert.deepEqual([broker.dialled[0]!.protocol, broker.dialled[0]!.rejectUnauthorized], ['mqtts', true]);
    assert.equal(broker.dialled[0]!.servername, 'broker.test');
    await connects(bench, 1);
    assert.equal(writes(), 1);
    memory.files.set(name, content.subarray(0, 10));
    await connects(bench, 1);
    assert.equal(writes(), 2);
    assert.equal(memory.files.get(name)!.toString(), CA);
  });

  it('sleeps when told, is deaf then, and wakes', async () => {
    const bench = await modemBench();
    await bench.connect();
    assert.equal((await bench.attempt('modem.sleep()')).error, undefined);
    assert.equal((await bench.attempt("modem.publish('case/123/door', b'x')")).error, 'OSError');
    assert.equal((await bench.attempt('modem.wake()')).error, undefined);
    assert.equal((await bench.attempt("modem.publish('case/123/door', b'x')")).error, undefined);
  });

  it('asks the network for eDRX or PSM and tells what it granted', async () => {
    const bench = await modemBench();
    await bench.connect();
    assert.equal((await bench.attempt("modem.save_power('edrx')")).value, true);
    assert.equal((await bench.attempt("modem.save_power('psm')")).value, false);
    assert.equal(bench.modem.memory.settings.get('CPSMS'), '1,,,"00100001","00000001"');
    assert.equal((await bench.attempt("modem.save_power('off')")).value, false);
    assert.equal((await bench.attempt("modem.save_power('x')")).error, 'ValueError');
  });
});
