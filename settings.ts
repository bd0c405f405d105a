// Node-RED's settings for both roles, typed, from an environment that was read and checked once.
import { resolve } from 'node:path';
import type { DeskSettings } from './host/desk.ts';
import type { EditorPass } from './host/editor-pass.ts';
import type { Environment, Role } from './host/environment.ts';
import { refusalsAsSentences } from './host/flows/refusals.ts';
import { type Deployed, flowStorage } from './host/flows/storage.ts';
import { EDITOR_PATH } from './host/routes.ts';

/** The part of Node-RED's settings that we set. */
export type Settings = Readonly<Record<string, unknown>>;

/** No deploy, picture or catalog comes near this; a larger body is an attack. */
const ADMIN_BODY_MAX = '2mb';

/**
 * In one tree Node-RED finds every palette. The cloud has no camera and looks at no picture; the Pi keeps no money and no
 * ledger. By the name of the palette's folder, as Node-RED compares it.
 */
const FOREIGN_PALETTES: Readonly<Record<Role, readonly string[]>> = {
  cloud: ['node-red-contrib-detr', 'node-red-contrib-tapcase-edge'],
  edge: ['node-red-contrib-stripe', 'node-red-contrib-tapcase'],
};

/**
 * Seconds. A function of an own flow that loops for ever stops the whole process: it is ended after this, well below the
 * time that a question's answer may take (Node-RED's own `functionTimeout` is only a node's default).
 */
const FUNCTION_SECONDS_MAX = 0.5;

/** What of the staff Node-RED hears of. */
export interface StaffSettings {
  readonly pass: EditorPass;
  readonly desk: DeskSettings;
  /** Hears of each Deploy that was taken. */
  readonly deployed: Deployed;
}

/** `log` receives each line of Node-RED's log, and whether it tells of an error that no Catch took. */
export function settingsFor(
  role: Role,
  environment: Environment,
  log: (line: string, isError: boolean) => void,
  { pass, desk, deployed }: StaffSettings,
): Settings {
  return {
    userDir: resolve(environment.USER_DIR!, role),
    // Node-RED keeps its credentials beside this name; the flows themselves go through the storage module.
    flowFile: 'flows.json',
    storageModule: flowStorage(resolve(environment.FLOWS_DIR!), {
      deployed,
      hasOwnTabs: environment.OWN_TABS !== 'off',
    }),
    credentialSecret: environment.CREDENTIAL_SECRET,
    httpAdminRoot: EDITOR_PATH,
    httpNodeRoot: '/',
    httpAdminMiddleware: [refusalsAsSentences],
    adminAuth: pass.adminAuth,
    apiMaxLength: ADMIN_BODY_MAX,
    // Nodes come with the release; nothing is installed from a running editor.
    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false, allowUpload: false, allowUpdate: false },
      modules: { allowInstall: false },
    },
    functionExternalModules: false,
    globalFunctionTimeout: FUNCTION_SECONDS_MAX,
    telemetry: { enabled: false },
    dashboard: desk,
    diagnostics: { enabled: false, ui: false },
    runtimeState: { enabled: false, ui: false },
    contextStorage: { default: { module: 'memory' } },
    mqttReconnectTime: 2_000,
    exportGlobalContextKeys: false,
    logging: {
      console: { level: 'off' },
      shop: { level: 'info', metrics: false, audit: false, handler: () => logLine(log) },
    },
    // A flow runs no programs of the host.
    nodesExcludes: ['90-exec.js', ...FOREIGN_PALETTES[role]],
    editorTheme: {
      page: { title: role === 'cloud' ? 'Tapcase' : `Tapcase edge ${environment.CASE_ID}` },
      header: { title: role === 'cloud' ? 'Tapcase' : `Tapcase edge ${environment.CASE_ID}` },
      projects: { enabled: false },
      tours: false,
      palette: {
        // What an operator builds with comes first.
        categories: [
          'subflows',
          'tapcase hooks',
          'function',
          'common',
          'network',
          'tapcase',
          'stripe',
          'vision',
          'dashboard 2',
        ],
      },
    },
  };
}

interface LogEntry {
  readonly level: number;
  readonly msg: unknown;
  readonly type?: string;
  readonly name?: string;
}

/** Node-RED's levels (runtime/lib/log): 20 error, 30 warn; 10 is fatal. */
const WARN_LEVEL = 30;

function logLine(log: (line: string, isError: boolean) => void): (entry: LogEntry) => void {
  return ({ level, msg, type, name }) => {
    const word = level < WARN_LEVEL ? 'error: ' : level === WARN_LEVEL ? 'warning: ' : '';
    const node = type === undefined ? '' : `[${name ?? type}] `;
    const text = msg instanceof Error ? msg.message : typeof msg === 'string' ? msg : JSON.stringify(msg);
    log(`${word}${node}${text}`, level < WARN_LEVEL);
  };
}
