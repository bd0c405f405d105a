// The cloud: customers, devices and Stripe on one listener, the staff on the other, and the ledger that both stand on.
import { join, resolve } from 'node:path';
import { parseKey } from '@tapcase/node-red-contrib-hmac';
import { settingsFor } from '../settings.ts';
import { edgeSignOn } from './edge-sign-on.ts';
import { editorRequests } from './editor-requests.ts';
import { shopApp, untaken } from './http.ts';
import { ledgerIdentity } from './ledger-identity.ts';
import { type Listener, type RunningNodeRed, startNodeRed } from './node-red.ts';
import { takeOwnSocket } from './own-sockets.ts';
import { createReadiness } from './readiness.ts';
import { enter, hearer, idsOf, isShippedIn, logTo, type RoleOptions, staffOf } from './role.ts';
import { ROOT } from './root.ts';
import { runningNodes } from './running-nodes.ts';
import { ledgerPlace, openStaff } from './staff/open.ts';
import { ownerLinkLines } from './staff/owner-link.ts';
import { cloudAsks, staffCosts, staffNeeds, staffServer } from './staff-http.ts';
import { recordDeploy, recordReload, recordSignOn, signOutOf } from './told-ledger.ts';

export async function startCloud({ source, demo, ...told }: RoleOptions): Promise<RunningNodeRed> {
  const { environment, flows } = enter('cloud', source, demo !== undefined);
  hearCases(environment.BROKER_SHARE!);
  const log = logTo(told);
  const office = openStaff({
    place: ledgerPlace(environment),
    origin: environment.STAFF_URL!,
    pagesFolder: join(ROOT, 'pwa', 'staff', 'dist'),
    log: (line) => log(line, true),
    tellOwnerLink: (url) => {
      for (const line of ownerLinkLines(url)) told.log(line);
      told.happened?.({ kind: 'owner-link', url });
    },
  });
  const { ledger, whoIs } = office;
  const nodes = runningNodes(idsOf('tapcase-shop', flows));
  const staff = staffOf({
    typeOf: nodes.typeOf,
    identity: ledgerIdentity(ledger, whoIs),
    origin: environment.STAFF_URL!,
    ...{ needs: staffNeeds, costs: staffCosts },
    ...cloudAsks,
    hasMoney: true,
    log,
    deployed: ({ member, said }) => recordDeploy(ledger, member, said, log),
  });
  const readiness = createReadiness({ ledgers: idsOf('tapcase-ledger', flows), brokers: idsOf('mqtt-broker', flows) });
  const pages = {
    pwaFolder: join(ROOT, 'pwa', 'dist'),
    picturesFolder: resolve(environment.PICTURES_DIR!),
    trustProxy: environment.TRUST_PROXY!,
  };
  const customers: Listener = {
    host: environment.HOST!,
    port: Number(environment.PORT),
    app: shopApp({ ...pages, publicUrl: environment.PUBLIC_URL!, readiness, ...demo }),
    hasEditor: false,
    upgrade: async (request) => takeOwnSocket(request) ?? 'not-found',
    after: untaken,
  };
  const staffs: Listener = {
    host: environment.STAFF_HOST!,
    port: Number(environment.STAFF_PORT),
    app: staffServer({
      ...{ ...pages, staffUrl: environment.STAFF_URL!, door: staff.door },
      pages: office.router,
      own: [
        editorRequests({
          isShipped: isShippedIn(flows),
          signOut: signOutOf(ledger, whoIs, environment.STAFF_URL!),
          reloaded: (member, address) => recordReload(ledger, member, address),
        }),
        edgeSignOn({
          masterKey: parseKey(environment.CASE_MASTER_KEY!, 'CASE_MASTER_KEY'),
          edgeUrls: environment.EDGE_URLS!.split(',').filter((url) => url !== ''),
          caseProblem: nodes.caseProblem,
          signedOn: (member, caseId, address) => recordSignOn(ledger, member, caseId, address),
        }),
      ],
    }),
    hasEditor: true,
    upgrade: staff.door.upgrade,
  };
  const running = await startNodeRed({
    listeners: [customers, staffs],
    settings: settingsFor('cloud', environment, log, staff),
    trustProxy: environment.TRUST_PROXY!,
    log,
    started: (node) => {
      readiness.started(node);
      nodes.started(node);
    },
    ...hearer(told),
  }).catch(async (thrown: unknown) => {
    staff.door.stop();
    await office.close();
    throw thrown;
  });
  return {
    stop: async () => {
      staff.door.stop();
      await running.stop();
      await office.close();
    },
  };
}

/**
 * What cases say, to all of us or to one instance of those that share a name (MQTT 5 section 4.8.2; Mosquitto takes it in 3.1.1 too).
 * Node-RED puts a variable in the place of a whole property only, so the topics are variables.
 */
function hearCases(share: string): void {
  const group = share === '' ? '' : `$share/${share}/`;
  process.env.DOOR_TOPIC = `${group}case/+/door`;
  process.env.STATUS_TOPIC = `${group}case/+/status`;
  process.env.VISION_TOPIC = `${group}case/+/vision`;
}
