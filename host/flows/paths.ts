// Where an operator's own flows may wait for requests, and which request an HTTP input waits for.
import { Fault } from '@tapcase/domain';
import { OWN_ROOT } from '../routes.ts';
import { type FlowNode, nameOf, wordOf } from './node.ts';

/** No step upwards. */
const WORD = '[\\w~-][\\w.~-]*';
/**
 * Below /own/, where the shop itself answers nothing. Words, `:name` for any word, `*` at the end for whatever follows: more of a
 * pattern could match what is not below it, and some patterns take a request hours to try.
 */
const OWN_PATH = new RegExp(`^${OWN_ROOT.slice(0, -1)}(/(:\\w+|${WORD}))*(/\\*|/(:\\w+|${WORD})/?)$`);

/** `get /api/visits/:`: `/API/visits/:id/` and `/api/visits/:visit` are one path to the web server. */
export function routeOf({ method, url }: FlowNode): string {
  const path = `/${wordOf(url)}`
    .replace(/\/+/g, '/')
    .replace(/(.)\/$/, '$1')
    .replace(/:\w+/g, ':')
    .toLowerCase();
  return `${wordOf(method) || 'get'} ${path}`;
}

/** `flows.own-path` where an operator's node waits for requests that are not its, or for frames of any depth. */
export function wrongPath(node: FlowNode): Fault | undefined {
  const path = pathOf(node);
  if (path === undefined || node.d === true) return undefined;
  if (!OWN_PATH.test(path)) {
    return new Fault(
      'flows.own-path',
      `${nameOf(node)} waits for "${path}", and the paths of own flows begin with ${OWN_ROOT}, as ${OWN_ROOT}today or ${OWN_ROOT}cases/:case do; no other pattern than :name and a last *`,
      {
        node: node.id,
        es: `${nameOf(node)} espera "${path}", y las rutas de los flujos propios empiezan por ${OWN_ROOT}, como ${OWN_ROOT}hoy o ${OWN_ROOT}cases/:case; sin más patrón que :nombre y un * final`,
      },
    );
  }
  // Such a message is as deep as a stranger likes, and Node-RED copies it.
  if (node.type !== 'websocket-listener' || String(node.wholemsg) !== 'true') return undefined;
  return new Fault(
    'flows.own-path',
    `${nameOf(node)} takes whole messages from strangers: let it send and receive the payload`,
    {
      node: node.id,
      es: `${nameOf(node)} acepta mensajes enteros de desconocidos: que envíe y reciba el payload`,
    },
  );
}

function pathOf({ type, url, path }: FlowNode): string | undefined {
  if (type === 'http in') return wordOf(url);
  return type === 'websocket-listener' ? wordOf(path) : undefined;
}
