// Runs one role in this process: the cloud with its web server, or the edge with its editor.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { orThrow, topicOf } from '@tapcase/domain';
import express from 'express';
import helmet from 'helmet';
import { doorOf, settingsFor } from '../settings.ts';
import { readBodies } from './bodies.ts';
import { type Environment, type Role, readEnvironment } from './environment.ts';
import { readFlows } from './flows/storage.ts';
import type { Happening } from './happenings.ts';
import { exceptForStaff, shopApp, untaken } from './http.ts';
import { type RunningNodeRed, startNodeRed } from './node-red.ts';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

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
  const environment = enter('cloud', source, demo !== undefined);
  const door = doorOf('cloud', environment);
  const options = {
    publicUrl: environment.PUBLIC_URL!,
    pwaFolder: join(ROOT, 'pwa', 'dist'),
    picturesFolder: resolve(environment.PICTURES_DIR!),
    staff: door.desk.middleware,
    ...(demo === undefined ? {} : { worldUrl: demo.worldUrl }),
  };
  return startNodeRed({
    app: shopApp(options),
    settings: settingsFor('cloud', environment, logTo(told), door),
    door,
    log: logTo(told),
    host: environment.HOST!,
    port: Number(environment.PORT),
    after: (app) => untaken(app, options),
    ...hearer(told),
  });
}

export async function startEdge({ source, ...told }: RoleOptions): Promise<RunningNodeRed> {
  const environment = enter('edge', source, false);
  // Node-RED puts a variable in the place of a whole property only, so the topic is one.
  process.env.VISION_COMMAND_TOPIC = topicOf(environment.CASE_ID!, 'vision/cmd');
  const door = doorOf('edge', environment);
  const app = express();
  app.disable('x-powered-by');
  // Editor and dashboard work with inline scripts and styles, so no content policy; every other header.
  app.use(helmet({ contentSecurityPolicy: false, strictTransportSecurity: false }));
  app.use(exceptForStaff(readBodies({ routes: [], roots: [] })));
  return startNodeRed({
    app,
    settings: settingsFor('edge', environment, logTo(told), door),
    door,
    log: logTo(told),
    host: environment.HOST!,
    port: Number(environment.PORT),
    // Who comes to a Pi wants to see how it is; before the flows run there is nothing to see, and systemd must not be told so.
    after: (edge) => edge.get('/', (_request, response) => response.redirect(TECHNICIAN_PAGE)),
    ...hearer(told),
  });
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
function enter(role: Role, source: RoleOptions['source'], demo: boolean): Environment {
  const environment = orThrow(readEnvironment(role, source, { demo }));
  // Node-RED would log a broken flow file and go on without any flows.
  readFlows(resolve(environment.FLOWS_DIR!));
  Object.assign(process.env, environment);
  return environment;
}
