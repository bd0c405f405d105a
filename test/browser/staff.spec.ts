// The staff's pages in a real browser, whose passkeys are Chromium's virtual authenticator: the first owner, whom they invite, and
// what ends. Alone with a ledger; the shop around it is other specs' matter.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { staffIdentity } from '../../host/staff/app.ts';
import { firstOwnerLink } from '../../host/staff/owner-link.ts';
import { openLedger } from '../../ledger/src/open.ts';
import type { Ledger } from '../../ledger/src/port.ts';
import { startChromium } from '../chromium.ts';
import { codeAt } from '../host/staff-bench.ts';
import { HANG_MS, until } from '../patience.ts';

const PAGES = join(import.meta.dirname, '..', '..', 'pwa', 'staff', 'dist');
const PASSWORD = 'seven grey kitchens';
/** Wider than a page may be is what a person must push sideways. */
const NARROW = { width: 320, height: 640 };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 } };
const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };

describe('the staff’s pages in the browser', () => {
  let browser: Browser;
  let server: Server;
  let ledger: Ledger;
  let origin: string;
  let folder: string;
  const contexts: BrowserContext[] = [];
  const mistakes: string[] = [];

  before(async function () {
    browser = await startChromium(this);
    folder = mkdtempSync(join(tmpdir(), 'tapcase-staff-'));
    ledger = await openLedger({ file: join(folder, 'ledger.db') });
    const app = express();
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    app.use(staffIdentity({ ledger, origin, pagesFolder: PAGES, log: (line) => mistakes.push(line) }));
    app.get('/dashboard/money', (_request, response) => response.send('<title>Money</title>'));
  });
  after(async () => {
    for (const context of contexts) await context.close();
    await browser?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
    await ledger?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** A browser of somebody's own, with a key that its owner always unlocks. */
  const person = async (options: BrowserContextOptions, withKey = true): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options });
    contexts.push(context);
    context.setDefaultTimeout(HANG_MS); // real time: playwright's own guard, as long as ours.
    context.on('weberror', (error) => mistakes.push(error.error().message));
    const page = await context.newPage();
    if (withKey) await giveKey(page);
    return page;
  };
  const signOut = (page: Page) => page.getByRole('button', { name: 'Sign out', exact: true }).first().click();

  let ann: Page;
  let bob: Page;
  let bobsSecret: string;
  let invitation: string;

  it('let the first owner in by the printed link, with a passkey, and again after signing out', async () => {
    ann = await person(DESK);
    const link = await firstOwnerLink({ ledger, origin, nowMs: Date.now() });
    await ann.goto(link!);
    await ann.getByLabel('Your name').fill('Ann');
    await shot(ann, 'invite-desk');
    await ann.getByRole('button', { name: 'Use a passkey' }).click();
    await ann.getByRole('heading', { name: 'Hello, Ann' }).waitFor();
    assert.equal(new URL(ann.url()).pathname, '/');
    await shot(ann, 'home-desk');
    await signOut(ann);
    await ann.getByRole('heading', { name: 'Sign in' }).waitFor();
    await shot(ann, 'sign-in-desk');
    await ann.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await ann.getByRole('heading', { name: 'Hello, Ann' }).waitFor();
    assert.equal(await firstOwnerLink({ ledger, origin, nowMs: Date.now() }), undefined);
    await ann.goto(link!);
    await ann.getByRole('heading', { name: 'This link is over' }).waitFor();
  });

  it('let an owner invite a technician, who accepts with a password and an app for codes', async () => {
    await ann.goto(`${origin}/team`);
    await ann.getByRole('button', { name: 'Invite somebody' }).click();
    await ann.getByLabel('Name', { exact: true }).fill('Bob');
    await ann.getByLabel('Technician').check();
    await shot(ann, 'team-invite-desk');
    await ann.getByRole('button', { name: 'Make the link' }).click();
    invitation = (await ann.locator('.link-box code').textContent())!;
    await shot(ann, 'team-link-desk');
    bob = await person({ ...PHONE, colorScheme: 'dark' }, false);
    await bob.goto(invitation);
    await bob.getByText('You were invited as technician.').waitFor();
    await shot(bob, 'invite-phone-dark');
    await bob.getByRole('button', { name: 'Password and codes instead' }).click();
    const uri = (await bob.getByRole('link', { name: 'Open in an app on this device' }).getAttribute('href'))!;
    bobsSecret = new URL(uri).searchParams.get('secret')!;
    await bob.getByLabel('Password', { exact: true }).fill('bobbobbobbob');
    await bob.getByLabel('The code that the app shows now').fill(codeAt(bobsSecret, Date.now()));
    await bob.getByRole('button', { name: 'Save' }).click();
    await bob.getByText('Somebody would guess this password.').waitFor();
    await shot(bob, 'invite-password-phone-dark');
    await bob.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await bob.getByLabel('The code that the app shows now').fill(codeAt(bobsSecret, Date.now()));
    await bob.getByRole('button', { name: 'Save' }).click();
    await bob.getByRole('heading', { name: 'Hello, Bob' }).waitFor();
    await shot(bob, 'home-phone-dark');
  });

  it('show a technician what they may do, and nothing else', async () => {
    const links = await bob.locator('main a strong').allTextContents();
    assert.deepEqual(links, ['Sensors', 'The flows', 'You']);
    await bob.goto(`${origin}/team`);
    await bob.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await shot(bob, 'refused-phone-dark');
  });

  it('end a technician’s session by the owner: the next click is refused', async () => {
    await bob.goto(`${origin}/account`);
    await bob.getByRole('heading', { name: 'Passkeys' }).waitFor();
    await shot(bob, 'account-phone-dark');
    await ann.reload();
    await ann.getByRole('button', { name: 'Change: Bob' }).click();
    await shot(ann, 'team-member-desk');
    await ann.getByRole('button', { name: 'End all sessions' }).click();
    await ann.getByText('password · not signed in').waitFor();
    await bob
      .getByRole('button', { name: 'Set a password' })
      .or(bob.getByRole('button', { name: 'Change it' }))
      .click();
    await bob.getByText('You were signed out here. Sign in to go on.').waitFor();
    await shot(bob, 'signed-out-phone-dark');
  });

  it('let the technician in again by password and the next code, to where they were', async () => {
    const used = await lastStep();
    await bob.getByRole('button', { name: 'Use password and code instead' }).click();
    await shot(bob, 'sign-in-phone-dark');
    await bob.getByLabel('Name or e-mail').fill('bob');
    await bob.getByLabel('Password').fill(PASSWORD);
    // A code of the next step is good a step ahead, so that nobody has to wait for it.
    await bob.getByLabel('Code from your app').fill(codeAt(bobsSecret, (used + 1) * 30_000));
    await bob.getByRole('button', { name: 'Sign in', exact: true }).click();
    await bob.getByRole('heading', { name: 'Passkeys' }).waitFor();
  });

  it('go on to the page that sent somebody to sign in, on this origin alone', async () => {
    await ann.goto(`${origin}/sign-in?next=/dashboard/money`);
    await ann.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await ann.waitForURL(`${origin}/dashboard/money`);
    for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example/', 'javascript:alert(1)']) {
      await ann.goto(`${origin}/sign-in?next=${encodeURIComponent(next)}`);
      await ann.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await ann.getByRole('heading', { name: 'Hello, Ann' }).waitFor();
      assert.equal(ann.url(), `${origin}/`);
    }
  });

  it('tell who did what, of one person too', async () => {
    await ann.goto(`${origin}/audit`);
    await ann.getByText('Ann invited Bob as technician').waitFor();
    await shot(ann, 'audit-desk');
    await ann.getByLabel('Person').selectOption({ label: 'Bob' });
    await ann.getByText('Bob joined, invited by Ann').waitFor();
    await ann.getByText('Ann invited Bob as technician').waitFor({ state: 'detached' });
  });

  it('add a passkey and take it away again', async () => {
    await ann.goto(`${origin}/account`);
    await ann.getByRole('button', { name: /^Remove/ }).click();
    await ann.getByText('Nothing else would let you in').waitFor();
    await shot(ann, 'account-last-way-desk');
    await ann.getByRole('button', { name: 'Add a passkey' }).click();
    await ann.getByText('This device has a passkey for these pages already.').waitFor();
    await giveKey(ann, 'usb');
    await ann.getByRole('button', { name: 'Add a passkey' }).click();
    await until('two passkeys', async () => (await ann.getByRole('button', { name: /^Remove/ }).count()) === 2);
    await ann
      .getByRole('button', { name: /^Remove/ })
      .last()
      .click();
    await until('one passkey', async () => (await ann.getByRole('button', { name: /^Remove/ }).count()) === 1);
  });

  it('speak Spanish, fit a small phone, and say when the shop cannot be reached', async () => {
    await ann.getByRole('button', { name: 'Español' }).click();
    const pages = {
      '/': 'Hola, Ann',
      '/team': 'Equipo',
      '/audit': 'Registro',
      '/restock': 'Reponer',
      '/account': 'Tú',
    };
    for (const [path, heading] of Object.entries(pages)) {
      await ann.goto(`${origin}${path}`);
      await ann.getByRole('heading', { name: heading, level: 1 }).waitFor();
      await ann.locator('.block').first().waitFor();
      if (path === '/team') await ann.getByRole('button', { name: 'Cambiar: Bob' }).click();
      for (const [name, size] of [
        ['desk', DESK.viewport!],
        ['phone', PHONE.viewport!],
        ['narrow', NARROW],
      ] as const) {
        await ann.setViewportSize(size);
        const wide = await ann.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${path} is ${wide} px too wide at ${size.width}`);
        await shot(ann, `es${path === '/' ? '-home' : path.replace('/', '-')}-${name}`);
      }
      await ann.setViewportSize(DESK.viewport!);
      await ann.emulateMedia({ colorScheme: 'dark' });
      await shot(ann, `es${path === '/' ? '-home' : path.replace('/', '-')}-desk-dark`);
      await ann.emulateMedia({ colorScheme: 'light' });
    }
    await ann.route('**/staff/api/team', (route) => route.abort());
    await ann.goto(`${origin}/team`);
    await ann.getByText('No se puede llegar a la tienda.').waitFor();
    await shot(ann, 'es-team-failed-desk');
    await ann.unroute('**/staff/api/team');
    await ann.getByRole('button', { name: 'Intentar de nuevo' }).click();
    await ann.getByText('Bob').first().waitFor();
    await ann.getByRole('button', { name: 'English' }).click();
  });

  it('show whoever restocks an empty page, and refuse them the rest', async () => {
    const { body } = await invite('Cat', 'restocker');
    const cat = await person(PHONE);
    await cat.goto(body.url);
    await cat.getByRole('button', { name: 'Use a passkey' }).click();
    await cat.getByRole('heading', { name: 'Hello, Cat' }).waitFor();
    assert.deepEqual(await cat.locator('main a strong').allTextContents(), ['Restock', 'You']);
    await cat.getByRole('link', { name: 'Restock' }).first().click();
    await cat.getByRole('heading', { name: 'Nothing to restock yet' }).waitFor();
    await shot(cat, 'restock-phone');
    for (const path of ['/team', '/audit']) {
      await cat.goto(`${origin}${path}`);
      await cat.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    }
  });

  it('throw nothing', () => assert.deepEqual(mistakes, []));

  const invite = (name: string, role: string): Promise<{ body: { url: string } }> =>
    ann.evaluate(
      async (given) => {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch('/staff/api/team/invite', {
          method: 'POST',
          headers,
          body: JSON.stringify(given),
        });
        return { body: await response.json() };
      },
      { name, role },
    );
  const lastStep = async (): Promise<number> => {
    const { id } = (await ledger.staffByLogin('Bob'))!;
    return (await ledger.password(id))!.totpStep;
  };
});

/** CTAP 2.1 with user verification, as a phone or a laptop has it inside; Chromium's own (chromedevtools.github.io, WebAuthn). */
async function giveKey(page: Page, transport: 'internal' | 'usb' = 'internal'): Promise<void> {
  const session = await page.context().newCDPSession(page);
  // Off and on: whatever key was there before is gone.
  await session.send('WebAuthn.disable');
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Where somebody wants to look: TAPCASE_SHOTS=folder. */
async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.TAPCASE_SHOTS ?? '';
  if (folder === '') return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `staff-${name}.png`), fullPage: true });
}
