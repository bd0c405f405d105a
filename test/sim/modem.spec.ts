// The simulated SIM7080G at its serial line: what SIMCom's manual and the field say that the real one does.
import assert from 'node:assert/strict';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { factoryNew, inService, type ModemMemory } from '../../sim/src/modem/memory.ts';
import { Sim7080g } from '../../sim/src/modem/sim7080g.ts';
import { makeAuthority } from '../firmware/certificates.ts';
import { PaperBroker } from '../firmware/modem-bench.ts';

function line(memory: ModemMemory = inService(), powered = true) {
  const clock = new VirtualClock();
  const broker = new PaperBroker();
  let out = '';
  const send = (bytes: Buffer) => {
    out += bytes.toString('latin1');
  };
  const modem = new Sim7080g({ clock, send, dial: broker.dial, memory, powered });
  const heard = async (ms: number) => {
    await clock.advance(ms, () => modem.outside?.then(() => {}));
    // The broker of paper answers in a later turn.
    await modem.outside;
    await new Promise((resolve) => setImmediate(resolve));
    const said = out;
    out = '';
    return said;
  };
  return {
    modem,
    broker,
    heard,
    /** Somebody holds PWRKEY down for so long. */
    press: async (ms: number) => {
      modem.pwrkey(1);
      await heard(ms);
      modem.pwrkey(0);
    },
    /** What comes back within a second. */
    say: (text: string) => {
      modem.receive(Buffer.from(text, 'latin1'));
      return heard(1_000);
    },
  };
}

const OK = '\r\nOK\r\n';

