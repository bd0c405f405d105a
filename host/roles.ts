// Runs one role in this process: the cloud with its two web servers, or the edge with its editor.
import { join, resolve } from 'node:path';
import { orThrow, topicOf } from '@tapcase/domain';
import { doorOf, settingsFor } from '../settings.ts';
import { type Environment, type Role, readEnvironment } from './environment.ts';
import type { ShopFlows } from './flows/read.ts';
import { readFlows } from './flows/read-folder.ts';
import type { Happening } from './happenings.ts';
import { securityHeaders } from './headers.ts';
import { bareApp, ownRequests, shopApp, untaken } from './http.ts';
import { type Listener, type RunningNodeRed, startNodeRed } from './node-red.ts';
import { createReadiness } from './readiness.ts';
import { ROOT } from './root.ts';
import { OWN_ROOT } from './routes.ts';
import { ledgerPlace, openStaff } from './staff/open.ts';
import { ownerLinkLines } from './staff/owner-link.ts';
import { staysIn } from './staff-door.ts';
import { onlyStaffs, staffApp } from './staff-http.ts';

const TECHNICIAN_PAGE = '/dashboard/technician';

export interface RoleOptions {
  readonly source: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
  /** Set in a demo: where the virtual cases are, and that the log may play the mail server. */
  readonly demo?: { readonly worldUrl: string };
  /** Hears what happens, for a terminal that does not show the log. */
  readonly happened?: (happening: Happening) => void;
}

export async function startCloud({ source, demo, ...told }: RoleOptions): Promise<RunningNodeRed> {
  const { environment, flows } = enter('cloud', source, demo !== undefined);
  const { staff, ...door } = doorOf('cloud', environment);
  const readiness = createReadiness({ ledgers: idsOf('tapcase-ledger', flows), brokers: idsOf('mqtt-broker', flows) });
  const pages = {
    pwaFolder: join(ROOT, 'pwa', 'dist'),
    picturesFolder: resolve(environment.PICTURES_DIR!),
    trustProxy: environment.TRUST_PROXY!,
  };
  const identity = openStaff({
    place: ledgerPlace(environment),
    origin: environment.STAFF_URL!,
    pagesFolder: join(ROOT, 'pwa', 'staff', 'dist'),
    log: (line) => logTo(told)(line, true),
    tellOwnerLink: (url) => {
      for (const line of ownerLinkLines(url)) told.log(line);
      told.happened?.({ kind: 'owner-link', url });
    },
  });
  const customers: Listener = {
    host: environment.HOST!,
    port: Number(environment.PORT),
    app: shopApp({ ...pages, publicUrl: environment.PUBLIC_URL!, readiness, ...demo }),
    hasEditor: false,
    upgrade: async (request) => (staysIn(request, OWN_ROOT) ? 'passes' : 'not-found'),
    after: untaken,
  };
  const staffs: Listener = {
    host: environment.STAFF_HOST!,
    port: Number(environment.STAFF_PORT),
    app: staffApp({ ...pages, staffUrl: environment.STAFF_URL!, door: staff, identity: identity.router }),
    hasEditor: true,
    upgrade: async (request) => ((await staff.mayUpgrade(request)) ? 'passes' : 'unauthorized'),
  };
  const running = await startNodeRed({
    listeners: [customers, staffs],
    settings: settingsFor('cloud', environment, logTo(told), door),
    trustProxy: environment.TRUST_PROXY!,
    log: logTo(told),
    started: readiness.started,
    ...hearer(told),
  }).catch(async (thrown: unknown) => {
    await identity.close();
    throw thrown;
  });
  return {
    stop: async () => {
      await running.stop();
      await identity.close();
    },
  };
}

export async function startEdge({ source, ...told }: RoleOptions): Promise<RunningNodeRed> {
  const { environment } = enter('edge', source, false);
  // Node-RED puts a variable in the place of a whole property only, so the topic is one.
  process.env.VISION_COMMAND_TOPIC = topicOf(environment.CASE_ID!, 'vision/cmd');
  const { staff, ...door } = doorOf('edge', environment);
  const app = bareApp();
  // Editor and dashboard work with inline scripts and styles, so no content policy; every other header.
  app.use(securityHeaders('').editor);
  app.use(ownRequests());
  app.use((request, response, next) => (isOpen(request.path) ? next() : staff.middleware(request, response, next)));
  app.use((request, response, next) => (isOpen(request.path) ? next() : onlyStaffs(request, response, next)));
  return startNodeRed({
    listeners: [
      {
        host: environment.HOST!,
        port: Number(environment.PORT),
        app,
        hasEditor: true,
        upgrade: async (request) => {
          return staysIn(request, OWN_ROOT) || (await staff.mayUpgrade(request)) ? 'passes' : 'unauthorized';
        },
        // Who comes to a Pi wants to see how it is; before the flows run there is nothing to see, and systemd must not be told so.
        after: (edge) => edge.get('/', (_request, response) => response.redirect(TECHNICIAN_PAGE)),
      },
    ],
    settings: settingsFor('edge', environment, logTo(told), door),
    log: logTo(told),
    ...hearer(told),
  });
}

/** On the Pi: where staff are led from, and what an operator's own flow answers. */
function isOpen(path: string): boolean {
  return path === '/' || path.startsWith(OWN_ROOT);
}

function idsOf(wanted: string, { core }: ShopFlows): string[] {
  return core.filter(({ type }) => type === wanted).map(({ id }) => id);
}

type Told = Pick<RoleOptions, 'log' | 'happened'>;

function logTo({ log, happened }: Told): (line: string, isError: boolean) => void {
  return (line, isError) => {
    log(line);
    if (isError) happened?.({ kind: 'error', text: line });
  };
}

function hearer({ happened }: Told): Pick<RoleOptions, 'happened'> {
  return happened === undefined ? {} : { happened };
}

/** Checks the environment and the flow files, and puts the environment where `${NAME}` in a flow finds it. */
function enter(
  role: Role,
  source: RoleOptions['source'],
  demo: boolean,
): { environment: Environment; flows: ShopFlows } {
  const environment = orThrow(readEnvironment(role, source, { demo }));
  // Node-RED would log a broken flow file and go on without any flows.
  const flows = readFlows(resolve(environment.FLOWS_DIR!));
  Object.assign(process.env, environment);
  return { environment, flows };
}
