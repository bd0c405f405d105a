// The pages a person sees: save a card, pay with one, answer the bank. Plain HTML, no script, light and dark, phone first.
import type Stripe from 'stripe';
import type { TestCard } from './card-facts.ts';
import { returnUrl } from './page-actions.ts';
import { PAGE_STYLE } from './page-style.ts';
import { CURRENCIES } from './published/currencies.ts';
import { TEST_CARDS } from './test-cards.ts';

type Language = 'en' | 'es';

const TEXTS = {
  en: {
    banner: 'Stripe stand-in: test cards only',
    title: 'Save a card',
    lead: 'Nothing is charged now. No real card can be entered here.',
    legend: 'Test card',
    savedLegend: 'Your cards',
    save: 'Save card',
    cancel: 'Cancel and go back',
    complete: 'This card is already saved.',
    expired: 'This page has expired. Please start again.',
    back: 'Go back',
    declined: 'The bank declined this card. Please choose another one.',
    payTitle: 'Pay',
    payLead: (amount: string) => `You pay ${amount}. No real card can be entered here.`,
    pay: (amount: string) => `Pay ${amount}`,
    paid: 'This is paid. Thank you!',
    askTitle: 'Your bank asks',
    askLead: (amount: string) => `Is this payment of ${amount} yours?`,
    confirm: 'Yes, confirm',
    refuse: 'No, refuse',
    nothingAsked: 'There is nothing to confirm here any more.',
  },
  es: {
    banner: 'Stripe simulado: solo tarjetas de prueba',
    title: 'Guardar una tarjeta',
    lead: 'Ahora no se cobra nada. Aquí no se puede usar una tarjeta real.',
    legend: 'Tarjeta de prueba',
    savedLegend: 'Tus tarjetas',
    save: 'Guardar tarjeta',
    cancel: 'Cancelar y volver',
    complete: 'Esta tarjeta ya está guardada.',
    expired: 'Esta página ha caducado. Empieza de nuevo.',
    back: 'Volver',
    declined: 'El banco rechazó esta tarjeta. Elige otra.',
    payTitle: 'Pagar',
    payLead: (amount: string) => `Pagas ${amount}. Aquí no se puede usar una tarjeta real.`,
    pay: (amount: string) => `Pagar ${amount}`,
    paid: 'Esto está pagado. ¡Gracias!',
    askTitle: 'Tu banco pregunta',
    askLead: (amount: string) => `¿Es tuyo este pago de ${amount}?`,
    confirm: 'Sí, confirmar',
    refuse: 'No, rechazar',
    nothingAsked: 'Aquí ya no hay nada que confirmar.',
  },
} as const;

