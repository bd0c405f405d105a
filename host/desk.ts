// What the dashboard is told about who sits before it: every message of a page carries the person whose session its socket has,
// and whoever may not see the money gets the pages and the data that they may, over the same kind of socket.
import type { IncomingMessage } from 'node:http';
import { may } from '@tapcase/domain';
import type { Asking } from './address-key.ts';
import { boundPackets, type Packets } from './backlog.ts';
import { isDeeper } from './bodies.ts';
import type { Identity, Member } from './member.ts';
import { type Room, roomFor } from './room.ts';

/** As much as is used of a socket of socket.io. */
export interface DeskSocket {
  readonly id: string;
  /** Express's, or made so (node-red.ts). */
  readonly request: IncomingMessage & Asking;
  /** Of engine.io: `closed` where the browser is gone, also before it was let in. */
  readonly conn: Packets & { readonly readyState: string; close(): unknown };
  readonly data: { desk?: Desk };
  emit(event: string, ...args: unknown[]): unknown;
  /** Before each event that the browser sends. */
  use(look: (event: readonly unknown[], next: (refused?: Error) => void) => void): unknown;
  disconnect(close: true): unknown;
}

interface Desk {
  readonly member: Member;
  /** Where the browser is, by whom the listener trusts; null where nobody knows. */
  readonly address: string | null;
  /** Of which widgets they hear and speak; undefined: of all. */
  seen: ReadonlySet<string> | undefined;
  /** Which widgets only answer whoever asked. */
  answers: ReadonlySet<string>;
}

/** A type, not an interface: Node-RED's settings take it as a record. */
export type DeskSettings = {
  readonly maxHttpBufferSize: number;
  readonly ioMiddleware: (socket: DeskSocket, next: (refused?: Error) => void) => void;
  /** For the plugin `tapcase-staff`; names and shapes are the dashboard's (nodes/config/ui_base.js). */
  readonly staffHooks: DeskHooks;
};

interface DeskHooks {
  onAddConnectionCredentials(socket: DeskSocket, message: unknown): unknown;
  onAction(socket: DeskSocket, id: string, message: unknown): unknown;
  onChange(socket: DeskSocket, id: string, message: unknown): unknown;
  onSend(socket: DeskSocket, id: string, message: unknown): unknown;
  onLoad(socket: DeskSocket, id: string, message: unknown): unknown;
}

/** Pages about devices alone, by their paths; every other one, an operator's own too, may be about money. */
export const DEVICE_PAGES: readonly string[] = ['/sensors'];

interface DeskOptions {
  readonly identity: Identity;
  /** On the Pi nothing is about money. */
  readonly hasMoney: boolean;
  readonly log: (line: string) => void;
}

/**
 * Of one person, over all of their sockets: a page that opens sends an event for each of its widgets, some forty, and whoever works
 * there a few in a second. Each event runs through a flow and asks the ledger who it is.
 */
const EVENTS = { burst: 200, perSecond: 20 } as const;
/** Whoever connects is told of all pages. */
const CONNECT_EVENTS = 10;
/** How often a connection may ask to be let in; a page asks once. */
const ASKED_MAX = 5;
/** Of one event. A page of the shop's sends less than a thousand; what nests to the last byte takes a millisecond to read. */
const EVENT_BYTES_MAX = 64 * 1024;

export function deskSettings({ identity, hasMoney, log }: DeskOptions): DeskSettings {
  const room = roomFor(EVENTS);
  const asked = new WeakMap<object, number>();
  /** One line a minute. */
  const told = roomFor({ burst: 1, perSecond: 1 / 60 });
  const tell = ({ id, role }: Member) => {
    if (told.take(id)) log(`a dashboard was closed: somebody of the staff (${role}) sent more than a page does`);
  };
  /** A message is dropped where the dashboard is given nothing. */
  const spoken = (socket: DeskSocket, id: string, message: unknown) =>
    isSeen(socket, id) ? signed(message, socket) : undefined;
  return {
    maxHttpBufferSize: EVENT_BYTES_MAX,
    ioMiddleware: (socket, next) => {
      // Before anybody is asked: whoever is not let in may ask again over the same connection.
      const times = (asked.get(socket.conn) ?? 0) + 1;
      asked.set(socket.conn, times);
      if (times > ASKED_MAX) return void socket.conn.close();
      if (times === 1) boundPackets(socket.conn);
      identity.who(socket.request, false).then(
        (member) => {
          if (member === undefined) return next(new Error('not signed in'));
          if (!room.take(member.id, CONNECT_EVENTS)) {
            tell(member);
            return void socket.conn.close();
          }
          const address = socket.request.ip ?? null;
          socket.data.desk = { member, address, seen: undefined, answers: new Set() };
          if (hasMoney && !may(member.role, 'money.see')) hideMoney(socket, socket.data.desk);
          bind(socket, member, { identity, room, tell });
          next();
        },
        () => next(new Error('nobody can tell who this is')),
      );
    },
    staffHooks: {
      onAddConnectionCredentials: (socket, message) => signed(message, socket),
      onAction: spoken,
      onChange: spoken,
      onSend: spoken,
      onLoad: (socket, id, message) => (isSeen(socket, id) ? message : undefined),
    },
  };
}

