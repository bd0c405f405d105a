// Whether receipts can come as notifications on this phone, and the steps to get there. Never asks by itself.
import type { Language } from '@tapcase/domain/protocol';
import { ApiFault, api } from './api.ts';
import { recall, remember } from './memory.ts';

const DECLINED_KEY = 'tapcase.no-push';

/** True when it makes sense to offer: possible, not refused, not yet done, and not put off before. */
export async function canOfferPush(): Promise<boolean> {
  if (!('Notification' in window && 'PushManager' in window && 'serviceWorker' in navigator)) return false;
  if (Notification.permission === 'denied' || recall(DECLINED_KEY) !== null) return false;
  const registration = await navigator.serviceWorker.getRegistration();
  if (registration === undefined) return false;
  return (await registration.pushManager.getSubscription().catch(() => null)) === null;
}

export function declinePush(): void {
  remember(DECLINED_KEY, 'yes');
}

/** To be called from a click: browsers show the question only then. */
export async function subscribeToReceipts(language: Language): Promise<'done' | 'denied' | 'failed'> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  const me = await api.me();
  if (me instanceof ApiFault) return 'failed';
  try {
    const { pushManager } = await navigator.serviceWorker.ready;
    const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: me.vapidPublicKey });
    const { endpoint, keys } = made.toJSON();
    const { p256dh, auth } = keys ?? {};
    if (endpoint === undefined || p256dh === undefined || auth === undefined) return 'failed';
    const stored = await api.subscribe({ subscription: { endpoint, keys: { p256dh, auth } }, language });
    if (!(stored instanceof ApiFault)) return 'done';
    // A subscription the cloud does not know would only keep us from offering it again.
    await made.unsubscribe();
  } catch {
    // The browser's push service is out of reach, or there is none.
  }
  return 'failed';
}

/** The next person to sign in on this phone must not get this one's receipts. */
export async function stopReceipts(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription().catch(() => null);
  await subscription?.unsubscribe().catch(() => false);
}
