// Which request an HTTP input waits for, and whether two wait for the same. Node-RED lets them, and when one of two with one
// path is deployed away, it takes the other's path from the web server too.
import { type FlowNode, wordOf } from './node.ts';

/** `get /api/visits/:`: `/API/visits/:id/` and `/api/visits/:visit` are one path to the web server. */
export function routeOf({ method, url }: FlowNode): string {
  const path = `/${wordOf(url)}`
    .replace(/\/+/g, '/')
    .replace(/(.)\/$/, '$1')
    .replace(/:\w+/g, ':')
    .toLowerCase();
  return `${wordOf(method) || 'get'} ${path}`;
}

/**
 * The HTTP input among `core` whose requests `node` would take: by the same path, a wider or a narrower one, or one below the
 * same first part, for there the shop answers itself what it does not know (host/routes.ts).
 */
export function sharedWith(node: FlowNode, core: readonly FlowNode[]): FlowNode | undefined {
  if (node.type !== 'http in' || node.d === true) return undefined;
  const route = routeOf(node);
  const inputs = core.filter(({ type }) => type === 'http in');
  return (
    inputs.find((other) => covers(route, routeOf(other)) || covers(routeOf(other), route)) ??
    inputs.find((other) => rootOf(other) !== '' && rootOf(other) === rootOf(node))
  );
}

/** `api` of `get /api/visits/:`. */
function rootOf(node: FlowNode): string {
  return routeOf(node).split('/')[1]!;
}

/** Whether what `narrow` waits for is among what `wide` waits for; of a path's patterns those that people write. */
function covers(wide: string, narrow: string): boolean {
  const pattern = wide
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    // A row of them is one, and not as many ways to try.
    .replace(/\*+/g, '.*')
    .replace(/:/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(narrow.replaceAll(':', 'x').replaceAll('*', 'x'));
}
