// Any bytes from the modem or the broker: no crash, no unlock, no growth. Seeded, in batches inside the VM.
import assert from 'node:assert/strict';
import { firmwareVm, VMS } from './vms.ts';

/** Of each kind: 100,000 in all. The oldest VM is slow. */
const INPUTS: Readonly<Record<string, number>> = { '1.26': 10_000, '1.29': 40_000 };
const BATCH = 2_000;
/** The collector takes stale words for addresses: one may hold a frame of 900 nested lists. A leak would be far more. */
const GROWTH_BYTES_MAX = 65_536;

const RANDOM = `
import binascii, gc, json
state = [SEED]

def draw(below):
    # Numerical Recipes' generator, in whole numbers that need no heap.
    state[0] = (state[0] * 1664525 + 1013904223) & 0x3FFFFFFF
    return (state[0] >> 7) % below

def mutated(data):
    data = bytearray(data)
    for _ in range(draw(4)):
        kind = draw(5)
        at = draw(len(data)) if data else 0
        if kind == 0 and data:
            data[at] = draw(256)
        elif kind == 1 and data:
            data[at] ^= 1 << draw(8)
        elif kind == 2:
            data = data[:at]
        elif kind == 3:
            data = data[:at] + data[at:] + data[at : at + draw(40)]
        else:
            data = data[:at] + bytes([draw(256) for _ in range(draw(12))]) + data[at:]
    return bytes(data)

def noise(length):
    return bytes([draw(256) for _ in range(length)])
`;

const LINES = `${RANDOM}
import at, sim7080g

class Uart:
    data = b""
    def any(self):
        return len(self.data)
    def read(self):
        data, self.data = self.data, b""
        return data
    def write(self, data):
        pass

uart = Uart()
modem = sim7080g.Modem(uart, None, {'case': '1', 'host': 'h', 'port': 1, 'user': 'u', 'password': 'p', 'tls': False})
line = modem.at
LINES = (b'\\r\\nOK\\r\\n', b'\\r\\nERROR\\r\\n', b'\\r\\n+CME ERROR: operation not allowed\\r\\n', b'\\r\\n>', b'\\r\\n> ',
         b'\\r\\nDOWNLOAD\\r\\n', b'\\r\\n+SMSUB: "case/1/cmd","7b7d7c"\\r\\n', b'\\r\\n+SMSTATE: 0\\r\\n', b'\\r\\nRDY\\r\\n',
         b'\\r\\n+SHREAD: 64\\r\\n' + bytes(range(64)), b'\\r\\n+SHREAD: 99999999999\\r\\n', b'\\r\\n+CSQ: 20,0\\r\\n',
         b'\\r\\n+SHREQ: "GET",206,100\\r\\n', b'\\r\\n+APP PDP: 0,DEACTIVE\\r\\n', b'AT+SMPUB="x",1,1,0\\r', b'\\r\\n+CSQ:\\r\\n',
         b'\\r\\n+CNACT: 0,1,"10.0.0.2"\\r\\n', b'+SMSUB: "' + b'a' * 200, b'\\xff' * 300, b'0' * 900)
STATES = ((None, None, None), ('>', None, None), ('DOWNLOAD', None, None), (None, '+CSQ:', None), (None, None, 64))
seen = [0, 0, 0]

def batch(count):
    for _ in range(count):
        if draw(8) == 0:
            prompt, answer, body = STATES[draw(5)]
            line._begin(prompt, answer, bytearray(body) if body else None)
        if draw(16) == 0:
            line.expect('+SHREQ:')
        uart.data = noise(draw(60)) if draw(4) == 0 else mutated(LINES[draw(len(LINES))])
        modem.connected = True
        modem.poll()
        seen[0] += modem.connected is False
        seen[1] += line.final is not None
        seen[2] += len(modem.messages)
        assert len(line.rest) <= at.LINE_MAX and len(line.lines) <= at.LINES_MAX
        assert all(len(text) <= at.ANSWER_MAX for text in line.lines)
        assert line.raw_left == 0 or line.filled + line.raw_left <= len(line.body)
        assert len(line.expected) <= 1
        assert len(modem.messages) <= 16
        for topic, message in modem.messages:
            assert isinstance(topic, str) and isinstance(message, bytes) and len(message) <= 1024
        if draw(4) == 0:
            modem.messages.clear()
    print(json.dumps(seen))
`;

