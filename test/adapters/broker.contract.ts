// What every broker of the shop keeps apart: one account from another, whatever client id, topic or will a device gives.
import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { within } from '../patience.ts';

/** Its next event of that name; an error is none here, for a refusal is what some of these wait for. */
function of(client: MqttClient, event: string): Promise<unknown[]> {
  return new Promise((resolve) => (client as unknown as EventEmitter).once(event, (...told) => resolve(told)));
}

/** Has the accounts of a cloud and of cases 123 and 456. */
export interface BrokerUnderTest {
  /** How a client reaches it. */
  readonly options: IClientOptions;
  password(user: string): string;
  close(): Promise<void>;
}

export function brokerContract(name: string, start: (context: Mocha.Context) => Promise<BrokerUnderTest>): void {
  describe(`accounts at ${name}`, () => {
    let broker: BrokerUnderTest;
    let clients: MqttClient[] = [];
    before(async function () {
      broker = await start(this);
    });
    afterEach(async () => {
      for (const client of clients) await client.endAsync(true);
      clients = [];
    });
    after(() => broker?.close());

    const dial = (more: IClientOptions): MqttClient => {
      const client = mqtt.connect({ ...broker.options, reconnectPeriod: 0, ...more });
      client.on('error', () => {});
      clients.push(client);
      return client;
    };
    const as = (user: string, more: IClientOptions = {}) =>
      dial({ username: user, password: broker.password(user), clientId: user, ...more });
    /** Connected. */
    const client = async (user: string, more: IClientOptions = {}): Promise<MqttClient> => {
      const dialled = as(user, more);
      await within(`${user} to connect`, of(dialled, 'connect'));
      return dialled;
    };
    /** Hears the cases, and says what it has heard. */
    const cloud = async () => {
      const listening = await client('cloud');
      const heard: string[] = [];
      listening.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
      await listening.subscribeAsync(['case/+/door', 'case/+/online/+'], { qos: 1 });
      const hears = async (line: string) => {
        while (!heard.includes(line)) await within(line, of(listening, 'message'));
      };
      return { heard, hears, tell: (topic: string, text: string) => listening.publishAsync(topic, text, { qos: 1 }) };
    };
    const nextMessage = async (listening: MqttClient) => {
      const [topic, payload] = await within('a message', of(listening, 'message'));
      return `${topic} ${payload}`;
    };

    it('lets nobody in without a password of theirs', async () => {
      const strangers: readonly IClientOptions[] = [
        { username: '123-controller', password: 'wrong' },
        { username: '123-controller' },
        { username: 'constructor', password: 'x' },
        { username: '__proto__', password: 'x' },
        {},
      ];
      for (const stranger of strangers) {
        let isIn = false;
        const asking = dial({ clientId: 'x', ...stranger }).on('connect', () => {
          isIn = true;
        });
        await within('the refusal', of(asking, 'close'));
        assert.equal(isIn, false, JSON.stringify(stranger));
      }
      await client('123-controller');
    });

    it('does not throw a device out when another account gives its client id', async () => {
      const { tell } = await cloud();
      const mine = await client('123-controller');
      let isOut = false;
      const thrownOut = of(mine, 'close').then(() => {
        isOut = true;
        return 'thrown out';
      });
      await mine.subscribeAsync('case/123/cmd', { qos: 1 });
      const other = await client('456-controller', { clientId: '123-controller' });
      // It may still say what is its own.
      await other.publishAsync('case/456/status', 'well', { qos: 1 });
      const heard = nextMessage(mine);
      await tell('case/123/cmd', 'unlock');
      assert.equal(await Promise.race([heard, thrownOut]), 'case/123/cmd unlock');
      assert.equal(isOut, false);
    });

    it('keeps what waits for a device from an account that gives its client id', async () => {
      const { tell } = await cloud();
      const mine = await client('123-pi', { clean: false });
      await mine.subscribeAsync('case/123/vision/cmd', { qos: 1 });
      await mine.endAsync();
      await tell('case/123/vision/cmd', 'look');
      const other = as('456-pi', { clientId: '123-pi', clean: false });
      const taken: string[] = [];
      other.on('message', (topic) => taken.push(topic));
      await within('the other to connect', of(other, 'connect'));
      await other.subscribeAsync('case/456/vision/cmd', { qos: 1 });
      const own = nextMessage(other);
      await tell('case/456/vision/cmd', 'look');
      assert.equal(await own, 'case/456/vision/cmd look');
      assert.deepEqual(taken, ['case/456/vision/cmd']);
      const back = as('123-pi', { clean: false });
      assert.equal(await nextMessage(back), 'case/123/vision/cmd look');
    });

    it('lets a device say only what is its own', async () => {
      const { heard, hears } = await cloud();
      for (const topic of ['case/123/door', 'case/123/online/controller', 'case/456/online/pi']) {
        const liar = await client('456-controller', { clientId: '123-controller' });
        // Refused in silence, or by the end of the connection.
        const refused = Promise.race([liar.publishAsync(topic, 'a lie', { qos: 1 }), of(liar, 'close')]);
        await within('the broker', refused).catch(() => {});
        await liar.endAsync(true);
      }
      const honest = await client('456-controller');
      await honest.publishAsync('case/456/door', 'closed', { qos: 1 });
      await hears('case/456/door closed');
      assert.deepEqual(heard, ['case/456/door closed']);
    });

    it('lets a device hear only what is for it', async () => {
      const { tell } = await cloud();
      const curious = await client('456-controller');
      const taken: string[] = [];
      curious.on('message', (topic) => taken.push(topic));
      for (const filter of [
        '#',
        'case/#',
        'case/+/cmd',
        'case/123/cmd',
        'case/123/vision/cmd',
        'case/+/door',
        '$SYS/#',
      ])
        await curious.subscribeAsync(filter, { qos: 1 }).catch(() => {});
      await curious.subscribeAsync('case/456/cmd', { qos: 1 });
      await tell('case/123/cmd', 'unlock');
      await tell('case/123/vision/cmd', 'look');
      const own = nextMessage(curious);
      await tell('case/456/cmd', 'unlock');
      await own;
      assert.deepEqual(taken, ['case/456/cmd']);
    });

    it('sends no will of a device about another', async () => {
      const { heard, hears } = await cloud();
      const will = (topic: string) => ({
        will: { topic, payload: Buffer.from('gone'), qos: 1 as const, retain: false },
      });
      const cut = async (topic: string) => {
        const dying = as('456-controller', will(topic));
        await within('the broker', Promise.race([of(dying, 'connect'), of(dying, 'close')]));
        dying.stream.destroy();
      };
      await cut('case/123/online/controller');
      await cut('case/123/door');
      await cut('case/456/online/controller');
      await hears('case/456/online/controller gone');
      assert.deepEqual(heard, ['case/456/online/controller gone']);
    });
  });
}
