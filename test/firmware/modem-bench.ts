// The firmware's modem driver in the VM on a simulated modem, in virtual time; what is beyond the modem may be real.
import type { IClientOptions } from 'mqtt';
import type { BrokerLink, Dial } from '../../sim/src/modem/broker-link.ts';
import type { ModemMemory } from '../../sim/src/modem/memory.ts';
import { Sim7080g } from '../../sim/src/modem/sim7080g.ts';
import { type FirmwareVm, firmwareVm } from './vms.ts';

export const COMMANDS = 'case/123/cmd';
/** No attempt of the driver may take longer. */
const ATTEMPT_MS_MAX = 200_000;

const SETUP = `
import asyncio, binascii, bridge, json
import sim7080g

class Uart:
    def any(self):
        return bridge.any()
    def read(self):
        return binascii.unhexlify(bridge.read()) or None
    def write(self, data):
        bridge.write(binascii.hexlify(data).decode())

class Pin:
    def __init__(self, tell):
        self.tell = tell
    def value(self, level):
        self.tell(level)

said = []
sim7080g.print = lambda *words: said.append(' '.join(str(word) for word in words))
modem = sim7080g.Modem(Uart(), Pin(bridge.key), json.load(open('/secrets.json')), Pin(bridge.dtr), Pin(bridge.power))

async def listen():
    while True:
        modem.poll()
        await asyncio.sleep_ms(10)

async def told(attempt):
    try:
        value = await attempt
        result = {'value': binascii.hexlify(value).decode() if isinstance(value, bytearray) else value}
    except Exception as error:
        result = {'error': type(error).__name__, 'message': str(error)}
    bridge.tell(json.dumps(result))

listening = asyncio.create_task(listen())
`;

export interface Told {
  readonly value?: unknown;
  /** The exception's class. */
  readonly error?: string;
  readonly message?: string;
  readonly tookMs: number;
}

export interface BenchOptions {
  readonly build?: string;
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly dial?: Dial;
  readonly memory?: ModemMemory;
  readonly powered?: boolean;
}

export interface ModemBench {
  readonly modem: Sim7080g;
  readonly vm: FirmwareVm;
  /** What the modem understood, in order; `PWRKEY` and `POWER` for its pins. */
  readonly heard: string[];
  /** At most so many bytes at a read of the line. */
  bytesAtOnce: number;
  /** Awaits a coroutine of the driver; fails when it takes longer than any may. */
  attempt(code: string): Promise<Told>;
  connect(): Promise<Told>;
  /** A value that the code gives, now. */
  ask(code: string): unknown;
  pass(ms: number): Promise<void>;
}

export async function modemBench(options: BenchOptions = {}): Promise<ModemBench> {
  const vm = await firmwareVm(options.build);
  const heard: string[] = [];
  const told: Omit<Told, 'tookMs'>[] = [];
  let inbox = Buffer.alloc(0);
  const modem = new Sim7080g({
    clock: vm.clock,
    send: (bytes) => {
      inbox = Buffer.concat([inbox, bytes]);
    },
    log: (line) => heard.push(line),
    dial: options.dial ?? new PaperBroker().dial,
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.powered === undefined ? {} : { powered: options.powered }),
  });
  vm.module('bridge', {
    any: () => inbox.length,
    read: () => {
      const part = inbox.subarray(0, bench.bytesAtOnce);
      inbox = inbox.subarray(part.length);
      return part.toString('hex');
    },
    write: (hex: string) => modem.receive(Buffer.from(hex, 'hex')),
    key: (level: number) => modem.pwrkey(level),
    dtr: (level: number) => modem.dtr(level),
    power: (level: number) => {
      if (level === 0) heard.push('POWER');
      modem.supply(level === 1);
    },
    tell: (json: string) => told.push(JSON.parse(json) as Told),
  });
  const secrets = { case: '123', host: 'broker.test', port: 8883, user: 'u', password: 'p', tls: false };
  vm.file('/secrets.json', JSON.stringify({ ...secrets, ...options.secrets }));
  vm.run(SETUP);
  const pass = (ms: number) => vm.clock.advance(ms, () => modem.outside?.then(() => {}));
  const attempt = async (code: string) => {
    told.length = 0;
    const startedAtMs = vm.clock.nowMs();
    vm.run(`asyncio.create_task(told(${code}))`);
    while (told.length === 0) {
      if (vm.clock.nowMs() - startedAtMs > ATTEMPT_MS_MAX) throw new Error(`it hangs: ${code}; ${heard.slice(-5)}`);
      await pass(50);
    }
    return { ...told[0]!, tookMs: vm.clock.nowMs() - startedAtMs };
  };
  const bench: ModemBench = {
    modem,
    vm,
    heard,
    bytesAtOnce: 4096,
    attempt,
    connect: () => attempt(`modem.connect(['${COMMANDS}'])`),
    ask: (code) => vm.run(`print(json.dumps(${code}))`)[0],
    pass,
  };
  return bench;
}

/** A broker that only writes down; what it says comes when a test says it. */
export class PaperBroker {
  readonly dialled: IClientOptions[] = [];
  readonly subscribed: string[] = [];
  readonly published: { readonly topic: string; readonly payload: Buffer; readonly retain: boolean }[] = [];
  private link: (BrokerLink & { connected: boolean }) | undefined;

  readonly dial: Dial = async (options) => {
    this.dialled.push(options);
    const link = {
      connected: true,
      publish: async (topic: string, payload: Uint8Array, { retain }: { retain: boolean }) => {
        this.published.push({ topic, payload: Buffer.from(payload), retain });
      },
      subscribe: async (topic: string) => {
        this.subscribed.push(topic);
      },
      end: () => {
        link.connected = false;
      },
      onMessage: (_topic: string, _payload: Uint8Array) => {},
      onClose: () => {},
    };
    this.link = link;
    return link;
  };

  say(topic: string, payload: Uint8Array): void {
    this.link?.onMessage(topic, payload);
  }

  hangUp(): void {
    this.link!.connected = false;
    this.link!.onClose();
  }
}
