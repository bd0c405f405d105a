// The Wi-Fi link's MQTT packets against the npm codec, byte for byte, and the link itself on sockets of paper.
import assert from 'node:assert/strict';
import { generate, type Packet, parser } from 'mqtt-packet';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

const SETUP =
  'import binascii, json, mqtt_packets as m\ndef out(data):\n    print(json.dumps(binascii.hexlify(data).decode()))';
const LONG = 'x'.repeat(1_024);

describe('the Wi-Fi link’s packets', () => {
  for (const { name, build } of VMS) {
    it(`are those of MQTT 3.1.1, byte for byte, in MicroPython ${name}`, async () => {
      const vm = await firmwareVm(build);
      vm.run(SETUP);
      const will = { topic: 'case/1/online/controller', payload: Buffer.from('0'), qos: 1, retain: true } as const;
      const cases: readonly [string, Packet][] = [
        [
          `m.connect('tapcase-1', 'u', 'pässword', 60, '${will.topic}', '0')`,
          {
            cmd: 'connect',
            protocolId: 'MQTT',
            protocolVersion: 4,
            clean: true,
            clientId: 'tapcase-1',
            keepalive: 60,
            username: 'u',
            password: Buffer.from('pässword'),
            will,
          },
        ],
        [
          "m.subscribe(7, ['case/1/cmd', 'é'])",
          { cmd: 'subscribe', messageId: 7, subscriptions: ['case/1/cmd', 'é'].map((topic) => ({ topic, qos: 1 })) },
        ],
        ...[0, 1, 120, 127, 128, 1_024].map((length): [string, Packet] => [
          `m.publish('case/1/door', b'${LONG.slice(0, length)}', 65535, ${length % 2}, ${length > 500 ? 'True' : 'False'})`,
          {
            cmd: 'publish',
            topic: 'case/1/door',
            payload: LONG.slice(0, length),
            qos: 1,
            messageId: 65_535,
            retain: length % 2 === 1,
            dup: length > 500,
          },
        ]),
        ['m.puback(258)', { cmd: 'puback', messageId: 258 }],
        ['m.PINGREQ_PACKET', { cmd: 'pingreq' }],
      ];
      for (const [code, packet] of cases)
        assert.deepEqual(vm.run(`out(${code})`), [generate(packet).toString('hex')], code);
    });
  }

  it('are read from a stream cut anywhere, and a stream of nonsense is refused', async () => {
    const vm = await firmwareVm();
    vm.run(SETUP);
    const payload = Buffer.from('{"a":"\r\n"}|mac').toString('hex');
    const stream = Buffer.concat([
      generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }),
      generate({
        cmd: 'publish',
        topic: 'é/cmd',
        payload: Buffer.from(payload, 'hex'),
        qos: 1,
        messageId: 9,
        dup: true,
        retain: false,
      }),
      generate({ cmd: 'publish', topic: 'a', payload: '', qos: 0, dup: false, retain: true }),
      generate({ cmd: 'suback', messageId: 3, granted: [1, 128] }),
      generate({ cmd: 'pingresp' }),
    ]);
    for (const piece of [1, 3, 1_000]) {
      const [read] = vm.run(`
reader, data, read = m.Reader(), binascii.unhexlify('${stream.toString('hex')}'), []
for at in range(0, len(data), ${piece}):
    reader.feed(data[at:at + ${piece}])
    while True:
        packet = reader.next()
        if packet is None:
            break
        first, body = packet
        if first >> 4 == m.PUBLISH:
            topic, payload, qos, number = m.parse_publish(first, body)
            read.append([topic, binascii.hexlify(payload).decode(), qos, number])
        else:
            read.append([first >> 4, binascii.hexlify(body).decode()])
print(json.dumps(read))`);
      assert.deepEqual(read, [
        [2, '0000'],
        ['é/cmd', payload, 1, 9],
        ['a', '', 0, 0],
        [9, '00030180'],
        [13, ''],
      ]);
    }
    for (const nonsense of ['30ffffffff01', '30ffff7f', '3080808080']) {
      assert.throws(
        () => vm.run(`reader = m.Reader()\nreader.feed(binascii.unhexlify('${nonsense}'))\nreader.next()`),
        /ValueError/,
      );
    }
    for (const [first, body] of [
      [0x32, '00'],
      [0x32, '000a61'],
      [0x34, '0001610001'],
      [0x30, '0002c328'],
    ] as const) {
      assert.throws(() => vm.run(`m.parse_publish(${first}, binascii.unhexlify('${body}'))`), /ValueError/);
    }
  });
});

