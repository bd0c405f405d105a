// A good request for each thing that may be asked, from which the odd ones are made.
import { gzipSync } from 'node:zlib';
import { DESK_PATH, EDITOR_PATH, type ListenerName, PAGES, routesOf } from '../../host/routes.ts';
import { type RouteName, STAFF_PAGES, STAFF_ROUTES } from '../../host/staff/routes.ts';
import type { Example } from './draft.ts';
import { FRAMES } from './frames.ts';
import { routeName, staffValidOf, validOf } from './valid.ts';

/** Who asks, and what there is to ask for, in the shop under test. */
export interface Cast {
  readonly caseId: string;
  /** Somebody who has signed in and has no card: no door opens to them. */
  readonly guestCookie: string;
  /** Somebody with a visit that is over. */
  readonly buyerCookie: string;
  readonly visitId: string;
}

/** Everything that customers' phones, devices and Stripe may ask, and the pages beside it. */
export function customerExamples(cast: Cast): Example[] {
  const paths = [
    ...PAGES.customer,
    '/healthz',
    '/readyz',
    '/sw.js',
    '/pictures/cola.svg',
    '/case/:id/virtual',
    '/nothing',
  ];
  const own = Buffer.from('{"mine":[1,{"a":"b"}]}');
  return [
    ...examplesOf('customer', cast),
    ...paths.map((path) => page(path, cast)),
    socket('/editor/comms', FRAMES[0]!),
    socket('/', FRAMES[0]!),
    {
      name: 'post /own/mine',
      method: 'POST',
      target: '/own/mine',
      headers: [['content-type', 'application/json']],
      body: own,
    },
    {
      name: 'post /own/form',
      method: 'POST',
      target: '/own/form',
      headers: [['content-type', FORM]],
      body: Buffer.from('a[b]=1'),
    },
    {
      ...{ name: 'post /own/mine, squeezed', method: 'POST', target: '/own/mine', body: gzipSync(own) },
      headers: [
        ['content-type', 'application/json'],
        ['content-encoding', 'gzip'],
      ],
    },
  ];
}

const FORM = 'application/x-www-form-urlencoded';

/** What is behind the staff's door, of the cloud (its routes) and of the edge (no routes of its own). */
export function staffExamples(cast: Cast): Example[] {
  const json: [string, string][] = [['content-type', 'application/json']];
  const token = {
    client_id: 'node-red-editor',
    grant_type: 'password',
    scope: '',
    username: 'guess',
    password: 'guess',
  };
  const polling = `${DESK_PATH}/socket.io/?EIO=4&transport=polling`;
  return [
    ...examplesOf('staff', cast),
    ...[...PAGES.staff, ...STAFF_PAGES].map((path) => page(path, cast)),
    ...(Object.keys(STAFF_ROUTES) as RouteName[]).map(askedByStaffsPages),
    ...[
      '/',
      '/flows',
      '/settings',
      '/nodes',
      '/auth/login',
      '/context/global',
      '/flow/faults',
      '/icons',
      '/debug/view/view.html',
    ].map((path) => page(`${EDITOR_PATH}${path}`, cast)),
    ...['/', '/money', '/reviews', '/technician', '/socket.io/?EIO=4&transport=polling', '/_setup'].map((path) =>
      page(`${DESK_PATH}${path}`, cast),
    ),
    {
      name: 'post token',
      method: 'POST',
      target: `${EDITOR_PATH}/auth/token`,
      headers: json,
      body: Buffer.from(JSON.stringify(token)),
    },
    {
      name: 'post revoke',
      method: 'POST',
      target: `${EDITOR_PATH}/auth/revoke`,
      headers: json,
      body: Buffer.from('{"token":"x"}'),
    },
    {
      name: 'post flows',
      method: 'POST',
      target: `${EDITOR_PATH}/flows`,
      headers: json,
      body: Buffer.from('{"flows":[]}'),
    },
    {
      name: 'post inject',
      method: 'POST',
      target: `${EDITOR_PATH}/inject/clock.every-second`,
      headers: json,
      body: Buffer.from('{}'),
    },
    {
      name: 'post polling',
      method: 'POST',
      target: polling,
      headers: [['content-type', 'text/plain']],
      body: Buffer.from('40'),
    },
    page('/', cast),
    page('/api/me', cast),
    ...socketsOf([`${EDITOR_PATH}/comms`, `${DESK_PATH}/socket.io/?EIO=4&transport=websocket`]),
  ];
}

/** A socket that somebody opens in whom nothing is known, and what they say on it before anybody has answered. */
function socket(path: string, said: Buffer): Example {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  return {
    ...{ name: `socket ${path}`, method: 'GET', target: path, tail: said },
    headers: [
      ['connection', 'upgrade'],
      ['upgrade', 'websocket'],
      ['sec-websocket-version', '13'],
      ['sec-websocket-key', key],
    ],
  };
}

const socketsOf = (paths: readonly string[]) =>
  paths.flatMap((path) => [Buffer.alloc(0), ...FRAMES].map((said) => socket(path, said)));

function askedByStaffsPages(name: RouteName): Example {
  const [method, target] = name.split(' ') as [string, string];
  const isOpen = STAFF_ROUTES[name].needs === 'nobody';
  if (method === 'GET') return { name, method, target, isOpen };
  const body = Buffer.from(JSON.stringify(staffValidOf(name)));
  return { name, method, target, isOpen, headers: [['content-type', 'application/json']], body };
}

function examplesOf(listener: ListenerName, cast: Cast): Example[] {
  return routesOf(listener).map((route) => {
    const { as, body, headers = [], query } = validOf(route);
    const cookie = { nobody: '', guest: cast.guestCookie, buyer: cast.buyerCookie }[as];
    const type = route.body?.types[0];
    return {
      name: routeName(route),
      route,
      method: route.method.toUpperCase(),
      target: `${filled(route.path, cast)}${query === undefined ? '' : `?${query}`}`,
      headers: [
        ...(cookie === '' ? [] : [['cookie', cookie] as [string, string]]),
        ...(type === undefined ? [] : [['content-type', type] as [string, string]]),
        ...headers.map(([name, value]): [string, string] => [name, value]),
      ],
      body: Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    };
  });
}

function page(path: string, cast: Cast): Example {
  return { name: `get ${path}`, method: 'GET', target: filled(path, cast), headers: [['accept', 'text/html,*/*']] };
}

export function filled(path: string, { caseId, visitId }: Pick<Cast, 'caseId' | 'visitId'>, odd?: string): string {
  const usual: Readonly<Record<string, string>> = {
    ':case': caseId,
    ':visit': visitId,
    ':id': caseId,
    ':name': 'before-0.jpg',
    ':number': '7',
    ':file': 'manifest',
  };
  return path.replace(/:[a-z]+/g, (name) => odd ?? usual[name] ?? 'x');
}
