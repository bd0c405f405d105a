// What people and the demo open at the stand-in: the card page, the bank's question, and the plain JSON beside them. No
// key needed: nothing real is here.
import { randomBytes } from 'node:crypto';
import express, { type Response, type Router } from 'express';
import type Stripe from 'stripe';
import { authenticate } from './bank.ts';
import { type Books, idOf, type Standin } from './books.ts';
import { testCard } from './cards.ts';
import { findSession } from './checkout.ts';
import { bankPage, checkoutPage, type Page } from './checkout-page.ts';
import { type Choice, isAsking, returnUrl, savedCards, submit } from './page-actions.ts';
import { findPaymentIntent } from './payment-intents.ts';
import { badRequest, Refusal } from './refusal.ts';
import { TEST_CARDS } from './test-cards.ts';

const BODY_LIMIT = '4kb';

export function createPages(standin: Standin): Router {
  const pages = express.Router();
  const form = express.urlencoded({ extended: false, limit: BODY_LIMIT });
  const json = express.json({ limit: BODY_LIMIT });
  pages.get('/checkout/:session', (request, response) => {
    answer(response, () => showCheckout(standin, response, request.params.session));
  });
  pages.post('/checkout/:session', form, (request, response) => {
    answer(response, () => submitCheckout(standin, response, request.params.session, choiceOf(request.body)));
  });
  pages.get('/authenticate/:intent', (request, response) => {
    answer(response, () => showPage(response, bankPage(findPaymentIntent(standin, request.params.intent), nonce())));
  });
  pages.post('/authenticate/:intent', form, (request, response) => {
    answer(response, () => submitAnswer(standin, response, request.params.intent, choiceOf(request.body)));
  });

  pages.post('/sim/checkout/:session', json, (request, response) => {
    answer(response, () => response.json(submitAtOnce(standin, request.params.session, request.body)));
  });
  pages.post('/sim/payment_intents/:id/authenticate', json, (request, response) => {
    answer(response, () => {
      const intent = findPaymentIntent(standin, request.params.id);
      const choice = choiceOf(request.body);
      response.json(authenticate(standin, intent, choice.kind === 'answer' && choice.isConfirmed));
    });
  });
  addAudit(pages, standin);
  return pages;
}

/** Everything about money that an audit asks for, whole, the newest last. */
function addAudit(pages: Router, { books }: Standin): void {
  pages.get('/sim/payment_intents', (request, response) => {
    const { visit } = request.query;
    const all = [...books.paymentIntents.values()];
    response.json({ data: visit === undefined ? all : all.filter(({ metadata }) => metadata.visit === visit) });
  });
  pages.get('/sim/payment_intents/:id', (request, response) => {
    const intent = books.paymentIntents.get(request.params.id);
    if (intent === undefined) response.status(404).json({ error: { message: 'No such payment_intent.' } });
    else response.json({ ...intent, latest_charge: chargeOf(books, intent) });
  });
  pages.get('/sim/refunds', (request, response) => {
    const { payment_intent: intent } = request.query;
    const all = [...books.refunds.values()];
    response.json({ data: intent === undefined ? all : all.filter((refund) => refund.payment_intent === intent) });
  });
  pages.get('/sim/cards', (_request, response) => {
    response.json(TEST_CARDS);
  });
}

function nonce(): string {
  return randomBytes(16).toString('base64');
}

function showPage(response: Response, { html, contentSecurityPolicy }: Page): void {
  response.set('Content-Security-Policy', contentSecurityPolicy);
  // The page's address is the only secret it has; it is not for the next page's referrer or a shared cache.
  response.set('Referrer-Policy', 'no-referrer');
  response.set('Cache-Control', 'no-store');
  response.type('html').send(html);
}

function showCheckout(standin: Standin, response: Response, id: string, isDeclined = false): void {
  const session = findSession(standin, id);
  const view = { session, saved: savedCards(standin, session), isAsking: isAsking(standin, session), isDeclined };
  showPage(response, checkoutPage(view, nonce()));
}

function submitCheckout(standin: Standin, response: Response, id: string, choice: Choice): void {
  try {
    const outcome = submit(standin, id, choice);
    if (outcome.kind === 'done') response.redirect(303, outcome.url);
    else showCheckout(standin, response, id);
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.status === 404) throw thrown;
    response.status(thrown.status);
    showCheckout(standin, response, id, thrown.status === 402);
  }
}

/** Back to the shop with what Stripe adds to its address, whatever the answer was. */
function submitAnswer(standin: Standin, response: Response, id: string, choice: Choice): void {
  const intent = findPaymentIntent(standin, id);
  const back = intent.next_action?.redirect_to_url?.return_url;
  try {
    authenticate(standin, intent, choice.kind === 'answer' && choice.isConfirmed);
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.status !== 402) throw thrown;
  }
  if (back === undefined || back === null) return void response.json(intent);
  const url = new URL(back);
  url.searchParams.set('payment_intent', intent.id);
  url.searchParams.set('payment_intent_client_secret', intent.client_secret!);
  url.searchParams.set('redirect_status', intent.last_payment_error === null ? 'succeeded' : 'failed');
  response.redirect(303, url.href);
}

/** Without a browser: the bank's question is answered in the same breath, with yes unless told otherwise. */
function submitAtOnce(standin: Standin, id: string, body: unknown): { redirect: string } {
  const first = submit(standin, id, choiceOf(body));
  const isConfirmed = fieldOf(body, 'answer') !== 'refuse';
  const last = first.kind === 'asked' ? submit(standin, id, { kind: 'answer', isConfirmed }) : first;
  return { redirect: last.kind === 'done' ? last.url : returnUrl(findSession(standin, id)) };
}

/** `card`: a test card's name, or the id of a saved one. `answer`: the bank's question. */
function choiceOf(body: unknown): Choice {
  const name = fieldOf(body, 'card');
  const said = fieldOf(body, 'answer');
  if (name === undefined && (said === 'confirm' || said === 'refuse')) {
    return { kind: 'answer', isConfirmed: said === 'confirm' };
  }
  if (name?.startsWith('pm_')) return { kind: 'saved', paymentMethod: name };
  const card = testCard(name ?? '');
  if (card === undefined) {
    const names = TEST_CARDS.map((each) => each.name).join(', ');
    throw badRequest(`No such test card; there are ${names}.`, { param: 'card' });
  }
  return { kind: 'card', card };
}

function fieldOf(body: unknown, name: 'card' | 'answer'): string | undefined {
  if (typeof body !== 'object' || body === null || !(name in body)) return undefined;
  const value = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}

function chargeOf({ charges }: Books, intent: Stripe.PaymentIntent) {
  return charges.get(idOf(intent.latest_charge) ?? '') ?? null;
}

function answer(response: Response, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    response.status(thrown.status).json({ error: thrown.body });
  }
}
