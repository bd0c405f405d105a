// The worker: shows receipts that arrive as pushes, and an honest page where there is no connection. It caches nothing
// else and never answers for /api, so what the customer sees of a visit is always the cloud's own word.
import type { PushDocument } from '@tapcase/domain/protocol';

declare const self: ServiceWorkerGlobalScope;

const CACHE = 'tapcase-offline-1';
const OFFLINE_PAGE = '/offline.html';
const OFFLINE_STYLE = '/offline.css';
/** The app's own pages; anything else on this origin (the editor, dashboards) keeps the browser's own error. */
const APP_PAGE = /^\/(?:$|case\/|visit\/)/;

self.addEventListener('install', (event) => {
  const files = [OFFLINE_PAGE, OFFLINE_STYLE].map((path) => new Request(path, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files)));
  void self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== self.location.origin) return;
  const isAppPage = event.request.mode === 'navigate' && APP_PAGE.test(pathname);
  if (isAppPage) event.respondWith(fromNetworkOr(event.request, OFFLINE_PAGE));
  else if (pathname === OFFLINE_STYLE) event.respondWith(fromNetworkOr(event.request, OFFLINE_STYLE));
});

self.addEventListener('push', (event) => {
  const { title, body, tag, lang, navigate } = readPush(event.data);
  event.waitUntil(
    self.registration.showNotification(title, {
      body,
      tag,
      lang,
      icon: '/icon-192.png',
      badge: '/icon-192.png',
      data: { navigate },
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(ownPage((event.notification.data as { navigate?: unknown } | null)?.navigate)));
});

async function fromNetworkOr(request: Request, fallback: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(fallback)) ?? Response.error();
  }
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

type Notice = PushDocument['notification'];

/** A push that shows nothing costs the permission on some phones, so one we cannot read still shows that something came. */
function readPush(data: PushMessageData | null): Notice {
  const spanish = self.navigator.language.startsWith('es');
  const plain: Notice = {
    title: 'Tapcase',
    body: spanish ? 'Hay novedades de tu visita.' : 'There is news about your visit.',
    navigate: '/',
    tag: 'tapcase',
    lang: spanish ? 'es' : 'en',
  };
  try {
    const { notification } = (data?.json() ?? {}) as PushDocument;
    return typeof notification.title === 'string' ? { ...plain, ...notification } : plain;
  } catch {
    return plain;
  }
}

/** Only pages of this origin open from a notification. */
function ownPage(navigate: unknown): string {
  try {
    const url = new URL(String(navigate), self.location.origin);
    return url.origin === self.location.origin ? url.href : self.location.origin;
  } catch {
    return self.location.origin;
  }
}

async function show(url: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = windows.find((client) => client.url === url);
  await (there === undefined ? self.clients.openWindow(url) : there.focus());
}
