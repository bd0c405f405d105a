// Puts a case into the shop's list: into the flow files, or into a running cloud through its editor.
import { Fault } from '@tapcase/domain';
import { planDeploy } from '../../host/flows/deploy.ts';
import { finishWrite, readFolders, writeFolders } from '../../host/flows/disk.ts';
import type { FlowNode } from '../../host/flows/node.ts';
import { readShopFlows } from '../../host/flows/read.ts';
import type { Options } from './options.ts';

/** A demo's wait for the cameras, and three heartbeats of a controller; both are in the shop's dialog afterwards. */
const VISION_WAIT_MS = 8_000;
const OFFLINE_AFTER_MS = 90_000;
const ANSWER_MS_MAX = 20_000;

/** The flows with the case in the one shop node. Throws `provision.no-shop`, `provision.case-exists`, `provision.no-case`. */
export function withCase(nodes: readonly FlowNode[], { caseId, name, holdMinor, again }: Options): FlowNode[] {
  const shops = nodes.filter(({ type }) => type === 'tapcase-shop');
  if (shops.length !== 1) throw new Fault('provision.no-shop', `there are ${shops.length} shop nodes; one is wanted`);
  const [shop] = shops as [FlowNode];
  const cases = Array.isArray(shop.cases) ? (shop.cases as readonly { readonly id?: unknown }[]) : [];
  const isThere = cases.some(({ id }) => id === caseId);
  if (again && isThere) return [...nodes];
  if (again) throw new Fault('provision.no-case', `there is no case ${caseId} in the shop's list`);
  if (isThere) {
    throw new Fault('provision.case-exists', `case ${caseId} is in the shop's list already`);
  }
  const entry = { id: caseId, name, holdMinor, visionWaitMs: VISION_WAIT_MS, offlineAfterMs: OFFLINE_AFTER_MS };
  return nodes.map((node) => (node === shop ? { ...shop, cases: [...cases, entry] } : node));
}

/** Registers the case; what comes back is done once everything else of it exists. */
export async function registration(options: Options, token: string | undefined): Promise<() => Promise<void>> {
  if (options.cloudUrl !== null) return atCloud(options, options.cloudUrl, token);
  finishWrite(options.flowsFolder);
  const files = readFolders(options.flowsFolder);
  const read = readShopFlows(files);
  // As a Deploy writes it: the list of cases becomes the operator's, and the next release keeps it.
  const nodes = withCase(read.nodes, options);
  if (options.again) return async () => {};
  const plan = planDeploy(nodes, read, files);
  return async () => writeFolders(options.flowsFolder, plan);
}

/**
 * As the person for whom `npm run case:token` was called, once: the session ends with the registration. Node-RED's admin API,
 * version 2: a deploy whose revision is no longer the newest is refused with 409.
 */
async function atCloud(options: Options, cloudUrl: string, token: string | undefined): Promise<() => Promise<void>> {
  if (!token)
    throw new Fault('provision.no-token', 'STAFF_TOKEN is not set: `npm run case:token` at the cloud makes one');
  const headers = { cookie: `tapcase_staff=${token}`, 'node-red-api-version': 'v2' };
  const { rev, flows } = await ask(`${cloudUrl}/flows`, { headers });
  if (!Array.isArray(flows)) throw new Fault('provision.cloud', 'the cloud showed no flows');
  const body = { rev, flows: withCase(flows as FlowNode[], options) };
  return async () => {
    // Only what changed is restarted: a visit under way does not notice.
    if (!options.again) {
      await ask(`${cloudUrl}/flows`, { headers: { ...headers, 'node-red-deployment-type': 'nodes' }, body });
    }
    const signOut = new URL('/staff/api/sign-out', cloudUrl).href;
    await ask(signOut, { headers: { ...headers, 'sec-fetch-site': 'same-origin' }, body: {} });
  };
}

async function ask(
  url: string,
  { headers = {}, body }: { readonly headers?: Readonly<Record<string, string>>; readonly body?: object },
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  }).catch((cause: unknown) => {
    throw new Fault('provision.cloud', `no answer from ${url}`, { url }, cause);
  });
  if (!response.ok) {
    throw new Fault('provision.cloud', `${url} answered ${response.status} ${response.statusText}`, { url });
  }
  return (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
}