interface Bound {
  readonly identity: Identity;
  readonly room: Room;
  readonly tell: (member: Member) => void;
}

/** As often as `open-sockets.ts` asks; by a long poll nothing is open there between two of them. */
const ASK_MS = 3_000;

/**
 * A socket is its person's as long as they are what they were, whichever way it comes; and what it says has a shape: the dashboard
 * takes each event for what its own page sends, and some that are not end the process.
 */
function bind(socket: DeskSocket, member: Member, { identity, room, tell }: Bound): void {
  let isOver = false;
  const end = () => {
    isOver = true;
    socket.disconnect(true);
  };
  const ask = () => identity.stillIs(member).catch(() => true);
  const timer = setInterval(async () => {
    if (socket.conn.readyState === 'open' && (await ask())) return;
    clearInterval(timer);
    end();
  }, ASK_MS);
  timer.unref();
  socket.use((event, next) => {
    // What had come before the end was: nobody is owed a word for each, and each word would be work.
    if (isOver) return;
    if (!room.take(member.id)) {
      tell(member);
      return end();
    }
    if (!isEvent(event)) {
      end();
      return next(new Error('no event of a page'));
    }
    ask().then((still) => {
      if (isOver) return;
      if (still) return next();
      end();
      next(new Error('not signed in as that any more'));
    });
  });
}

const EVENT_DEPTH_MAX = 20;
const ID_LENGTH_MAX = 200;

/** A name, and for widgets whose it is, then a message. */
function isEvent([name, id, ...rest]: readonly unknown[]): boolean {
  if (typeof name !== 'string') return false;
  if (name.startsWith('widget-') && (typeof id !== 'string' || id.length > ID_LENGTH_MAX)) return false;
  return ![id, ...rest].some((each) => isDeeper(each, EVENT_DEPTH_MAX));
}

function isSeen({ data }: DeskSocket, id: string): boolean {
  const { seen } = data.desk ?? { seen: new Set<string>() };
  return seen === undefined || seen.has(id);
}

/** What a browser wrote under this name goes. */
function signed(message: unknown, { data }: DeskSocket): unknown {
  if (Array.isArray(message)) return message.map((each) => signed(each, { data } as DeskSocket));
  if (typeof message !== 'object' || message === null) return message;
  const { member, address } = data.desk ?? {};
  const staff = member && { id: member.id, name: member.name, role: member.role, address };
  const { _client } = message as { readonly _client?: unknown };
  const client = typeof _client === 'object' && _client !== null ? _client : {};
  return { ...message, _client: { ...client, staff } };
}

/** The dashboard tells every socket everything: this one is told of the pages about devices alone, and what it is answered. */
function hideMoney(socket: DeskSocket, desk: Desk): void {
  const emit = socket.emit.bind(socket);
  desk.seen = new Set();
  socket.emit = (event, ...args) => {
    if (event === 'ui-config') {
      const [base, whole] = args;
      const { config, seen, answers } = devicePages(whole as DeskConfig);
      [desk.seen, desk.answers] = [seen, answers];
      return emit('ui-config', base, config);
    }
    const widget = event.slice(event.indexOf(':') + 1);
    const isAnswer = desk.answers.has(widget) && socketIdOf(args[0]) === socket.id;
    // What is about no widget is about all of them, so about money too.
    return desk.seen?.has(widget) === true || isAnswer ? emit(event, ...args) : socket;
  };
}

function socketIdOf(message: unknown): unknown {
  return (message as { readonly _client?: { readonly socketId?: unknown } } | undefined)?._client?.socketId;
}

type Row = Readonly<Record<string, unknown>>;
type Table = Readonly<Record<string, Row>>;

export interface DeskConfig {
  readonly pages: Table;
  readonly groups: Table;
  readonly widgets: Table;
}

/** As the dashboard describes itself to a browser, without pages that are not about devices, and which widgets are left. */
export function devicePages<Config extends DeskConfig>(whole: Config) {
  const pages = kept(whole.pages, ({ path }) => DEVICE_PAGES.includes(String(path)));
  const groups = kept(whole.groups, ({ page }) => Object.hasOwn(pages, String(page)));
  const seen = kept(whole.widgets, ({ props }) => {
    const { group, page } = (props ?? {}) as { readonly group?: unknown; readonly page?: unknown };
    return Object.hasOwn(groups, String(group)) || Object.hasOwn(pages, String(page));
  });
  const answers = kept(whole.widgets, ({ type }) => type === 'ui-notification');
  return {
    config: { ...whole, pages, groups, widgets: { ...seen, ...answers } },
    seen: new Set(Object.keys(seen)),
    answers: new Set(Object.keys(answers)),
  };
}

function kept(table: Table, isKept: (row: Row) => boolean): Table {
  return Object.fromEntries(Object.entries(table).filter(([, row]) => isKept(row)));
}
