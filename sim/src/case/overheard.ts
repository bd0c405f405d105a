// Listens at the modem's connection and puts what case and cloud say to each other into lines that a person can follow.
import type { BrokerLink, Dial } from '../modem/broker-link.ts';
import type { LogLine } from './types.ts';

type Note = (line: Pick<LogLine, 'kind' | 'what' | 'detail'>) => void;

/** What of a payload is worth a place in a line, in this order. */
const TOLD = [
  'id',
  'of',
  'state',
  'faults',
  'door',
  'dmass',
  'mass',
  'temp',
  'vcc',
  'power',
  'outcome',
  'total',
  'code',
  'on',
  'reason',
] as const;
const DETAIL_MAX = 120;
const WHAT_MAX = 24;

/** The same dial, with somebody listening. */
export function overheard(dial: Dial, note: Note): Dial {
  return async (options) => {
    const link = await dial(options);
    note({ kind: 'does', what: 'connected', detail: '' });
    const heard: BrokerLink = {
      get connected() {
        return link.connected;
      },
      publish: (topic, payload, how) => {
        note({ kind: 'sends', ...describe(topic, payload) });
        return link.publish(topic, payload, how);
      },
      subscribe: (topic, qos) => link.subscribe(topic, qos),
      end: (polite) => {
        note({ kind: 'does', what: 'disconnected', detail: '' });
        link.end(polite);
      },
      onMessage: () => {},
      onClose: () => {},
    };
    link.onMessage = (topic, payload) => {
      note({ kind: 'hears', ...describe(topic, payload) });
      heard.onMessage(topic, payload);
    };
    link.onClose = () => {
      note({ kind: 'does', what: 'disconnected', detail: '' });
      heard.onClose();
    };
    return heard;
  };
}

/** Total: any bytes have a description, and none is longer than a line. */
export function describe(topic: string, payload: Uint8Array): Pick<LogLine, 'what' | 'detail'> {
  const channel = topic.split('/').slice(2).join('/');
  const value = parsed(Buffer.from(payload).toString('utf8'));
  if (value === undefined || typeof value.type !== 'string')
    return { what: 'other', detail: channel.slice(0, DETAIL_MAX) };
  const seq = typeof value.seq === 'number' ? [`#${value.seq}`] : [];
  const facts = TOLD.flatMap((name) => {
    const fact = Array.isArray(value[name]) ? value[name].join(', ') : value[name];
    if (typeof fact !== 'string' && typeof fact !== 'number' && typeof fact !== 'boolean') return [];
    return [name === 'id' || name === 'of' ? String(fact) : `${name} ${fact}`];
  });
  return { what: value.type.slice(0, WHAT_MAX), detail: [...seq, ...facts].join(' · ').slice(0, DETAIL_MAX) };
}

/** The payload of a frame, or undefined when it is none. */
function parsed(frame: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(frame.slice(0, frame.lastIndexOf('|')));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
