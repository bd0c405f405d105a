// Lets a node's dialog ask the runtime something: one POST under the editor's root, for those who may change flows.
import type { NodeAPI } from 'node-red';
import { usePort } from './context.ts';
import { toFault } from './fault.ts';
import { textsOf } from './texts.ts';

export interface AdminContext {
  /** The port that the deployed config node `id` of `type` opened. Throws `config.missing-node`, or that node's own Fault. */
  use<P>(id: string, type: string): P;
}

/** Answers the body of the request, which is untyped; throws a Fault to refuse it. */
export type AdminAction = (body: unknown, admin: AdminContext) => Promise<object>;

const STATUS = { refused: 400, broken: 500 } as const;

/**
 * `POST <editor>/<type>/<name>`, permission `<type>.write`. A Fault is answered as `{ error: { code, message } }`, told
 * in the language of the Node-RED; the dialog
 * asks with a relative path, to which the editor adds its token.
 */
export function registerAction(RED: NodeAPI, type: string, name: string, action: AdminAction): void {
  const use: AdminContext['use'] = (id, portType) => usePort(RED, id, portType);
  RED.httpAdmin.post(`/${type}/${name}`, RED.auth.needsPermission(`${type}.write`), (request, response) => {
    Promise.resolve()
      .then(() => action(request.body, { use }))
      .then((answer) => response.json(answer))
      .catch((thrown: unknown) => {
        const fault = toFault(thrown);
        const isOurs = fault.code === 'node.bug';
        if (isOurs) RED.log.error(`[${type}] ${fault.stack ?? fault.message}`);
        const { code, message } = textsOf(RED, type).fault(fault);
        response.status(isOurs ? STATUS.broken : STATUS.refused).json({ error: { code, message } });
      });
  });
}
