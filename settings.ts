// Node-RED's settings for both roles, typed, from an environment that was read and checked once.
import { resolve } from 'node:path';
import { type EditorDoor, editorDoor } from './host/editor-door.ts';
import type { Environment, Role } from './host/environment.ts';
import { refusalsAsSentences } from './host/flows/refusals.ts';
import { flowStorage } from './host/flows/storage.ts';
import { EDITOR_PATH } from './host/routes.ts';
import { type StaffDoor, staffDoor } from './host/staff-door.ts';
import { type StaffGuard, sameText, staffGuard } from './host/staff-guard.ts';

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

/** Who may come to the staff's parts of this process. */
export interface SettingsDoor {
  readonly editor: EditorDoor;
  readonly desk: StaffGuard;
  /** Of both, for the listener. */
  readonly staff: StaffDoor;
}

export function doorOf(role: Role, environment: Environment): SettingsDoor {
  const editor = editorDoor({ path: EDITOR_PATH, name: role, secret: environment.CREDENTIAL_SECRET! });
  const desk = staffGuard(dashboardUsers(role, environment));
  return { editor, desk, staff: staffDoor({ editor, desk, origin: environment.STAFF_URL ?? '' }) };
}

/** `log` receives each line of Node-RED's log, and whether it tells of an error that no Catch took. */
export function settingsFor(
  role: Role,
  environment: Environment,
  log: (line: string, isError: boolean) => void,
  door: Pick<SettingsDoor, 'editor' | 'desk'>,
): Settings {
  return {
    userDir: resolve(environment.USER_DIR!, role),
    // Node-RED keeps its credentials beside this name; the flows themselves go through the storage module.
    flowFile: 'flows.json',
    storageModule: flowStorage(resolve(environment.FLOWS_DIR!)),
    credentialSecret: environment.CREDENTIAL_SECRET,
    httpAdminRoot: EDITOR_PATH,
    httpNodeRoot: '/',
    httpAdminMiddleware: [refusalsAsSentences, door.editor.middleware],
    adminAuth: editorUsers(environment),
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
    dashboard: door.desk,
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

/** The cloud's pages are about money: the owner's alone. The Pi's show cameras and faults. */
function dashboardUsers(role: Role, { EDITOR_PASSWORD, TECHNICIAN_PASSWORD }: Environment): Record<string, string> {
  return { owner: EDITOR_PASSWORD!, ...(role === 'edge' ? { technician: TECHNICIAN_PASSWORD ?? '' } : {}) };
}

/** An owner who may do all, a technician who may only look. Passwords stay in the environment. */
function editorUsers({ EDITOR_PASSWORD, TECHNICIAN_PASSWORD }: Environment): Settings {
  const users: Record<string, { password: string; permissions: string }> = {
    owner: { password: EDITOR_PASSWORD!, permissions: '*' },
  };
  if (TECHNICIAN_PASSWORD) users.technician = { password: TECHNICIAN_PASSWORD, permissions: 'read' };
  const find = (username: string) => {
    const user = Object.hasOwn(users, username) ? users[username] : undefined;
    return user === undefined ? null : { username, permissions: user.permissions };
  };
  return {
    type: 'credentials',
    users: async (username: string) => find(username),
    // A stranger's JSON: neither need be text.
    authenticate: async (username: unknown, password: unknown) => {
      if (typeof username !== 'string' || typeof password !== 'string') return null;
      const user = Object.hasOwn(users, username) ? users[username] : undefined;
      return user !== undefined && sameText(password, user.password) ? find(username) : null;
    },
  };
}
