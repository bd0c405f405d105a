// What the modem needs of a broker's connection, and the real one: mqtt over TCP or TLS. A week in virtual time dials another.
import mqtt, { type IClientOptions } from 'mqtt';

export type Qos = 0 | 1 | 2;

/** One connection, from its CONNACK until it ends; there is no second life in it. */
export interface BrokerLink {
  readonly connected: boolean;
  /** Settles when the broker has it: at once with QoS 0, with the PUBACK otherwise. */
  publish(topic: string, payload: Uint8Array, options: { readonly qos: Qos; readonly retain: boolean }): Promise<void>;
  /** Rejects when the broker refuses. */
  subscribe(topic: string, qos: Qos): Promise<void>;
  /** Polite says farewell; otherwise the broker finds the line cut, and sends the will. */
  end(polite: boolean): void;
  onMessage: (topic: string, payload: Uint8Array) => void;
  /** The other side is gone; not called after `end`. */
  onClose: () => void;
}

/** Rejects when the broker refuses, is not there or shows a certificate that the options do not trust. */
export type Dial = (options: IClientOptions) => Promise<BrokerLink>;

/** MQTT's first code of a refused subscription (SUBACK). */
const REFUSED = 128;

export const dialMqtt: Dial = (options) => {
  const client = mqtt.connect({ ...options, reconnectPeriod: 0 });
  let ended = false;
  const link: BrokerLink = {
    get connected() {
      return !ended && client.connected;
    },
    publish: async (topic, payload, how) => {
      await client.publishAsync(topic, Buffer.from(payload), how);
    },
    subscribe: async (topic, qos) => {
      const granted = await client.subscribeAsync(topic, { qos });
      if (granted.some((grant) => grant.qos >= REFUSED)) throw new Error(`the broker refuses ${topic}`);
    },
    end: (polite) => {
      ended = true;
      client.end(!polite);
    },
    onMessage: () => {},
    onClose: () => {},
  };
  return new Promise((resolve, reject) => {
    const failed = (error?: Error) => {
      client.end(true);
      reject(error ?? new Error('the broker closed'));
    };
    client.once('close', failed);
    client.once('error', failed);
    client.once('connect', () => {
      client.off('close', failed);
      client.off('error', failed);
      // What follows an error is a close.
      client.on('error', () => {});
      client.on('message', (topic, payload) => link.onMessage(topic, payload));
      client.on('close', () => {
        if (ended) return;
        ended = true;
        link.onClose();
      });
      resolve(link);
    });
  });
};
