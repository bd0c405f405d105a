// Where a customer is signed in, as they see it on the phone they hold: this one, one that was lost, and the end of that.
import assert from 'node:assert/strict';
import { type BrowserBench, PHONE, shoot } from '../shop-bench.ts';

const EMAIL = 'maria-roams@example.com';
/** The narrowest phone there is. */
const NARROW = { viewport: { width: 320, height: 640 } };
const LOST = {
  ...PHONE,
  userAgent: 'Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0',
};

export function devices({ at, people, signIn }: BrowserBench): void {
  const { page: pageOf, mistakes } = people({ phone: NARROW, lost: LOST });

  it('asks who it is, and shows the one phone there is', async () => {
    const phone = await pageOf('phone');
    await phone.goto(at('/devices'));
    await signIn(phone, EMAIL);
    await phone.getByRole('heading', { name: 'Where you are signed in' }).waitFor();
    await phone.getByText('This device').waitFor();
    await phone.getByText('You are signed in nowhere else.').waitFor();
    assert.equal(await phone.getByRole('button', { name: 'Sign out everywhere else' }).count(), 0);
  });

  it('shows another with its browser, and ends it', async () => {
    const lost = await pageOf('lost');
    await lost.goto(at('/visits'));
    await signIn(lost, EMAIL);
    await lost.getByRole('heading', { name: 'Your visits' }).waitFor();
    const phone = await pageOf('phone');
    await phone.reload();
    await phone.getByText('Firefox · Android').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await phone.emulateMedia({ colorScheme });
      await shoot(phone, `phone-devices-${colorScheme}`);
    }
    const overflow = await phone.evaluate('document.documentElement.scrollWidth - innerWidth');
    assert.ok(Number(overflow) <= 0, `${overflow} px too wide`);
    await phone.getByRole('button', { name: 'End: Firefox · Android' }).click();
    await phone.getByText('You are signed in nowhere else.').waitFor();
    await lost.reload();
    await lost.getByLabel('E-mail address').waitFor();
  });

  it('says so in Spanish, and what to do when the list cannot be had', async () => {
    const phone = await pageOf('phone');
    await phone.getByRole('button', { name: 'Español' }).click();
    await phone.getByRole('heading', { name: 'Dónde has iniciado sesión' }).waitFor();
    await phone.getByText('Este dispositivo').waitFor();
    await phone.getByRole('button', { name: 'English' }).click();
    const away = { error: { code: 'ledger.unavailable', message: '' } };
    await phone.route('**/api/me/sessions', (route) => route.fulfill({ status: 503, json: away }));
    await phone.reload();
    await phone.getByText('The shop cannot answer just now.').waitFor();
    await shoot(phone, 'phone-devices-failed');
    await phone.unroute('**/api/me/sessions');
    await phone.getByRole('button', { name: 'Try again' }).click();
    await phone.getByText('This device').waitFor();
  });

  it('is signed out, and asked who it is', async () => {
    const phone = await pageOf('phone');
    await phone.getByRole('button', { name: 'Sign out' }).click();
    await phone.getByLabel('E-mail address').waitFor();
    await phone.goto(at('/visits'));
    await phone.getByLabel('E-mail address').waitFor();
    assert.deepEqual(mistakes, []);
  });
}
