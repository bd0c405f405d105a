// Node-RED's storage, with the flows in files that git keeps: read from core/ and own/, written back by a Deploy that may.
import { createRequire } from 'node:module';
import { Fault } from '@tapcase/domain';
import { type EditorMember, memberOf } from '../editor-pass.ts';
import { type Credentials, merged, readReferences, type Sealed, sealed, typedOnly, unsealed } from './credentials.ts';
import { planDeploy } from './deploy.ts';
import { type Deploying, deployInWords, notYours } from './deployer.ts';
import { changedPaths, finishWrite, readFolders, writeFolders } from './disk.ts';
import { isSame } from './form.ts';
import { withMovedSettings } from './moved-settings.ts';
import { type FlowFolders, type FlowNode, nameOf } from './node.ts';
import { readShopFlows, type ShopFlows } from './read.ts';
import { refused } from './refusals.ts';

const require = createRequire(import.meta.url);
/** Node-RED's own module keeps credentials, editor settings and sessions in its userDir. */
const ownStorage = require('@node-red/runtime/lib/storage/localfilesystem') as Readonly<Record<string, unknown>> & {
  init(settings: StorageSettings, runtime: StorageRuntime): Promise<void>;
  getCredentials(): Promise<Sealed>;
  saveCredentials(credentials: Sealed): Promise<void>;
};

/** Its credentials at work; the runtime that a storage is handed has no way to give them back. */
const atWork = require('@node-red/runtime/lib/nodes/credentials') as { load(credentials: Sealed): Promise<void> };

interface StorageSettings {
  readonly credentialSecret?: string;
}

/** What Node-RED hands to a storage of its running self. */
export interface StorageRuntime {
  readonly log: { warn(text: string): void; error(text: string): void };
  readonly events: { emit(name: 'runtime-event', event: object): unknown };
}

export interface FlowStorage extends Readonly<Record<string, unknown>> {
  init(settings: StorageSettings, runtime: StorageRuntime): Promise<void>;
  getFlows(): Promise<readonly FlowNode[]>;
  /** `user`: as the editor's pass names whoever deploys. */
  saveFlows(nodes: readonly FlowNode[], user?: unknown): Promise<void>;
  getCredentials(): Promise<Sealed>;
  saveCredentials(credentials: Sealed): Promise<void>;
}

/** Hears of each Deploy that was taken; `said` are the tabs and nodes that it changed, by their names. */
export type Deployed = (deploy: {
  readonly member: EditorMember | undefined;
  readonly said: readonly string[];
}) => Promise<void>;

/** What was last read or written: a Deploy is compared with it. */
interface Known {
  readonly files: FlowFolders;
  readonly flows: ShopFlows;
}

/** A sentence names no more than this many files. */
const NAMED_MAX = 3;
/** What the editor keeps on its screen, by name. */
const BANNER = 'tapcase-flow-files';

/**
 * For `settings.storageModule`. `folder` holds the flow files of one role: `core/` and `own/`. With `deployed`, who deploys is known
 * and may change what their role allows; without, whoever reaches it changes what is not locked. Without `hasOwnTabs` the own tabs
 * stand still until a Deploy says of each what it is to do.
 */
export function flowStorage(
  folder: string,
  { deployed, hasOwnTabs = true }: { readonly deployed?: Deployed; readonly hasOwnTabs?: boolean } = {},
): FlowStorage {
  let runsOwnTabs = hasOwnTabs;
  let runtime: StorageRuntime | undefined;
  let secret = '';
  let known: Known | undefined;
  /** As the editor sent them, by id. */
  let sent: ReadonlyMap<string, FlowNode> = new Map();
  /** What runs, sealed: a refused Deploy gives it back. */
  let running: Sealed = {};
  /** Node-RED hands credentials over before the flows, and does not know yet whether those are taken. */
  let waiting: Sealed | undefined;

  const read = (): Known => {
    finishWrite(folder);
    const files = readFolders(folder);
    return { files, flows: readShopFlows(files, { hasOwnTabs: runsOwnTabs }) };
  };
  const tell: Tell = (...text) => runtime?.events.emit('runtime-event', banner(text));
  const typed = async (): Promise<Credentials> => {
    try {
      return withMovedSettings(unsealed(await ownStorage.getCredentials(), secret));
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      runtime?.log.error(`${thrown.message}; only those that come from the environment are used`);
      return {};
    }
  };

  const deploy = async (nodes: readonly FlowNode[], member: EditorMember | undefined): Promise<void> => {
    const { files, flows } = known ?? read();
    const changed = changedPaths(files, readFolders(folder));
    if (changed.length > 0) throw changedOnDisk(changed);
    const plan = planDeploy(nodes, flows, files);
    const credentials = { before: unsealed(running, secret), after: unsealed(waiting ?? running, secret) };
    const deploying: Deploying = { before: flows, beforeFiles: files, plan, credentials };
    const refusal = deployed === undefined ? undefined : notYours(member?.role ?? 'restocker', deploying);
    if (refusal !== undefined) throw refusal;
    const next = { core: plan.core, own: plan.own };
    const after = { files: next, flows: readShopFlows(next) };
    if (waiting !== undefined) {
      const all = unsealed(waiting, secret);
      await ownStorage.saveCredentials(sealed(typedOnly(all, readReferences(folder)), secret));
      running = waiting;
    }
    writeFolders(folder, next);
    known = after;
    runsOwnTabs = true;
    sent = new Map(nodes.map((node) => [node.id, node]));
    await deployed?.({ member, said: deployInWords(deploying, after.flows) });
    if (plan.coreWritten.length === 0) return;
    const names = plan.coreWritten.map((name) => `core/${name}`).join(', ');
    const words = `this Deploy changed the shop itself, for its tabs are not locked: ${names}. The next upgrade will meet these changes`;
    runtime?.log.warn(words);
    tell(
      words,
      `Este despliegue ha cambiado la propia tienda, pues sus pestañas no están bloqueadas: ${names}. La próxima actualización se encontrará con estos cambios`,
    );
  };

  return {
    ...ownStorage,
    init: async (settings, given) => {
      [runtime, secret] = [given, settings.credentialSecret ?? ''];
      return ownStorage.init(settings, given);
    },
    getFlows: async () => {
      try {
        known = read();
      } catch (thrown) {
        // At a reload the running flow stays: without any flows Node-RED would stand there with an empty editor.
        if (known === undefined || !(thrown instanceof Fault)) throw thrown;
        const words = `The flow files were not loaded, the flows run on as they were: ${thrown.message}`;
        runtime?.log.error(words);
        tell(words, `Los archivos de flujos no se han cargado, los flujos siguen como estaban: ${thrown.message}`);
        return known.flows.nodes;
      }
      report(known.flows, runtime, tell);
      if (!runsOwnTabs) tellStill(runtime, tell);
      // An editor compares with what it last sent. What says the same must look the same, or a pull of one node is a conflict in all.
      return known.flows.nodes.map((node) => {
        const was = sent.get(node.id);
        return was !== undefined && isSame(was, node) ? was : node;
      });
    },
    saveFlows: async (nodes, user) => {
      try {
        await deploy(nodes, memberOf(user));
      } catch (thrown) {
        // Node-RED has taken the new credentials already; those of a node that was deleted would be gone although it runs on.
        if (waiting !== undefined)
          await atWork.load(running).catch((cause: Error) => runtime?.log.error(cause.message));
        refused(thrown);
        throw thrown;
      } finally {
        waiting = undefined;
      }
    },
    getCredentials: async () => {
      running = sealed(merged(readReferences(folder), await typed()), secret);
      return running;
    },
    saveCredentials: async (credentials) => {
      waiting = credentials;
    },
  };
}

