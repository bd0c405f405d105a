// What the phone is told for each fault: the HTTP status and a sentence. The phone translates by the code.

export interface FaultAnswer {
  readonly statusCode: number;
  readonly message: string;
}

/** The ledger's machine is away, or its disk is full: no mistake of ours, and over when somebody has seen to it. */
const AWAY: FaultAnswer = { statusCode: 503, message: 'The shop cannot answer right now. Nothing was charged.' };

/** Faults that a customer, or a Pi that sends pictures, can do something about. Every other code is answered as `node.bug`: ours, not theirs. */
const ANSWERS: Readonly<Record<string, FaultAnswer>> = {
  'session.missing': { statusCode: 401, message: 'Please sign in first.' },
  'customer.unknown': { statusCode: 401, message: 'Please sign in first.' },
  'sign-in.wrong-code': { statusCode: 401, message: 'This code is not right, or it is too old.' },
  'customer.no-card': { statusCode: 402, message: 'Please add a card first.' },
  'stripe.declined': {
    statusCode: 402,
    message: 'The card was declined. Nothing was charged. Please try another card.',
  },
  'customer.owes': { statusCode: 402, message: 'Something taken earlier is not paid yet. Please pay it first.' },
  'customer.unopened': {
    statusCode: 429,
    message: 'The door was unlocked several times and not opened. Please wait a few minutes. Nothing was charged.',
  },
  'sign-in.too-many': { statusCode: 429, message: 'Many codes were asked for from here. Please try again later.' },
  'ledger.unavailable': AWAY,
  'ledger.cannot-open': AWAY,
  'debt.none': { statusCode: 409, message: 'Nothing is owed for this visit any more.' },
  'debt.busy': { statusCode: 409, message: 'The stored card is being asked right now. Please try again in a minute.' },
  'case.unknown': { statusCode: 404, message: 'There is no such case.' },
  'visit.unknown': { statusCode: 404, message: 'There is no such visit.' },
  'case.busy': { statusCode: 409, message: 'Somebody is at this case. Please wait until the door is closed.' },
  'request.invalid': { statusCode: 400, message: 'The request is not complete.' },
  'request.not-json': { statusCode: 415, message: 'The request must be JSON.' },
  'picture.unknown': { statusCode: 404, message: 'There is no such picture, or not any more.' },
  'picture.bad-name': { statusCode: 400, message: 'This is not the name of a picture.' },
  'picture.bad-signature': { statusCode: 403, message: 'The signature does not match.' },
  'picture.clock-skew': { statusCode: 403, message: 'The clock of the sender is off.' },
  'picture.too-large': { statusCode: 413, message: 'The picture is too large.' },
  'picture.not-a-picture': { statusCode: 415, message: 'This is not a JPEG.' },
  'picture.bad-facts': { statusCode: 400, message: 'These are not the facts of this picture.' },
  'picture.differs': { statusCode: 409, message: 'Another picture is kept under this name.' },
  'picture.too-many': { statusCode: 409, message: 'This visit has its pictures.' },
  'picture.unwritable': { statusCode: 503, message: 'The picture cannot be kept right now.' },
  'firmware.unknown-file': { statusCode: 404, message: 'There is no such file.' },
  'push.bad-endpoint': { statusCode: 400, message: 'This push service is not known.' },
  'push.bad-keys': { statusCode: 400, message: 'The push subscription cannot be used.' },
  'stripe.foreign-session': { statusCode: 403, message: 'This page belongs to somebody else, or there is none.' },
  'stripe.bad-signature': { statusCode: 400, message: 'The signature does not match.' },
  'live.too-many': { statusCode: 429, message: 'Too many screens watch this visit.' },
  'stripe.rate-limited': { statusCode: 503, message: 'Payments are busy. Please try again in a moment.' },
  'stripe.unreachable': { statusCode: 503, message: 'Payments cannot be reached. Nothing was charged.' },
  'mail.unreachable': { statusCode: 503, message: 'The mail cannot be sent right now. Please try again.' },
  'mail.refused': { statusCode: 503, message: 'The mail cannot be sent to this address.' },
  'case.offline': { statusCode: 503, message: 'This case has no connection right now. Nothing was charged.' },
  'case.closed': { statusCode: 503, message: 'This fridge is being looked after. Nothing was charged.' },
  'case.not-now': { statusCode: 403, message: 'This case lets nobody in now. Nothing was charged.' },
  'case.restocking': { statusCode: 503, message: 'Being restocked, back in a moment. Nothing was charged.' },
};

const OURS: FaultAnswer = { statusCode: 500, message: 'Something went wrong on our side. Nothing was charged.' };

/** The code that is told and its answer. */
export function answerFor(code: string | undefined): FaultAnswer & { readonly code: string } {
  const known = code !== undefined && Object.hasOwn(ANSWERS, code) ? ANSWERS[code] : undefined;
  return known === undefined || code === undefined ? { code: 'node.bug', ...OURS } : { code, ...known };
}

/** How long to wait where nobody knows better: a moment for what is away, a minute for what there is too much of. */
const RETRY_AFTER_SECONDS: ReadonlyMap<number, number> = new Map([
  [503, 5],
  [429, 60],
]);

/** For the header of that name; undefined where waiting changes nothing. */
export function retryAfterSeconds(statusCode: number, known: number | undefined): number | undefined {
  return RETRY_AFTER_SECONDS.has(statusCode) ? (known ?? RETRY_AFTER_SECONDS.get(statusCode)) : undefined;
}
