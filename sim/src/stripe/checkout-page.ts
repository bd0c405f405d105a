// The hosted page behind `session.url`: pick a test card, save it or pay with it. Plain HTML, no script, light and dark, phone first.
import type Stripe from 'stripe';
import { TEST_CARDS, type TestCard } from './cards.ts';
import { returnUrl } from './checkout.ts';

const TEXTS = {
  en: {
    banner: 'Stripe stand-in: test cards only',
    title: 'Save a card',
    lead: 'Nothing is charged now. No real card can be entered here.',
    legend: 'Test card',
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
  },
  es: {
    banner: 'Stripe simulado: solo tarjetas de prueba',
    title: 'Guardar una tarjeta',
    lead: 'Ahora no se cobra nada. Aquí no se puede usar una tarjeta real.',
    legend: 'Tarjeta de prueba',
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
  },
} as const;

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2733; --dim: #5d6878; --paper: #fff; --ground: #f3f5f8; --line: #d9dfe7;
  --accent: #4f46c8; --on-accent: #fff; --soft: #efeefb; --warn-ink: #6b4a00; --warn: #fdf0cf; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --dim: #a2acba; --paper: #1b2028; --ground: #12161c;
  --line: #343c48; --accent: #a9a3ff; --on-accent: #17143d; --soft: #262544; --warn-ink: #f6dd9c; --warn: #3a2f12; --bad: #ff9a92; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.banner { background: var(--warn); color: var(--warn-ink); text-align: center; padding: .6rem 1rem; font-weight: 600; font-size: .9rem; }
main { max-width: 27rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 .4rem; letter-spacing: -.01em; }
.lead { color: var(--dim); margin: 0 0 1.25rem; }
fieldset { border: 0; margin: 0; padding: 0; }
legend { font-weight: 600; padding: 0; margin-bottom: .5rem; }
.cards { background: var(--paper); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
label { display: grid; grid-template-columns: 1.5rem 1fr auto; gap: .1rem .75rem; align-items: center; padding: .7rem 1rem;
  min-height: 44px; cursor: pointer; border-top: 1px solid var(--line); }
label:first-child { border-top: 0; }
label:has(:checked) { background: var(--soft); }
label:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: -3px; }
input { accent-color: var(--accent); width: 1.2rem; height: 1.2rem; margin: 0; grid-row: span 2; }
.name { font-weight: 600; }
.digits { color: var(--dim); font-variant-numeric: tabular-nums; white-space: nowrap; }
.says { grid-column: 2 / -1; color: var(--dim); font-size: .875rem; }
button, .button { display: block; width: 100%; margin-top: 1.25rem; min-height: 48px; padding: .75rem; border: 0; border-radius: 12px;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
.cancel { display: block; padding: .9rem; text-align: center; color: var(--dim); }
.bad { border: 1px solid var(--bad); color: var(--bad); border-radius: 12px; padding: .7rem 1rem; margin: 0 0 1rem; }
`;

export interface Page {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

/** `declined`: the bank refused the card tried before. */
export function checkoutPage(session: Stripe.Checkout.Session, nonce: string, declined = false): Page {
  const language = session.locale === 'es' ? 'es' : 'en';
  const inner = session.status === 'open' ? cardForm(session, language, declined) : ended(session, language);
  const { banner } = TEXTS[language];
  const { title } = wordsOf(session, language);
  const html = `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · ${banner}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<div class="banner" role="note">${banner}</div>
<main>
${inner}
</main>
</body>
</html>
`;
  // Browsers hold a form's redirect against form-action, so the shop's own origin stands there too.
  const shop = new URL(session.success_url!).origin;
  const rules = `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self' ${shop}`;
  return { html, contentSecurityPolicy: `${rules}; frame-ancestors 'none'; base-uri 'none'` };
}

/** A page that saves a card and one that is paid on differ in four sentences. */
function wordsOf(session: Stripe.Checkout.Session, language: 'en' | 'es') {
  const { title, lead, save, complete, payTitle, payLead, pay, paid } = TEXTS[language];
  if (session.mode !== 'payment') return { title, lead, save, complete };
  const amount = amountOf(session, language);
  return { title: payTitle, lead: payLead(amount), save: pay(amount), complete: paid };
}

function amountOf({ amount_total: amount, currency }: Stripe.Checkout.Session, language: 'en' | 'es'): string {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency: currency ?? 'usd' });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format((amount ?? 0) / 10 ** decimals);
}

function cardForm(session: Stripe.Checkout.Session, language: 'en' | 'es', declined: boolean): string {
  const text = { ...TEXTS[language], ...wordsOf(session, language) };
  const trouble = declined ? `<p class="bad" role="alert">${text.declined}</p>` : '';
  const cancel =
    session.cancel_url === null ? '' : `<a class="cancel" href="${escapeHtml(session.cancel_url)}">${text.cancel}</a>`;
  return `<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
${trouble}
<form method="post">
<fieldset>
<legend>${text.legend}</legend>
<div class="cards">
${TEST_CARDS.map((card, index) => cardChoice(card, language, index === 0)).join('\n')}
</div>
</fieldset>
<button type="submit">${text.save}</button>
</form>
${cancel}`;
}

function cardChoice({ name, says, last4 }: TestCard, language: 'en' | 'es', checked: boolean): string {
  return `<label><input type="radio" name="card" value="${name}"${checked ? ' checked' : ''}>
<span class="name">${name}</span><span class="digits">···· ${last4}</span><span class="says">${says[language]}</span></label>`;
}

function ended(session: Stripe.Checkout.Session, language: 'en' | 'es'): string {
  const text = { ...TEXTS[language], ...wordsOf(session, language) };
  const complete = session.status === 'complete';
  const back = complete ? returnUrl(session) : session.cancel_url;
  const link = back === null ? '' : `<a class="button" href="${escapeHtml(back)}">${text.back}</a>`;
  return `<h1>${text.title}</h1>\n<p class="lead">${complete ? text.complete : text.expired}</p>\n${link}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
