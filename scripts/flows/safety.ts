// What no flow may do, the shop's or an operator's: each a finding that names the file or the node.

import { isLoopback } from '@tapcase/domain';
import { CREDENTIALS_FILE, type FlowNode, homeIdOf, isHome, nameOf, wordOf } from '../../host/flows/node.ts';
import { routeOf } from '../../host/flows/paths.ts';
import { hasLinks, linksOf } from '../../host/flows/read.ts';
import type { Finding, Looked } from './finding.ts';

type Rule = (looked: Looked) => Finding[];

/** A value that comes from the environment. */
const REFERENCE = /^\$\{[A-Z0-9_]+\}$/;
const SECRET_KEY = /(secret|password|key|token)$/i;
/** What Stripe, a private key file and a signed session look like, wherever they stand. */
const SECRET_VALUE =
  /\b(sk|rk)_(live|test)_\w{8,}|\bwhsec_\w{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ\w+\.eyJ\w+\./;
/** All findings of the safety level. */
export function safetyFindings(looked: Looked): Finding[] {
  return RULES.flatMap((rule) => rule(looked));
}

const broken: Rule = ({ flows }) =>
  flows.broken.map(({ file, why }) => ({ where: `own/${file}`, what: `is not loaded: ${why}` }));

const switchedOff: Rule = ({ flows }) =>
  flows.switchedOff.map(({ message, details }) => ({
    where: String(details.node),
    what: `is switched off: ${message}`,
  }));

const wires: Rule = ({ nodes, byId }) =>
  nodes.flatMap((node) =>
    [...wiresOf(node), ...(hasLinks(node) || node.type === 'link call' ? linksOf(node) : [])]
      .filter((id) => !byId.has(id))
      .map((id) => ({ where: node.id, what: `${nameOf(node)} is wired to ${id}, which is not there` })),
  );

const homes: Rule = ({ nodes, byId }) =>
  nodes
    .filter((node) => homeIdOf(node) !== '' && !isAHome(byId.get(homeIdOf(node))))
    .map((node) => ({
      where: node.id,
      what: `${nameOf(node)} stands on the tab ${homeIdOf(node)}, which is not there`,
    }));

/** Own tabs meet the shop in its hooks: a wire could carry anything into the middle of a sale, and an upgrade may take the point away. */
const coreLinks: Rule = ({ flows }) => {
  const core = new Map(flows.core.map((node) => [node.id, node]));
  return flows.own.flatMap((node) =>
    [...wiresOf(node), ...linksOf(node)].flatMap((id) => {
      const point = core.get(id);
      const what = point && `${nameOf(node)} is wired to the shop's own ${nameOf(point)}: use a hook instead`;
      return what === undefined ? [] : [{ where: node.id, what }];
    }),
  );
};

const httpPaths: Rule = ({ flows }) => {
  const seen = new Map<string, FlowNode>();
  return flows.own
    .filter(({ type }) => type === 'http in')
    .flatMap((node) => {
      const other = seen.get(routeOf(node));
      seen.set(routeOf(node), node);
      return other === undefined
        ? []
        : [{ where: node.id, what: `${nameOf(node)} answers ${routeOf(node)}, as ${nameOf(other)} does` }];
    });
};

/** Neither would be asked. One that is switched off decides nothing. */
const deciders: Rule = ({ flows, byId }) => {
  const seen = new Map<unknown, FlowNode>();
  return flows.own
    .filter((node) => node.type === 'tapcase-decide' && node.d !== true && byId.get(homeIdOf(node))?.disabled !== true)
    .flatMap((node) => {
      const other = seen.get(node.question);
      seen.set(node.question, other ?? node);
      return other === undefined
        ? []
        : [
            {
              where: node.id,
              what: `${placeOf(node, byId)} decides ${node.question}, as ${placeOf(other, byId)} does: neither is asked`,
            },
          ];
    });
};

const locks: Rule = ({ flows }) =>
  flows.core
    .filter((node) => node.type === 'tab' && node.locked !== true)
    .map((node) => ({
      where: node.id,
      what: `${nameOf(node)} is a tab of the shop and not locked: an upgrade meets what is changed there`,
    }));

const secrets: Rule = ({ files, flows, nodes, references }) => [
  ...nodes.flatMap((node) => secretsOf(node.id, node)),
  ...Object.entries(flows.overrides).flatMap(([id, properties]) => secretsOf(id, properties)),
  ...Object.entries({ ...prefixed('core', files.core), ...prefixed('own', files.own) })
    .filter(([, text]) => SECRET_VALUE.test(text))
    .map(([where]) => ({
      where,
      what: 'holds what looks like a secret: type it into the editor as a credential, or name a variable',
    })),
  ...Object.entries(references).flatMap(([half, text]) => referenceFindings(`${half}/${CREDENTIALS_FILE}`, text)),
];

/** Other people's code that nobody fetched, checked or pinned; the settings refuse it too. */
const modules: Rule = ({ nodes }) =>
  nodes
    .filter(({ type, libs }) => type === 'function' && Array.isArray(libs) && libs.length > 0)
    .map((node) => ({ where: node.id, what: `${nameOf(node)} wants modules of its own` }));

const programs: Rule = ({ nodes }) =>
  nodes
    .filter(({ type }) => type === 'exec')
    .map((node) => ({ where: node.id, what: `${nameOf(node)} runs a program of this computer` }));

/** A message at quality 0 may be lost without a word. */
const quality: Rule = ({ nodes }) =>
  nodes
    .filter(({ type, qos }) => (type === 'mqtt in' || type === 'mqtt out') && !['1', '2'].includes(wordOf(qos)))
    .map((node) => ({ where: node.id, what: `${nameOf(node)} has no quality of service of 1 or 2` }));

/**
 * With `usetls` off Node-RED verifies nobody (10-mqtt.js), also where the address says mqtts://; on, it asks the chosen tls-config node,
 * and an address that says mqtt:// is none the worse for it. A variable may hold any address.
 */
const brokers: Rule = ({ nodes, byId }) =>
  nodes
    .filter(({ type }) => type === 'mqtt-broker')
    .filter((node) => {
      const address = wordOf(node.broker);
      const host = /^(?:\w+:\/\/)?(\[[^\]]*\]|[^:/]*)/.exec(address)?.[1] ?? '';
      const isProven = node.usetls === true && byId.get(wordOf(node.tls))?.verifyservercert === true;
      const isOpen = /^(mqtt|ws|tcp):\/\//.test(address);
      return !isLoopback(host) && (isOpen || !isProven);
    })
    .map((node) => ({
      where: node.id,
      what: `${nameOf(node)} does not prove that the broker is the one that is meant: use TLS, with a tls-config node that verifies`,
    }));

