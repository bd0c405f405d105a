// Somebody of the cloud's staff opens the Pi, in the whole shop: as themselves, and with what their role may do there.
import assert from 'node:assert/strict';
import type { StaffRole } from '@tapcase/domain';
import { signInAs, signInAtEdge } from '../../../scripts/demo-staff.ts';
import type { ShopBench } from '../shop-bench.ts';

export function edgeSignOn({ shop }: ShopBench): void {
  /** Headers of a browser that has been led from the Pi to the cloud and back. */
  async function atTheEdge(role: StaffRole): Promise<Record<string, string>> {
    const { edgeUrl } = shop().shop;
    const cookie = await signInAtEdge(edgeUrl, await signInAs(role, shop().stateFolder));
    return cookie === undefined ? {} : { cookie: `${cookie.name}=${cookie.value}` };
  }

  it('a technician reads the editor and the page, and deploys nothing; a restocker is not let in', async () => {
    const { edgeUrl } = shop().shop;
    const headers = await atTheEdge('technician');
    const settings = await fetch(`${edgeUrl}/editor/settings`, { headers });
    const { user } = (await settings.json()) as { user: object };
    assert.deepEqual(user, { username: 'Tina', permissions: 'read' });
    assert.equal((await fetch(`${edgeUrl}/dashboard/technician`, { headers })).status, 200);
    const deploy = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '[]' };
    assert.equal((await fetch(`${edgeUrl}/editor/flows`, deploy)).status, 401);
    assert.deepEqual(await atTheEdge('restocker'), {});
  });

  it('an operator deploys a tab of their own, and not the shop’s', async () => {
    const { edgeUrl } = shop().shop;
    const headers = {
      ...(await atTheEdge('operator')),
      'content-type': 'application/json',
      'node-red-api-version': 'v2',
      'node-red-deployment-type': 'flows',
    };
    type Flows = { readonly rev: string; readonly flows: readonly { readonly id: string; readonly type: string }[] };
    const read = async () => (await (await fetch(`${edgeUrl}/editor/flows`, { headers })).json()) as Flows;
    const deploy = async (change: (flows: Flows['flows']) => object[]) => {
      const { rev, flows } = await read();
      const body = JSON.stringify({ rev, flows: change(flows) });
      const answer = await fetch(`${edgeUrl}/editor/flows`, { method: 'POST', headers, body });
      return [answer.status, await answer.text()] as const;
    };
    const broker = await deploy((flows) =>
      flows.map((node) => (node.type === 'mqtt-broker' ? { ...node, broker: 'elsewhere.example' } : node)),
    );
    assert.deepEqual([broker[0], /flows\.not-yours/.test(broker[1])], [400, true], broker[1]);
    const tab = { id: 'mine', type: 'tab', label: 'Mine', disabled: false, info: '', env: [] };
    assert.equal((await deploy((flows) => [...flows, tab]))[0], 200);
    assert.equal((await deploy((flows) => flows.filter(({ id }) => id !== 'mine')))[0], 200);
  });
}