const FRAMES = `${RANDOM}
import commands, envelope

KEY, TOPIC = bytes(range(32)), 'case/1/cmd'
UNLOCK = {'type': 'unlock', 'id': 'visit01', 'exp': 1790000010, 'seq': 7, 'at': 1790000000}
SHOW = {'type': 'show', 'id': 'visit01', 'outcome': 'charged', 'items': [['Cola', 2]], 'total': 500, 'currency': 'eur',
        'lang': 'en', 'seq': 8, 'at': 1790000000}
GOOD = [envelope.seal(TOPIC, payload, KEY) for payload in (UNLOCK, SHOW)]
BODIES = [json.dumps(payload).encode() for payload in (UNLOCK, SHOW)]
BODIES += [b'[' * 900, b'{"seq":1e999,"at":1,"type":"unlock"}', b'{"type":["unlock"],"seq":1,"at":0}', b'null', b'"' + b'x' * 900 + b'"',
           b'{"type":"unlock","id":"visit01","exp":99999999999999999999999,"seq":9,"at":-1}', b'{"seq":true,"at":false}', b'']
seen = [0, 0, 0]

def command(frame):
    try:
        return commands.parse_command(envelope.open_frame(TOPIC, frame, KEY))
    except envelope.FrameError as error:
        assert error.code.startswith('frame.') or error.code == 'payload.invalid'
        return None

def batch(count):
    for _ in range(count):
        kind = draw(8)
        if kind == 0:
            seen[0] += 1
            assert command(noise(draw(200))) is None
        elif kind < 6:
            # Nothing that this key did not sign is ever a command.
            good = GOOD[draw(2)]
            frame = mutated(good)
            value = command(frame)
            assert (value is not None) == (frame in GOOD)
            seen[1] += value is None
        else:
            # Signed, but wrong: whatever gets through has the shape of a command.
            body = mutated(BODIES[draw(len(BODIES))])[:900]
            value = command(envelope.seal(TOPIC, body, KEY))
            if value is not None:
                seen[2] += 1
                assert isinstance(value['type'], str) and value['seq'] >= 1 and value['at'] >= 0
                assert value['type'] != 'unlock' or 6 <= len(value['id']) <= 24
    print(json.dumps(seen))
`;

describe('bytes from outside, fuzzed', () => {
  for (const { name, build } of VMS) {
    for (const [what, script] of [
      ['from the modem', LINES],
      ['as frames of the broker', FRAMES],
    ] as const) {
      const inputs = INPUTS[name]!;
      it(`${inputs} inputs ${what} crash nothing, open nothing and leave nothing behind, in MicroPython ${name}`, async () => {
        const vm = await firmwareVm(build);
        vm.run(script.replace('SEED', '20261121'));
        // The VM collects its garbage only when it has come back to JavaScript.
        const heap = () => {
          vm.run('gc.collect()');
          return Number(vm.run('print(gc.mem_alloc())')[0]);
        };
        vm.run(`batch(${BATCH})`);
        const before = heap();
        let seen: unknown[] = [];
        for (let done = BATCH; done < inputs; done += BATCH) seen = vm.run(`batch(${BATCH})`)[0] as unknown[];
        const growth = heap() - before;
        assert.ok(growth < GROWTH_BYTES_MAX, `the heap grew by ${growth} bytes`);
        // The inputs reach what they are meant for.
        for (const count of seen) assert.ok(Number(count) > inputs / 100, JSON.stringify(seen));
      });
    }
  }
});
