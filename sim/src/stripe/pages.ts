// What people and the demo open at the stand-in: the card page, and the plain JSON beside it. No key needed: nothing real is here.
import { randomBytes } from 'node:crypto';
import express, { type Response, type Router } from 'express';
import { type Books, idOf, type Standin } from './books.ts';
import { TEST_CARDS, type TestCard, testCard } from './cards.ts';
import { enterCard, findSession } from './checkout.ts';
import { checkoutPage } from './checkout-page.ts';
import { findPaymentIntent } from './payment-intents.ts';
import { badRequest, Refusal } from './refusal.ts';

const BODY_LIMIT = '4kb';

export function createPages(standin: Standin): Router {
  const pages = express.Router();
  pages.get('/checkout/:session', (request, response) => {
    answer(response, () => showPage(standin, response, request.params.session));
  });
  pages.post('/checkout/:session', express.urlencoded({ extended: false, limit: BODY_LIMIT }), (request, response) => {
    answer(response, () => submitCard(standin, response, request.params.session, cardNamed(request.body)));
  });

  pages.post('/sim/checkout/:session', express.json({ limit: BODY_LIMIT }), (request, response) => {
    answer(response, () =>
      response.json({ redirect: enterCard(standin, request.params.session, cardNamed(request.body)) }),
    );
  });
  // The audit of one visit: every intent that carries its id, the newest last.
  pages.get('/sim/payment_intents', (request, response) => {
    const { visit } = request.query;
    const data = [...standin.books.paymentIntents.values()].filter(({ metadata }) => metadata.visit === visit);
    response.json({ data });
  });
  pages.get('/sim/payment_intents/:id', (request, response) => {
    answer(response, () => {
      const intent = findPaymentIntent(standin, request.params.id);
      response.json({ ...intent, latest_charge: chargeOf(standin.books, idOf(intent.latest_charge)) });
    });
  });
  pages.get('/sim/cards', (_request, response) => {
    response.json(TEST_CARDS.map(({ name, says, last4, brand, magic }) => ({ name, says, last4, brand, magic })));
  });
  return pages;
}

function showPage(standin: Standin, response: Response, id: string, declined = false): void {
  const nonce = randomBytes(16).toString('base64');
  const { html, contentSecurityPolicy } = checkoutPage(findSession(standin, id), nonce, declined);
  response.set('Content-Security-Policy', contentSecurityPolicy);
  // The page's address is the only secret it has; it is not for the next page's referrer or a shared cache.
  response.set('Referrer-Policy', 'no-referrer');
  response.set('Cache-Control', 'no-store');
  response.type('html').send(html);
}

function submitCard(standin: Standin, response: Response, id: string, card: TestCard): void {
  try {
    response.redirect(303, enterCard(standin, id, card));
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.status === 404) throw thrown;
    response.status(thrown.status);
    showPage(standin, response, id, thrown.status === 402);
  }
}

function cardNamed(body: unknown): TestCard {
  const name = typeof body === 'object' && body !== null && 'card' in body ? body.card : undefined;
  const card = typeof name === 'string' ? testCard(name) : undefined;
  if (card === undefined) {
    throw badRequest(`No such test card; there are ${TEST_CARDS.map((each) => each.name).join(', ')}.`, {
      param: 'card',
    });
  }
  return card;
}

function chargeOf({ charges }: Books, id: string | null) {
  return id === null ? null : (charges.get(id) ?? null);
}

function answer(response: Response, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    response.status(thrown.status).json({ error: thrown.body });
  }
}
