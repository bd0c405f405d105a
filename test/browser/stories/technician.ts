// The technician's page on the Pi, as a person sees it: live pictures, what each part says, faults; and who may see it.
import assert from 'node:assert/strict';
import { newCustomer, visit } from '../../../scripts/demo-visit.ts';
import { taking } from '../../e2e/shop-bench.ts';
import { within } from '../../patience.ts';
import { type BrowserBench, openEditor, STAFF, shoot, TECHNICIAN } from '../shop-bench.ts';

export function technician({ shop, people, world }: BrowserBench): void {
  const { page } = people({ owner: STAFF, technician: { staff: 'technician' } });
  const edge = (path: string) => `${shop().shop.edgeUrl}${path}`;
  it('asks who is there; a technician may see the Pi’s page, and not the cloud’s money', async () => {
    assert.equal((await fetch(edge('/dashboard/technician'))).status, 401);
    const authorization = `Basic ${btoa(`${TECHNICIAN.username}:${TECHNICIAN.password}`)}`;
    assert.equal((await fetch(edge('/dashboard/technician'), { headers: { authorization } })).status, 200);
    const money = await fetch(`${shop().shop.staffUrl}/dashboard/money`, { headers: { authorization } });
    assert.equal(money.status, 401);
  });

  it('shows how the shelf stood when the Pi started, counted by both cameras', async () => {
    const desk = await page('technician');
    await desk.setViewportSize({ width: 1280, height: 1100 });
    await desk.goto(edge('/'));
    await desk
      .getByText(/after a visit · 6 candy, 6 chips, 6 cola, 6 juice, 6 soda, 6 water/)
      .nth(1)
      .waitFor();
    await desk.getByText('None since the start.').waitFor();
    await desk.getByRole('cell', { name: 'Signal line' }).waitFor();
    await desk.getByRole('cell', { name: 'Disk free' }).waitFor();
    await shoot(desk, 'technician');
  });

  it('tells of a camera that was covered, in words', async () => {
    const desk = await page('technician');
    await world('cameras', { covered: true });
    try {
      const running = shop().shop;
      await within('the receipt', visit(running, await newCustomer(running), taking('chips')));
      await desk.getByRole('cell', { name: 'camera.covered' }).first().waitFor();
      await desk.getByText('the camera sees nothing: dark, white or flat').first().waitFor();
      await shoot(desk, 'technician-covered');
    } finally {
      await world('cameras', { covered: false });
    }
  });

  it('in the cloud sees the sensors, not the money, and reads the editor under their own name until they log out', async () => {
    const { staffUrl } = shop().shop;
    const desk = await page('technician');
    await desk.goto(`${staffUrl}/dashboard/sensors`);
    await desk.getByText('How the cases are').waitFor();
    await desk.getByRole('cell', { name: 'Lobby fridge' }).first().waitFor();
    await shoot(desk, 'technician-sensors');
    await desk.goto(`${staffUrl}/dashboard/money`);
    await desk.getByRole('heading', { name: 'Your role may not open this page.' }).waitFor();
    const editor = await openEditor(desk, `${staffUrl}/editor/`);
    assert.equal(await editor.evaluate('RED.settings.user.username'), 'Tina');
    await editor.evaluate('RED.user.logout()');
    await editor.waitForURL(`${staffUrl}/sign-in`);
    await editor.getByRole('heading', { name: 'Sign in' }).first().waitFor();
    await editor.goto(`${staffUrl}/editor/`);
    await editor.waitForURL(`${staffUrl}/sign-in?next=%2Feditor%2F`);
  });
}