/** What the VM lacks: an access point that is there, sockets that lead to this test. */
const PAPER = {
  '/a/network.py': `
STA_IF = 0
class WLAN:
    def __init__(self, which):
        self.joined = False
    def active(self, on):
        self.joined = self.joined and on
    def isconnected(self):
        return self.joined
    def connect(self, name, password):
        self.joined = True
    def disconnect(self):
        self.joined = False
    def status(self, what):
        return -61
`,
  '/a/socket.py': `
import binascii, bridge
def getaddrinfo(host, port):
    return [(2, 1, 0, '', (host, port))]
class socket:
    def setblocking(self, on):
        pass
    def connect(self, address):
        bridge.connect(address[0], address[1])
        raise OSError(115)
    def write(self, data):
        return bridge.write(binascii.hexlify(data).decode())
    def read(self, count):
        text = bridge.read(count)
        return None if text == '-' else binascii.unhexlify(text)
    def close(self):
        bridge.close()
`,
  '/a/select.py': `
POLLOUT = 4
class poll:
    def register(self, stream, what):
        pass
    def poll(self, ms):
        return [True]
`,
};

describe('the Wi-Fi link on sockets of paper', () => {
  let vm: FirmwareVm;
  let inbox = Buffer.alloc(0);
  let ended = false;
  let silent = false;
  /** The paper takes so many bytes at a time. */
  let takes = 1_000;
  let granted = 1;
  let packets: Packet[] = [];
  let web: ((request: string) => string) | undefined;
  const told: { value?: unknown; error?: string; message?: string }[] = [];

  const answer = (packet: Packet) => {
    packets.push(packet);
    if (silent) return;
    if (packet.cmd === 'connect') give({ cmd: 'connack', returnCode: 0, sessionPresent: false });
    else if (packet.cmd === 'subscribe') give({ cmd: 'suback', messageId: packet.messageId!, granted: [granted] });
    else if (packet.cmd === 'publish') give({ cmd: 'puback', messageId: packet.messageId! });
    else if (packet.cmd === 'pingreq') give({ cmd: 'pingresp' });
  };
  const give = (packet: Packet) => {
    inbox = Buffer.concat([inbox, generate(packet)]);
  };
  let stream = parser();

  async function make(secrets: object = {}): Promise<void> {
    inbox = Buffer.alloc(0);
    ended = silent = false;
    takes = 1_000;
    granted = 1;
    packets = [];
    web = undefined;
    vm = await firmwareVm();
    for (const [path, text] of Object.entries(PAPER)) vm.file(path, text);
    vm.module('bridge', {
      connect: () => {
        stream = parser();
        stream.on('packet', answer);
        inbox = Buffer.alloc(0);
        ended = false;
      },
      write: (hex: string) => {
        const bytes = Buffer.from(hex, 'hex').subarray(0, takes);
        if (web === undefined) stream.parse(bytes);
        else inbox = Buffer.concat([inbox, Buffer.from(web(bytes.toString()))]);
        return bytes.length;
      },
      read: (count: number) => {
        const part = inbox.subarray(0, count);
        inbox = inbox.subarray(part.length);
        return part.length > 0 ? part.toString('hex') : ended ? '' : '-';
      },
      close: () => {},
      tell: (json: string) => told.push(JSON.parse(json) as object),
    });
    const all = {
      case: '1',
      host: 'b',
      port: 1883,
      user: 'u',
      password: 'p',
      tls: false,
      ssid: 's',
      wifi_password: 'w',
    };
    vm.file('/secrets.json', JSON.stringify({ ...all, ...secrets }));
    vm.run(`
import asyncio, binascii, bridge, json
from link_wifi import WifiLink
link = WifiLink(json.load(open('/secrets.json')))
async def told(attempt):
    try:
        value = await attempt
        result = {'value': bytes(value).decode() if isinstance(value, bytearray) else value}
    except Exception as error:
        result = {'error': type(error).__name__, 'message': str(error)}
    bridge.tell(json.dumps(result))
async def listen():
    while True:
        link.poll()
        await asyncio.sleep_ms(10)
listening = asyncio.create_task(listen())`);
  }
  async function attempt(code: string, withinMs = 60_000) {
    told.length = 0;
    vm.run(`asyncio.create_task(told(${code}))`);
    for (let ms = 0; told.length === 0; ms += 50) {
      assert.ok(ms < withinMs, `it hangs: ${code}`);
      await vm.clock.advance(50);
    }
    return told[0]!;
  }
  const ask = (code: string) => vm.run(`print(json.dumps(${code}))`)[0];

  it('connects, subscribes, sends until it is acked and hears', async () => {
    await make();
    takes = 5;
    assert.deepEqual(await attempt("link.connect(['case/1/cmd'])"), { value: null });
    assert.deepEqual(await attempt("link.publish('case/1/door', b'{}|mac')"), { value: null });
    assert.deepEqual(
      packets.map(({ cmd }) => cmd),
      ['connect', 'subscribe', 'publish', 'publish'],
    );
    give({ cmd: 'publish', topic: 'case/1/cmd', payload: 'frame', qos: 1, messageId: 5, dup: false, retain: false });
    await vm.clock.advance(50);
    assert.deepEqual(ask('[[t, b.decode()] for t, b in link.messages]'), [['case/1/cmd', 'frame']]);
    assert.deepEqual([packets.at(-1)!.cmd, packets.at(-1)!.messageId], ['puback', 5]);
    await attempt('link.look_around()');
    assert.equal(ask('link.rssi_dbm'), -61);
  });

  it('refuses to connect without a CA, and raises where the broker refuses the topic', async () => {
    await make({ tls: true });
    assert.match((await attempt("link.connect(['case/1/cmd'])")).message!, /no CA/);
    await make();
    granted = 128;
    assert.match((await attempt("link.connect(['case/1/cmd'])")).message!, /refuses a topic/);
    assert.equal(ask('link.connected'), false);
  });

  it('checks the certificate as the build can: its dates too where MicroPython does that, after the clock was set', async () => {
    const der = Buffer.from('not really a certificate, but bytes');
    const ca = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    const old = `
CERT_REQUIRED = 2
told = []
def wrap_socket(plain, server_hostname, cert_reqs, cadata, do_handshake):
    told.append([server_hostname, cert_reqs, bytes(cadata).decode(), do_handshake])
    return plain
`;
    const fresh = `
CERT_REQUIRED, PROTOCOL_TLS_CLIENT = 2, 0
told = []
class SSLContext:
    def __init__(self, kind):
        self.verify_mode = 0
    def load_verify_locations(self, cadata):
        self.cadata = cadata
    def wrap_socket(self, plain, server_hostname, do_handshake_on_connect):
        import ntptime
        told.append([server_hostname, self.verify_mode, bytes(self.cadata).decode(), do_handshake_on_connect, ntptime.asked])
        return plain
`;
    for (const [build, more] of [
      [old, []],
      [fresh, [1]],
    ] as const) {
      await make({ tls: true, ca });
      vm.file('/a/ssl.py', build);
      vm.file('/a/ntptime.py', 'asked = 0\ndef settime():\n    global asked\n    asked += 1');
      assert.deepEqual(await attempt("link.connect(['case/1/cmd'])"), { value: null });
      assert.deepEqual(vm.run('import ssl\nprint(json.dumps(ssl.told))')[0], [
        ['b', 2, der.toString(), false, ...more],
      ]);
    }
  });

  it('pings, and gives a silent broker up after one and a half of the keep-alive', async () => {
    await make();
    await attempt("link.connect(['case/1/cmd'])");
    await vm.clock.advance(200_000);
    assert.equal(ask('link.connected'), true);
    assert.ok(packets.filter(({ cmd }) => cmd === 'pingreq').length >= 5);
    silent = true;
    assert.equal((await attempt("link.publish('case/1/door', b'x')")).error, 'OSError');
    silent = false;
    assert.deepEqual(await attempt("link.connect(['case/1/cmd'])"), { value: null });
    silent = true;
    await vm.clock.advance(91_000);
    assert.equal(ask('link.connected'), false);
  });

  it('knows that the connection has ended, and that a broker talks nonsense', async () => {
    await make();
    await attempt("link.connect(['case/1/cmd'])");
    ended = true;
    await vm.clock.advance(50);
    assert.equal(ask('link.connected'), false);
    await attempt("link.connect(['case/1/cmd'])");
    inbox = Buffer.from('30ffffffff01', 'hex');
    await vm.clock.advance(50);
    assert.equal(ask('link.connected'), false);
  });

  it('reads a range of a file, and raises for an answer that is not that range', async () => {
    await make();
    await attempt("link.connect(['case/1/cmd'])");
    const answers: readonly [string, string | RegExp][] = [
      ['HTTP/1.1 206 Partial\r\nContent-Length: 5\r\n\r\nhello', 'hello'],
      ['HTTP/1.1 206 Partial\r\ncontent-length:3\r\n\r\nend', 'end'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', /https: 200/],
      ['HTTP/1.1 206 P\r\nContent-Length: 9\r\n\r\nhello', /206, 9 bytes/],
      ['HTTP/1.1 206 P\r\n\r\nhello', /no answer of a server/],
      [`nonsense${'x'.repeat(3_000)}`, /no end of its head/],
      ['HTTP/1.1 206 P\r\nContent-Length: 5\r\n\r\nhel', /the other side closed/],
    ];
    for (const [text, expected] of answers) {
      web = (request) => {
        assert.match(request, /^GET \/images\/1 HTTP\/1\.1\r\nHost: b\r\nRange: bytes=10-14\r\n/);
        ended = true;
        return text;
      };
      const result = await attempt("link.fetch('/images/1', 10, 5)");
      if (typeof expected === 'string') assert.deepEqual(result, { value: expected });
      else assert.match(result.message ?? '', expected);
    }
    assert.equal((await attempt("link.fetch('/a b', 0, 5)")).error, 'ValueError');
  });
});
