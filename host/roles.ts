// Runs one role in this process: the cloud with its two web servers, or the edge with its editor.
import { topicOf } from '@tapcase/domain';
import { parseKey } from '@tapcase/node-red-contrib-hmac';
import { settingsFor } from '../settings.ts';
import { edgeSignIn } from './edge-sign-in.ts';
import { editorRequests } from './editor-requests.ts';
import { securityHeaders } from './headers.ts';
import { bareApp, ownRequests } from './http.ts';
import { type RunningNodeRed, startNodeRed } from './node-red.ts';
import { takeOwnSocket } from './own-sockets.ts';
import { enter, hearer, isShippedIn, logTo, type RoleOptions, staffOf } from './role.ts';
import { OWN_ROOT } from './routes.ts';
import { staffGuard } from './staff-guard.ts';
import { edgeNeeds, onlyStaffs, staffCosts } from './staff-http.ts';

export type { RoleOptions };

const TECHNICIAN_PAGE = '/dashboard/technician';

/** What only the cloud needs is not installed on a Pi. */
export async function startCloud(options: RoleOptions): Promise<RunningNodeRed> {
  const { startCloud } = await import('./cloud.ts');
  return startCloud(options);
}

export async function startEdge({ source, ...told }: RoleOptions): Promise<RunningNodeRed> {
  const { environment, flows } = enter('edge', source, false);
  // Node-RED puts a variable in the place of a whole property only, so the topic is one.
  process.env.VISION_COMMAND_TOPIC = topicOf(environment.CASE_ID!, 'vision/cmd');
  const log = logTo(told);
  const { EDITOR_PASSWORD: owner, TECHNICIAN_PASSWORD: technician } = environment;
  const signIn = edgeSignIn({
    caseId: environment.CASE_ID!,
    deviceKey: parseKey(environment.DEVICE_KEY!, 'DEVICE_KEY'),
    staffUrl: environment.STAFF_URL!,
    guard: staffGuard({ owner: owner!, technician: technician! }),
  });
  const staff = staffOf({
    ...{ identity: signIn.identity, signInUrl: signIn.signInUrl, ask: signIn.ask, needs: edgeNeeds },
    ...{ costs: staffCosts, origin: '' },
    hasMoney: false,
    log,
    deployed: async ({ member, said }) =>
      log(`flows deployed by ${member?.name ?? 'nobody'}: ${said.join('; ')}`, false),
  });
  const { door } = staff;
  const app = bareApp();
  // Editor and dashboard work with inline scripts and styles, so no content policy; every other header.
  app.use(securityHeaders('').editor);
  app.use(ownRequests());
  app.use(signIn.pages);
  app.use((request, response, next) => (isOpen(request.path) ? next() : door.middleware(request, response, next)));
  const editor = editorRequests({
    isShipped: isShippedIn(flows),
    signOut: async (_member, response) => signIn.signOut(response),
    reloaded: async ({ name }) => log(`all flows started again by ${name}`, false),
  });
  app.use((request, response, next) => (isOpen(request.path) ? next() : editor(request, response, next)));
  app.use((request, response, next) => (isOpen(request.path) ? next() : onlyStaffs(request, response, next)));
  const running = await startNodeRed({
    listeners: [
      {
        host: environment.HOST!,
        port: Number(environment.PORT),
        app,
        hasEditor: true,
        upgrade: async (request) => takeOwnSocket(request) ?? door.upgrade(request),
        // Who comes to a Pi wants to see how it is; before the flows run there is nothing to see, and systemd must not be told so.
        after: (edge) => edge.get('/', (_request, response) => response.redirect(TECHNICIAN_PAGE)),
      },
    ],
    settings: settingsFor('edge', environment, log, staff),
    log,
    ...hearer(told),
  });
  return {
    stop: async () => {
      door.stop();
      await running.stop();
    },
  };
}

/** On the Pi: where staff are led from, and what an operator's own flow answers. */
function isOpen(path: string): boolean {
  return path === '/' || path.startsWith(OWN_ROOT);
}
