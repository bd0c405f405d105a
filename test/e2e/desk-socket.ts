// The dashboard's socket as a browser has it, without a browser: engine.io 4 and socket.io 5 in as few frames as they need.
import { once } from 'node:events';
import { until, within } from '../patience.ts';

export interface DeskConfig {
  readonly pages: Readonly<Record<string, unknown>>;
  readonly widgets: Readonly<Record<string, unknown>>;
}

export interface Desk {
  /** What the page is told that it is. */
  config(): Promise<DeskConfig>;
  /** Events so far, each with its name. */
  readonly heard: readonly (readonly [string, ...unknown[]])[];
  send(event: string, ...args: unknown[]): void;
  /** A frame as it is. */
  sendText(text: string): void;
  /** Resolves when the other end closes it. */
  readonly closed: Promise<unknown>;
  close(): void;
}

/** Rejects where nobody is let in. */
export async function openDesk(staffUrl: string, headers: Readonly<Record<string, string>>): Promise<Desk> {
  const url = `${staffUrl.replace('http', 'ws')}/dashboard/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url, { headers } as never);
  const heard: [string, ...unknown[]][] = [];
  socket.addEventListener('message', ({ data }) => {
    const text = String(data);
    if (text.startsWith('0')) socket.send('40');
    if (text === '2') socket.send('3');
    if (text.startsWith('42')) heard.push(JSON.parse(text.slice(2)));
  });
  const closed = once(socket, 'close');
  closed.catch(() => {});
  const refused = once(socket, 'error').then(() => Promise.reject(new Error('nobody is let in')));
  await within('the dashboard to answer', Promise.race([once(socket, 'open'), refused]));
  refused.catch(() => {});
  const named = (name: string) => heard.find(([event]) => event === name);
  return {
    heard,
    closed,
    config: async () => {
      await until('the page to be described', () => named('ui-config') !== undefined);
      return named('ui-config')![2] as DeskConfig;
    },
    send: (event, ...args) => socket.send(`42${JSON.stringify([event, ...args])}`),
    sendText: (text) => socket.send(text),
    close: () => socket.close(),
  };
}
