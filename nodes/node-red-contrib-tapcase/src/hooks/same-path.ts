// Finds HTTP inputs of two tabs that wait for the same request: one of them never gets it.
import { Fault } from '@tapcase/domain';
import type { NodeAPI } from 'node-red';

interface Definition {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly d?: boolean;
  readonly disabled?: boolean;
  readonly label?: string;
  readonly method?: string;
  readonly url?: string;
}

/** `hook.same-path` for each request that several nodes wait for, with the names of their tabs. */
export function samePaths(RED: NodeAPI): readonly Fault[] {
  const tabs = new Map<string, Definition>();
  const byRequest = new Map<string, Definition[]>();
  RED.nodes.eachNode((definition) => {
    const node = definition as unknown as Definition;
    if (node.type === 'tab') tabs.set(node.id, node);
    if (node.type !== 'http in' || node.d === true) return;
    const request = `${(node.method ?? 'get').toUpperCase()} /${(node.url ?? '').replace(/^\/+|\/+$/g, '')}`;
    byRequest.set(request, [...(byRequest.get(request) ?? []), node]);
  });
  return [...byRequest].flatMap(([request, nodes]) => {
    const running = nodes.filter(({ z = '' }) => tabs.get(z)?.disabled !== true);
    if (running.length < 2) return [];
    const labels = running.map(({ z = '' }) => tabs.get(z)?.label ?? z);
    const message = `"${labels.join('" and "')}" wait for the same request, ${request}`;
    return [new Fault('hook.same-path', message, { request, names: labels.join(', ') })];
  });
}