/** One line in the log and one banner for everything that is not as it should be. */
function report({ broken, switchedOff, core }: ShopFlows, runtime: StorageRuntime | undefined, tell: Tell): void {
  const open = core.filter(({ type, locked }) => type === 'tab' && locked !== true);
  if (open.length > 0) runtime?.log.warn(`tabs of the shop that are not locked: ${open.map(nameOf).join(', ')}`);
  for (const { message } of switchedOff) runtime?.log.error(`switched off: ${message}`);
  if (broken.length === 0) return tell();
  const named = broken.slice(0, NAMED_MAX).map(({ file, why }) => `own/${file} (${why})`);
  const more = broken.length > NAMED_MAX ? [`${broken.length - NAMED_MAX} more`] : [];
  const words = `Not loaded: ${[...named, ...more].join('; ')}. The shop sells on without; repair it, then restart the flows.`;
  runtime?.log.error(words);
  const files = broken.slice(0, NAMED_MAX).map(({ file }) => `own/${file}`);
  const others = broken.length > NAMED_MAX ? [`${broken.length - NAMED_MAX} más`] : [];
  tell(
    words,
    `No se ha cargado: ${[...files, ...others].join(', ')}. La tienda vende sin ello; repárelo y reinicie los flujos.`,
  );
}

/** Over what `report` may have told: this is why nothing of the operator's runs. */
function tellStill(runtime: StorageRuntime | undefined, tell: Tell): void {
  const words =
    'Your own tabs are switched off: with them this process stood still, or OWN_TABS is off. The shop sells as shipped. Put the function that loops right, enable its tab and deploy.';
  runtime?.log.error(`${words} (start.own-tabs-off)`);
  tell(
    words,
    'Sus propias pestañas están desactivadas: con ellas este proceso se quedó parado, u OWN_TABS está en off. La tienda vende tal como viene. Corrija la función que no termina, active su pestaña y despliegue.',
  );
}

/** The same in English and Spanish; nothing takes the banner back. */
type Tell = (...text: readonly [english: string, spanish: string] | readonly []) => void;

/**
 * Shown until it is taken back by an empty one. In both languages at once: all who look have the same banner, and the editor
 * translates only what a palette has a catalog for.
 */
function banner(text: readonly string[]): object {
  // The editor takes it for the name of a translation: what stands before a colon would be cut off. And it shows it as HTML.
  const shown = text.join(' · ').replaceAll(':', ' -').replace(/[<>&]/g, ' ');
  const payload = text.length === 0 ? {} : { type: 'error', text: shown };
  return { id: BANNER, retain: true, payload };
}

function changedOnDisk(paths: readonly string[]): Fault {
  const more = paths.length > NAMED_MAX ? ` and ${paths.length - NAMED_MAX} more` : '';
  const named = `${paths.slice(0, NAMED_MAX).join(', ')}${more}`;
  return new Fault(
    'flows.changed-on-disk',
    `Not deployed. On the disk, ${named} changed since these flows were read. Choose "Restart flows" in the menu of the Deploy button, look at what came, then deploy again (the editor asks: Merge): both changes are kept.`,
    {
      paths,
      es: `No se ha desplegado. En el disco ha cambiado ${paths.slice(0, NAMED_MAX).join(', ')}${paths.length > NAMED_MAX ? ` y ${paths.length - NAMED_MAX} más` : ''} desde que se leyeron estos flujos. Elija «Reiniciar flujos» en el menú del botón de despliegue, mire lo que ha llegado y despliegue otra vez (el editor pregunta: Fusionar): se conservan los dos cambios.`,
    },
  );
}