const unknownOverrides: Rule = ({ flows }) => {
  const core = new Set(flows.core.map(({ id }) => id));
  return Object.keys(flows.overrides)
    .filter((id) => !core.has(id))
    .map((id) => ({ where: 'own/overrides.json', what: `changes ${id}, which this release does not have` }));
};

const RULES: readonly Rule[] = [
  ...[broken, switchedOff, wires, homes, coreLinks, httpPaths, deciders, locks],
  ...[secrets, modules, programs, quality, brokers, unknownOverrides],
];

function wiresOf({ wires: outputs }: FlowNode): string[] {
  return Array.isArray(outputs) ? outputs.flat().filter((id) => typeof id === 'string') : [];
}

/** Its name, and the tab on which it is found. */
function placeOf(node: FlowNode, byId: ReadonlyMap<string, FlowNode>): string {
  const tab = byId.get(homeIdOf(node));
  return tab === undefined ? nameOf(node) : `${nameOf(node)} on ${nameOf(tab)}`;
}

function isAHome(node: FlowNode | undefined): boolean {
  return node !== undefined && isHome(node);
}

function secretsOf(id: string, properties: Readonly<Record<string, unknown>>): Finding[] {
  return Object.entries(properties)
    .filter(
      ([key, value]) => SECRET_KEY.test(key) && typeof value === 'string' && value !== '' && !REFERENCE.test(value),
    )
    .map(([key]) => ({
      where: id,
      what: `its ${key} holds a value: type it into the editor as a credential, or name a variable`,
    }));
}

function referenceFindings(where: string, text: string): Finding[] {
  let table: unknown;
  try {
    table = JSON.parse(text);
  } catch {
    return [{ where, what: 'is not JSON' }];
  }
  const values = Object.values((table ?? {}) as object).flatMap((row: unknown) => Object.values((row ?? {}) as object));
  const isAllReferences = values.every((value) => typeof value === 'string' && REFERENCE.test(value));
  return isAllReferences ? [] : [{ where, what: 'holds a value: only names of variables belong there' }];
}

function prefixed(half: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${half}/${name}`, text]));
}
