// Customers and their stored cards: create, look up, attach, detach.
import type Stripe from 'stripe';
import { put, type Standin } from './books.ts';
import type { TestCard } from './card-facts.ts';
import { errorOf, testCard, testCardByMagic } from './cards.ts';
import { copyOf } from './copy.ts';
import { type ListPage, listPage, readListQuery } from './lists.ts';
import { newCustomer, newPaymentMethod } from './objects/customer.ts';
import { mergeMetadata, type Params } from './params.ts';
import { badRequest, cardRefused, missing, missingParam } from './refusal.ts';

export function createCustomer(standin: Standin, params: Params): Stripe.Customer {
  const facts = {
    email: params.text('email') ?? null,
    name: params.text('name') ?? null,
    phone: params.text('phone') ?? null,
    description: params.text('description') ?? null,
    preferredLocales: params.texts('preferred_locales') ?? [],
    metadata: mergeMetadata({}, params.metadata()),
  };
  params.end();
  const customer = put(standin.books.customers, newCustomer(facts, standin.nowS()));
  standin.emit('customer.created', customer);
  return customer;
}

export function updateCustomer(standin: Standin, params: Params, { id }: { id: string }): Stripe.Customer {
  const customer = findCustomer(standin, id);
  const texts = {
    email: params.text('email'),
    name: params.text('name'),
    phone: params.text('phone'),
    description: params.text('description'),
  };
  const locales = params.texts('preferred_locales');
  const metadata = params.metadata();
  const defaultMethod = params.nested('invoice_settings')?.text('default_payment_method');
  if (defaultMethod !== undefined && defaultMethod !== '') {
    methodOf(standin, defaultMethod, id, 'invoice_settings[default_payment_method]');
  }
  params.end();
  for (const [name, value] of Object.entries(texts)) {
    // An empty string takes the value away.
    if (value !== undefined) Object.assign(customer, { [name]: value === '' ? null : value });
  }
  if (locales !== undefined) customer.preferred_locales = [...locales];
  if (defaultMethod !== undefined) customer.invoice_settings.default_payment_method = defaultMethod || null;
  customer.metadata = mergeMetadata(customer.metadata, metadata);
  standin.emit('customer.updated', customer);
  return customer;
}

export function retrieveCustomer(standin: Standin, params: Params, { id }: { id: string }): Stripe.Customer {
  params.end();
  return findCustomer(standin, id);
}

export function retrievePaymentMethod(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentMethod {
  params.end();
  return findPaymentMethod(standin, id);
}

export function listPaymentMethods(standin: Standin, params: Params, ids: { id?: string }): ListPage {
  const customer = ids.id ?? params.requiredText('customer');
  params.oneOf('type', ['card']);
  const query = readListQuery(params, { byDate: false });
  findCustomer(standin, customer, ids.id === undefined ? 'customer' : undefined);
  params.end();
  const url = ids.id === undefined ? '/v1/payment_methods' : `/v1/customers/${customer}/payment_methods`;
  const matches = (method: Stripe.PaymentMethod) => method.customer === customer;
  return listPage(standin.books.paymentMethods, { name: customer, matches }, query, url);
}

export function attachPaymentMethod(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentMethod {
  const customer = findCustomer(standin, params.requiredText('customer'), 'customer');
  params.end();
  const method = findPaymentMethod(standin, id);
  if (method.customer !== null && method.customer !== customer.id) {
    throw badRequest('The payment method is already attached to another customer.', { param: 'payment_method' });
  }
  const { onSetup } = cardOf(standin, method);
  if (onSetup.kind === 'declined') {
    throw cardRefused({ ...errorOf(onSetup), payment_method: copyOf(method) });
  }
  return attach(standin, method, customer.id);
}

export function detachPaymentMethod(standin: Standin, params: Params, { id }: { id: string }): Stripe.PaymentMethod {
  params.end();
  const method = findPaymentMethod(standin, id);
  if (method.customer === null) throw badRequest('The payment method is not attached to a customer.');
  method.customer = null;
  standin.emit('payment_method.detached', method);
  return method;
}

export function attach(standin: Standin, method: Stripe.PaymentMethod, customer: string): Stripe.PaymentMethod {
  method.customer = customer;
  standin.books.paymentMethods.file(customer, method.id);
  standin.emit('payment_method.attached', method);
  return method;
}

export function addPaymentMethod(standin: Standin, card: TestCard, email: string | null): Stripe.PaymentMethod {
  const method = put(standin.books.paymentMethods, newPaymentMethod(card, email, standin.nowS()));
  standin.books.cardNames.set(method.id, card.name);
  return method;
}

/** `param`: the parameter that names it; the address does where there is none. */
export function findCustomer({ books }: Standin, id: string, param?: string): Stripe.Customer {
  const customer = books.customers.get(id);
  if (customer !== undefined) return customer;
  throw param === undefined ? missing('customer', id, 'id') : missingParam('customer', id, param);
}

/** `pm_card_visa` and its like make a fresh payment method each time. */
export function findPaymentMethod(standin: Standin, id: string, param?: string): Stripe.PaymentMethod {
  const magic = testCardByMagic(id);
  if (magic !== undefined) return addPaymentMethod(standin, magic, null);
  const method = standin.books.paymentMethods.get(id);
  if (method !== undefined) return method;
  throw param === undefined ? missing('PaymentMethod', id, 'payment_method') : missingParam('PaymentMethod', id, param);
}

/** The card a payment will be taken from: it must be this customer's, or nobody's when there is no customer. */
export function methodOf(
  standin: Standin,
  id: string,
  customer: string | null,
  param = 'payment_method',
): Stripe.PaymentMethod {
  const method = findPaymentMethod(standin, id, param);
  if (testCardByMagic(id) === undefined && method.customer !== customer) {
    throw badRequest('The payment method does not belong to this customer; attach it first.', {
      code: 'resource_missing',
      param,
    });
  }
  return method;
}

export function cardOf({ books }: Standin, method: Stripe.PaymentMethod): TestCard {
  const card = testCard(books.cardNames.get(method.id) ?? '');
  if (card === undefined) throw new Error(`payment method ${method.id} has no test card`);
  return card;
}
