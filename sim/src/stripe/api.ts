// The HTTP API under /v1: which request is answered by which operation.
import express, { type Router } from 'express';
import type { Standin } from './books.ts';
import { createSession, expireSession, retrieveSession, retrieveSetupIntent } from './checkout.ts';
import * as customers from './customers.ts';
import { listDisputes, retrieveDispute } from './disputes.ts';
import { type ApiOptions, endpoint, type Operation } from './endpoint.ts';
import { listEvents, retrieveEvent } from './events.ts';
import * as holds from './holds.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import * as intents from './payment-intents.ts';
import * as refunds from './refunds.ts';

/** A request's parameters: 50 pairs of metadata at their longest are 27 kB. */
const BODY_LIMIT = '64kb';

export function createApi(standin: Standin, keys: IdempotencyKeys, options: ApiOptions): Router {
  const api = express.Router();
  api.use(express.text({ type: () => true, limit: BODY_LIMIT }));
  const at = (operation: Operation) => endpoint(standin, options, keys, operation);

  api.post('/customers', at(customers.createCustomer));
  api.get('/customers/:id', at(customers.retrieveCustomer));
  api.post('/customers/:id', at(customers.updateCustomer));
  api.get('/customers/:id/payment_methods', at(customers.listPaymentMethods));
  api.get(
    '/payment_methods',
    at((from, params) => customers.listPaymentMethods(from, params, {})),
  );
  api.get('/payment_methods/:id', at(customers.retrievePaymentMethod));
  api.post('/payment_methods/:id/attach', at(customers.attachPaymentMethod));
  api.post('/payment_methods/:id/detach', at(customers.detachPaymentMethod));
  api.post('/checkout/sessions', at(createSession));
  api.get('/checkout/sessions/:id', at(retrieveSession));
  api.post('/checkout/sessions/:id/expire', at(expireSession));
  api.get('/setup_intents/:id', at(retrieveSetupIntent));
  api.get('/payment_intents', at(intents.listPaymentIntents));
  api.post('/payment_intents', at(intents.createPaymentIntent));
  api.get('/payment_intents/:id', at(intents.retrievePaymentIntent));
  api.post('/payment_intents/:id', at(intents.updatePaymentIntent));
  api.post('/payment_intents/:id/confirm', at(intents.confirmPaymentIntent));
  api.post('/payment_intents/:id/capture', at(holds.capturePaymentIntent));
  api.post('/payment_intents/:id/cancel', at(holds.cancelPaymentIntent));
  api.post('/payment_intents/:id/increment_authorization', at(holds.incrementAuthorization));
  api.get('/charges/:id', at(intents.retrieveCharge));
  api.get('/refunds', at(refunds.listRefunds));
  api.post('/refunds', at(refunds.createRefund));
  api.get('/refunds/:id', at(refunds.retrieveRefund));
  api.get('/disputes', at(listDisputes));
  api.get('/disputes/:id', at(retrieveDispute));
  api.get('/events', at(listEvents));
  api.get('/events/:id', at(retrieveEvent));
  api.use((request, response) => {
    const message = `Unrecognized request URL (${request.method}: /v1${request.path.slice(0, 100)}).`;
    response.status(404).json({ error: { type: 'invalid_request_error', message } });
  });
  return api;
}