export interface Page {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

export interface CheckoutView {
  readonly session: Stripe.Checkout.Session;
  readonly saved: readonly Stripe.PaymentMethod[];
  /** The bank's question stands. */
  readonly isAsking: boolean;
  /** The bank refused the card tried before. */
  readonly isDeclined: boolean;
}

export function checkoutPage(view: CheckoutView, nonce: string): Page {
  const { session } = view;
  const language = session.locale === 'es' ? 'es' : 'en';
  // Browsers hold a form's redirect against form-action, so the shop's own origin stands there too.
  const shop = new URL(session.success_url!).origin;
  const title = session.mode === 'payment' ? TEXTS[language].payTitle : TEXTS[language].title;
  return page({ language, title, inner: innerOf(view, language), nonce, shop });
}

/** The bank's question about a payment that the shop confirmed with a return address. */
export function bankPage(intent: Stripe.PaymentIntent, nonce: string): Page {
  const back = intent.next_action?.redirect_to_url?.return_url ?? null;
  const inner =
    intent.status === 'requires_action'
      ? question(amountText(intent.amount, intent.currency, 'en'), 'en')
      : `<h1>${TEXTS.en.askTitle}</h1>\n<p class="lead">${TEXTS.en.nothingAsked}</p>`;
  const shop = back === null ? '' : new URL(back).origin;
  return page({ language: 'en', title: TEXTS.en.askTitle, inner, nonce, shop });
}

interface Frame {
  readonly language: Language;
  readonly title: string;
  readonly inner: string;
  readonly nonce: string;
  readonly shop: string;
}

function page({ language, title, inner, nonce, shop }: Frame): Page {
  const { banner } = TEXTS[language];
  const html = `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · ${banner}</title>
<style nonce="${nonce}">${PAGE_STYLE}</style>
</head>
<body>
<div class="banner" role="note">${banner}</div>
<main>
${inner}
</main>
</body>
</html>
`;
  const rules = `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self' ${shop}`;
  return { html, contentSecurityPolicy: `${rules.trim()}; frame-ancestors 'none'; base-uri 'none'` };
}

function innerOf({ session, saved, isAsking, isDeclined }: CheckoutView, language: Language): string {
  if (session.status !== 'open') return ended(session, language);
  if (isAsking) return question(amountText(session.amount_total ?? 0, session.currency, language), language);
  return cardForm({ session, saved, isDeclined }, language);
}

/** A page that saves a card and one that is paid on differ in four sentences. */
function wordsOf(session: Stripe.Checkout.Session, language: Language) {
  const { title, lead, save, complete, payTitle, payLead, pay, paid } = TEXTS[language];
  if (session.mode !== 'payment') return { title, lead, save, complete };
  const amount = amountText(session.amount_total ?? 0, session.currency, language);
  return { title: payTitle, lead: payLead(amount), save: pay(amount), complete: paid };
}

function amountText(amountMinor: number, currency: string | null, language: Language): string {
  const { decimals = 2 } = CURRENCIES.get(currency ?? 'usd') ?? {};
  // Not the decimals that Intl knows: Stripe writes crowns of Iceland in hundredths, and ariary in whole ones.
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const format = new Intl.NumberFormat(language, { style: 'currency', currency: currency ?? 'usd', ...digits });
  return format.format(amountMinor / 10 ** decimals);
}

function question(amount: string, language: Language): string {
  const { askTitle, askLead, confirm, refuse } = TEXTS[language];
  return `<h1>${askTitle}</h1>
<p class="lead">${askLead(amount)}</p>
<form method="post">
<button type="submit" name="answer" value="confirm">${confirm}</button>
<button type="submit" name="answer" value="refuse" class="quiet">${refuse}</button>
</form>`;
}

function cardForm({ session, saved, isDeclined }: Omit<CheckoutView, 'isAsking'>, language: Language): string {
  const text = { ...TEXTS[language], ...wordsOf(session, language) };
  const trouble = isDeclined ? `<p class="bad" role="alert">${text.declined}</p>` : '';
  const cancel =
    session.cancel_url === null ? '' : `<a class="cancel" href="${escapeHtml(session.cancel_url)}">${text.cancel}</a>`;
  const own = saved.map((method, index) => savedChoice(method, index === 0));
  const cards = TEST_CARDS.map((card, index) => cardChoice(card, language, index === 0 && own.length === 0));
  return `<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${trouble}
<form method="post">
${own.length === 0 ? '' : choices(text.savedLegend, own)}
${choices(text.legend, cards)}
<button type="submit">${text.save}</button>
</form>
${cancel}`;
}

function choices(legend: string, items: readonly string[]): string {
  return `<fieldset>\n<legend>${legend}</legend>\n<div class="cards">\n${items.join('\n')}\n</div>\n</fieldset>`;
}

function cardChoice({ name, says, last4 }: TestCard, language: Language, isChecked: boolean): string {
  return `<label><input type="radio" name="card" value="${name}"${isChecked ? ' checked' : ''}>
<span class="name">${name}</span><span class="digits">···· ${last4}</span><span class="says">${says[language]}</span></label>`;
}

function savedChoice({ id, card }: Stripe.PaymentMethod, isChecked: boolean): string {
  return `<label><input type="radio" name="card" value="${id}"${isChecked ? ' checked' : ''}>
<span class="name">${card?.brand ?? ''}</span><span class="digits">···· ${card?.last4 ?? ''}</span></label>`;
}

function ended(session: Stripe.Checkout.Session, language: Language): string {
  const text = { ...TEXTS[language], ...wordsOf(session, language) };
  const isComplete = session.status === 'complete';
  const back = isComplete ? returnUrl(session) : session.cancel_url;
  const link = back === null ? '' : `<a class="button" href="${escapeHtml(back)}">${text.back}</a>`;
  return `<h1>${text.title}</h1>\n<p class="lead">${isComplete ? text.complete : text.expired}</p>\n${link}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