describe('the simulated modem', () => {
  it('answers byte for byte as the captured one: echo, OK before the late line, a blank line between', async () => {
    const { say } = line();
    assert.equal(await say('AT+CNACT=0,1\r'), 'AT+CNACT=0,1\r\r\nOK\r\n\r\n+APP PDP: 0,ACTIVE\r\n');
    assert.equal(await say('ATE0\r'), `ATE0\r${OK}`);
    assert.equal(await say('AT+CEREG?\r'), `\r\n+CEREG: 0,1\r\n${OK}`);
    assert.equal(await say('at+csq\r'), `\r\n+CSQ: 20,0\r\n${OK}`);
  });

  it('gives errors in the form that AT+CMEE chose', async () => {
    const { say } = line();
    await say('ATE0\r');
    assert.equal(await say('AT+SMSUB="a",1\r'), '\r\nERROR\r\n');
    await say('AT+CMEE=1\r');
    assert.equal(await say('AT+SMSUB="a",1\r'), '\r\n+CME ERROR: 3\r\n');
    await say('AT+CMEE=2\r');
    assert.equal(await say('AT+SMSUB="a",1\r'), '\r\n+CME ERROR: operation not allowed\r\n');
    assert.equal(await say('AT+NONSENSE\r'), '\r\n+CME ERROR: operation not supported\r\n');
    assert.equal(await say(`AT${'+'.repeat(600)}\r`), '\r\n+CME ERROR: operation not allowed\r\n');
  });

  async function connected() {
    const bench = line();
    for (const text of ['ATE0', 'AT+CNACT=0,1', 'AT+SMCONF="URL","b",1883', 'AT+SMCONF="SUBHEX",1', 'AT+SMCONN']) {
      assert.match(await bench.say(`${text}\r`), /OK/, text);
    }
    return bench;
  }

  it('takes exactly the announced bytes, line ends and Ctrl-Z among them, and no message over 1,024', async () => {
    const { say, broker } = await connected();
    assert.equal(await say('AT+SMPUB="t",6,1,0\r'), '\r\n>');
    assert.equal(await say('a\r\n\x1a'), '');
    assert.equal(await say('"bAT\r'), `${OK}${OK}`);
    assert.equal(broker.published[0]!.payload.toString('latin1'), 'a\r\n\x1a"b');
    assert.equal(await say('AT+SMPUB="t",1025,1,0\r'), '\r\nERROR\r\n');
  });

  it('refuses to subscribe, send or end what is not connected', async () => {
    const { say } = line();
    await say('ATE0\r');
    for (const text of [
      'AT+SMSUB="t",1',
      'AT+SMPUB="t",1,1,0',
      'AT+SMDISC',
      'AT+SMCONN',
      'AT+SHREQ="/",1',
      'AT+SHDISC',
    ]) {
      assert.equal(await say(`${text}\r`), '\r\nERROR\r\n', text);
    }
  });

  it('brings messages as hex or raw, as SUBHEX says', async () => {
    const { say, broker, heard } = await connected();
    broker.say('t', Buffer.from('{"a":1}'));
    assert.equal(await heard(0), '\r\n+SMSUB: "t","7b2261223a317d"\r\n');
    await say('AT+SMCONF="SUBHEX",0\r');
    broker.say('t', Buffer.from('{"a":1}'));
    assert.equal(await heard(0), '\r\n+SMSUB: "t","{"a":1}"\r\n');
  });

  it('loses the context first and the broker then, and says both', async () => {
    const { modem, heard, say } = await connected();
    modem.cut();
    assert.equal(await heard(0), '\r\n+APP PDP: 0,DEACTIVE\r\n\r\n+SMSTATE: 0\r\n');
    assert.equal(await say('AT+SMSTATE?\r'), `\r\n+SMSTATE: 0\r\n${OK}`);
    assert.match(await say('AT+CSQ\r'), /\+CSQ: 99,0/);
  });

  it('forgets its settings with a reboot and keeps what the manual says it keeps', async () => {
    const { say } = line();
    for (const text of ['ATE0', 'AT+CFUN=0', 'AT+CGDCONT=1,"IP","iot.example"', 'AT+CFUN=1', 'AT+CNACT=0,1']) {
      assert.match(await say(`${text}\r`), /OK/, text);
    }
    await say('AT+SMCONF="URL","b",1883\r');
    await say('AT+CPSMS=1,,,"00100001","00000001"\r');
    assert.equal(await say('AT+CFUN=1,1\r'), `${OK}\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n`);
    assert.match(await say('AT+CNACT?\r'), /^AT\+CNACT\?\r\r\n\+CNACT: 0,0,/);
    assert.match(await say('AT+CGDCONT?\r'), /"iot\.example"/);
    assert.match(await say('AT+CPSMS?\r'), /\+CPSMS: 1,,,"00100001","00000001"/);
  });

  it('is silent with automatic baud rate until it has heard AT, and when it is switched off', async () => {
    const { say, modem, press } = line(factoryNew(), false);
    assert.equal(await say('AT\r'), '');
    await press(1_100);
    assert.equal(await say(''), '');
    assert.equal(await say('AT\rAT\r'), '');
    assert.equal(await say('AT\r'), `AT\r${OK}`);
    modem.switches.powerDownAt = /CSQ/;
    assert.equal(await say('AT+CSQ\r'), 'AT+CSQ\r');
    assert.equal(await say('AT\r'), '');
  });

  it('is switched by a press of more than a second, and neither by a shorter one nor by a pin that is set up', async () => {
    const { say, modem, press, heard } = line();
    modem.pwrkey(0);
    await press(900);
    assert.match(await say('AT\r'), /OK/);
    await press(1_100);
    assert.match(await heard(100), /NORMAL POWER DOWN/);
    assert.equal(await say('AT\r'), '');
    // Let go once is let go: a low that follows later ends no press.
    modem.pwrkey(0);
    assert.equal(await say('AT\r'), '');
    await press(1_100);
    assert.match(await heard(1_000), /RDY/);
  });

  it('takes a file only after DOWNLOAD, only whole, only in time and up to 10 KB', async () => {
    const { say, modem, heard } = line();
    await say('ATE0\r');
    const write = 'AT+CFSWFILE=3,"ca.crt",0,4,2000\r';
    assert.equal(await say(write), '\r\nERROR\r\n');
    await say('AT+CFSINIT\r');
    assert.equal(await say(write), '\r\nDOWNLOAD\r\n');
    assert.equal(await heard(1_500), '\r\nERROR\r\n');
    assert.equal(await say(write), '\r\nDOWNLOAD\r\n');
    assert.equal(await say('PEM!'), OK);
    assert.equal(modem.memory.files.get('ca.crt')!.toString(), 'PEM!');
    assert.equal(await say('AT+CFSGFIS=3,"ca.crt"\r'), `\r\n+CFSGFIS: 4\r\n${OK}`);
    assert.equal(await say('AT+CFSWFILE=3,"ca.crt",0,10241,2000\r'), '\r\nERROR\r\n');
  });

  it('trusts every server without a CA, and none before its clock is right unless it is told not to care', async () => {
    const memory = inService();
    memory.files.set('ca.crt', Buffer.from(makeAuthority('A').ca));
    const { say, broker, modem, press } = line(memory);
    modem.switches.networkTime = false;
    modem.supply(false);
    modem.supply(true);
    await press(1_100);
    for (const text of ['', 'ATE0', 'AT+CNACT=0,1', 'AT+SMCONF="URL","b",8883', 'AT+SMSSL=1,"",""'])
      await say(`${text}\r`);
    assert.equal(await say('AT+SMCONN\r'), OK);
    assert.equal(broker.dialled[0]!.rejectUnauthorized, false);
    await say('AT+SMDISC\r');
    await say('AT+SMSSL=1,"ca.crt",""\r');
    assert.equal(await say('AT+SMCONN\r'), '\r\nERROR\r\n');
    await say('AT+CSSLCFG="convert",2,"ca.crt"\r');
    assert.match(await say('AT+CCLK?\r'), /"80\/01\/06/);
    assert.equal(await say('AT+SMCONN\r'), '\r\nERROR\r\n');
    await say('AT+CSSLCFG="IGNORERTCTIME",0,1\r');
    assert.equal(await say('AT+SMCONN\r'), OK);
    assert.equal(broker.dialled[1]!.rejectUnauthorized, true);
  });
});
