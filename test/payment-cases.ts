// The public test plan: every case of money that can happen, and the test that shows it. docs/payments.md is made of it.

export interface PaymentCase {
  readonly area: string;
  readonly what: string;
  /** What the shop does about it. */
  readonly then: string;
  /** File and exact title of a test. */
  readonly shownBy: readonly (readonly [file: string, title: string])[];
}

const LADDER = 'test/domain/ladder.spec.ts';
const DEBT = 'test/domain/debt.spec.ts';
const MONEY = 'test/adapters/money.contract.ts';
const REVIEW = 'test/adapters/review.contract.ts';
const DECIDE = 'test/nodes/reviews.spec.ts';
const BOOKS = 'test/nodes/books.spec.ts';
const SETTLE = 'test/nodes/stripe-capture-settle.spec.ts';
const STEP = 'test/nodes/money-step.spec.ts';
const HOLD = 'test/nodes/stripe-hold.spec.ts';
const UNLOCK = 'test/nodes/visit-unlock.spec.ts';
const FENCE = 'test/nodes/money-fence.spec.ts';
const CHARGE = 'test/nodes/stripe-capture-charge.spec.ts';
const REFUND = 'test/nodes/stripe-refund.spec.ts';
const WEBHOOK = 'test/nodes/stripe-webhook.spec.ts';
const PROVE = 'test/e2e/prove.spec.ts';
const BROWSER = 'test/browser/stories/money.ts';
const PEOPLE = 'test/browser/stories/reviews.ts';
const DOUBLE = 'test/sim/stripe.spec.ts';

const one = (area: string, what: string, then: string, ...shownBy: PaymentCase['shownBy']): PaymentCase => ({
  area,
  what,
  then,
  shownBy,
});

export const PAYMENT_CASES: readonly PaymentCase[] = [
  one(
    'Hold',
    'The card is good',
    'The case’s amount is reserved; only then the door unlocks',
    [HOLD, 'reserves the money with customer and card named, and says until when (defect 2)'],
    ['test/nodes/visit-unlock.spec.ts', 'opens no door for money that is not held'],
  ),
  one('Hold', 'The card is declined at unlock', 'The door stays shut, nothing is charged, the case is free', [
    'test/nodes/visit-unlock.spec.ts',
    'ends the visit of a declined card, keeps the door shut and frees the case',
  ]),
  one('Hold', 'The bank wants its customer to confirm', 'The try is cancelled; the customer confirms the card first', [
    'test/e2e/stories/purchase.ts',
    'a declined card opens no door',
  ]),
  one(
    'Hold',
    'Stripe does not answer',
    'The visit is given up, the case is free, the hold is looked for and let go',
    [MONEY, 'whose hold got no answer is free for the next customer, and asked for again'],
    [MONEY, 'whose hold came too late for it is given up, and the hold let go'],
  ),
  one(
    'Hold',
    'The same tap comes twice',
    'One visit, one hold',
    [HOLD, 'makes one hold of the same message sent twice'],
    ['test/nodes/visit-open.spec.ts', 'takes a tap that is sent twice for one visit and holds once'],
  ),
  one(
    'Hold',
    'The card was taken off at Stripe’s dashboard',
    'A card is asked for again; nobody is told that theirs was declined',
    [HOLD, 'a card that was detached at Stripe is gone, which is no decline of the bank’s'],
    [UNLOCK, 'asks for a card again where Stripe has it no more, and calls nobody’s card declined'],
    [BOOKS, 'asks for a card again whose card was taken off at Stripe’s dashboard'],
    [MONEY, 'for a card that is gone is no declined card, and its owner is asked for one again'],
  ),
  one(
    'Hold',
    'The hold is below the least that Stripe takes in its currency, or off its step',
    'The case’s settings are refused with the reason, at the start and for every tap; what is our mistake is called nobody’s decline',
    ['test/nodes/case-catalogs.spec.ts', 'that no card could carry is refused by the shop, and says why'],
    ['test/nodes/case-catalogs.spec.ts', 'at the least that Stripe charges is taken'],
    [MONEY, 'for a mistake of ours is no declined card'],
  ),
  one(
    'Settle',
    'Nothing taken',
    'The hold is cancelled at once',
    [LADDER, 'lets the hold go at once when nothing was taken'],
    [SETTLE, 'lets a hold go when nothing was taken'],
  ),
  one('Settle', 'The door was never opened', 'The hold is cancelled, no receipt', [
    LADDER,
    'calls it unused when the door was never opened',
  ]),
  one(
    'Settle',
    'Total within the hold',
    'Exactly the total is captured',
    [LADDER, 'defect 1: captures exactly the total, never by changing the hold’s amount'],
    [SETTLE, 'takes the exact total of a basket above 1.00 from a larger hold (defect 1)'],
  ),
  one(
    'Settle',
    'The basket is below the currency’s least charge',
    'The capture is asked once (shops report that Stripe refuses it, no page says so); refused, the hold goes back and the amount is let go, with who and why: nobody owes it, and neither display nor phone asks for another card',
    [LADDER, 'below the least charge: asks once, then the hold goes back and all of it is unpaid'],
    [SETTLE, 'hears that a basket is below the least charge; the hold stays, for the ladder to let go'],
    [STEP, 'a basket below the least charge is let go as what it is: no display and no phone asks for another card'],
    [STEP, 'a rest below the least charge is let go, and the display thanks for what was paid'],
  ),
  one('Settle', 'Somebody was in and nothing was weighed', 'The hold goes back and a person looks', [
    MONEY,
    'that somebody entered and nobody weighed is let go, and a person looks',
  ]),
  one(
    'Over the hold',
    'The account may raise holds',
    'The hold is raised to the total, then captured',
    [LADDER, 'raises the hold where the card allows it'],
    [SETTLE, 'raises a hold where the account may, and takes the new total'],
  ),
  one(
    'Over the hold',
    'The raise is declined',
    'The hold stays good; the rest is charged apart',
    [LADDER, 'a raise that is declined leaves the hold good'],
    [SETTLE, 'a raise that the account may not make, or the bank declines, leaves the hold good'],
  ),
  one(
    'Over the hold',
    'The account has overcapture',
    'Up to what it allows is captured',
    [LADDER, 'captures above the hold where the card allows it'],
    [SETTLE, 'takes above the hold where the account has overcapture, and no more than it allows'],
  ),
  one(
    'Over the hold',
    'An ordinary account',
    'The hold first, then the rest on the stored card',
    [LADDER, 'secures the hold first, then charges the rest'],
    [
      'test/nodes/money-journal.spec.ts',
      'takes the hold first when the basket costs more, then charges the rest on the stored card',
    ],
  ),
  one(
    'Over the hold',
    'The hold is a fifth of the basket or less',
    'The whole basket is charged as one, then the hold let go',
    [LADDER, 'a hold of a fifth of the basket: one line on the statement'],
    [LADDER, 'never lets a small hold go before the whole basket is paid: declined, it captures the hold'],
  ),
  one(
    'Over the hold',
    'The rest is below the least charge',
    'The whole basket is charged apart, then the hold let go',
    [LADDER, 'a rest below the least charge: the whole basket apart, then the hold goes back'],
  ),
  one(
    'Expired',
    'The hold has lapsed with an uncharged basket',
    'The basket is charged on the stored card',
    [LADDER, 'an expired hold with an uncharged basket: charged apart'],
    ['test/nodes/money-step.spec.ts', 'goes on to charge the card when the hold had lapsed'],
  ),
  one('Expired', 'A hold soon ends and its visit has not', 'The visit is hurried and somebody told', [
    BOOKS,
    'hurries a visit whose hold soon ends',
  ]),
  one(
    'Decline',
    'The rest is declined',
    'What was held is kept, the rest is a debt',
    [LADDER, 'a declined rest is a debt'],
    [BROWSER, 'two colas above the hold and a bank that declines the rest: the phone says what is owed and why'],
  ),
  one('Decline', 'Everything is declined', 'All of it is owed, and the hold goes back', [
    LADDER,
    'everything refused: the hold goes back and all is owed',
  ]),
  one(
    'Debt',
    'A customer owes',
    'No door opens for them',
    [MONEY, 'is left when the ladder ends, and its customer opens no door'],
    [BROWSER, 'opens no door until it is paid'],
  ),
  one(
    'Debt',
    'The customer pays',
    'One page at a time, 3-D Secure and another card possible; that card is kept',
    [BROWSER, 'is paid on the payment page with another card, and the door opens again'],
    [MONEY, 'has one page at a time, and is asked of no card while it is open'],
  ),
  one(
    'Debt',
    'The bank said “later”',
    'The card is asked three times, a day apart',
    [MONEY, 'is asked of the stored card when its time comes'],
    [MONEY, 'is asked for three times at most, and never on a card that the network forbids'],
  ),
  one('Debt', 'The network said “never again”', 'The same card is not asked', [
    DEBT,
    'the network’s advice outranks the bank’s reason',
  ]),
  one('Debt', 'The customer adds another card', 'It is asked at once', [
    MONEY,
    'is asked at once of a card that was just added, even where the old one may not be asked again',
  ]),
  one(
    'Debt',
    'Below the least charge, at once or after staff lowered it',
    'It is let go, with who and why, and blocks nobody; Stripe’s word counts where the least amount is not known',
    [MONEY, 'too small to charge is forgiven at once, and blocks nobody'],
    [MONEY, 'to less than a charge can carry is let go whole, with who and why, and bars nobody'],
    [MONEY, 'that Stripe calls too small to charge is let go, where the least amount of its currency is not known'],
    [REVIEW, 'after staff lowered the debt until it was let go is charged for the difference, and only for that'],
  ),
  one(
    'Debt',
    'Another card is added while one is being asked',
    'The new one is asked, whatever the old one answers afterwards',
    [MONEY, 'is asked, whatever the other one answers afterwards'],
    [MONEY, 'is asked, where that was the card of the visit itself'],
  ),
  one('Debt', 'A charge of it never reached the bank', 'It is asked for again at once, at most three times', [
    DEBT,
    'whose charge never reached the bank is asked for again at once, at most three times',
  ]),
  one(
    'Debt',
    'A refund of the same visit is under way',
    'Neither keeps the other waiting',
    [MONEY, 'is paid on a page although a refund is still under way, and both come to their end'],
    [MONEY, 'that the bank declines "for now" is asked for again the next day'],
    [MONEY, 'is looked at when Stripe speaks of it, although a refund is being sent in this moment'],
    [MONEY, 'is let go while a refund is under way, which is made all the same'],
  ),
  one(
    'Debt',
    'Staff let it go',
    'Once, with who and why, all of it or a part; never while it is being paid',
    [MONEY, 'is let go by staff, once, with who and why'],
    [MONEY, 'by a part that staff let go keeps the rest, and never lets go more than is owed'],
    [BOOKS, 'lets go just the part of a debt that was typed, and no more than is owed'],
    [MONEY, 'that is being paid in this moment is not let go'],
  ),
  one(
    'Refund',
    'Part, then the rest',
    'Given back; nothing beyond what was received',
    [REFUND, 'gives back a part, then the rest, and then nothing more'],
    [MONEY, 'is never more than was received, those under way counted'],
  ),
  one(
    'Refund',
    'Ordered or clicked twice, or ten at once',
    'Once; the sum never exceeds what was received',
    [MONEY, 'that is clicked twice, each click an order of its own, goes back once'],
    [MONEY, 'that is clicked twice as a lower total goes back once'],
    [MONEY, 'is planned once, of the payment it came from, and counts when Stripe made it'],
    [MONEY, 'of which ten come at once never sum to more'],
  ),
  one('Refund', 'The visit was paid in two payments', 'The last payment goes back first', [
    MONEY,
    'goes back over two payments where one is not enough',
  ]),
  one(
    'Refund',
    'Stripe refuses it at once',
    'It counts as not given; the desk says why',
    [MONEY, 'that Stripe refuses at once counts as not given, and a person is told why'],
    [MONEY, 'of which one part is refused tells a person, although the other part is still under way'],
    [BOOKS, 'says that a refund failed, and that the bank disputes a charge'],
  ),
  one(
    'Refund',
    'Stripe tells that it failed before it has answered, or twice at once',
    'It counts as not given, and a person is told once',
    [MONEY, 'whose failure Stripe tells before it has answered counts as not given'],
    [MONEY, 'whose failure is told by two deliveries at once is told to a person once'],
    [BOOKS, 'a refund that failed before its answer came is known by the key that we wrote on it'],
  ),
  one(
    'Refund',
    'It fails days later',
    'It counts as not given, and a person is told',
    [MONEY, 'that failed after all counts as not given, and a person is told'],
    [BOOKS, 'a refund that failed counts as not given'],
  ),
  one(
    'Refund',
    'The basket was wrong',
    'The debt goes first, then money goes back; what is being given back counts',
    [MONEY, 'a lower total lets the debt go first, then gives money back'],
    [MONEY, 'that is under way counts where the total is lowered'],
  ),
  one(
    'Refund',
    'More than was received, no reason, wrong amount',
    'Refused with a code, nothing moves',
    [BOOKS, 'refuses a refund over the received amount, and nothing moves'],
    [BOOKS, 'takes no order without a reason or a kind'],
    [BOOKS, 'refuses an amount that is none, and a visit that is not there'],
  ),
  one(
    'Review',
    'Nobody can tell what was taken',
    'The hold goes back, a person is asked, the receipt says so',
    [REVIEW, 'is opened with the decision of a basket that nobody can tell, and the hold goes back'],
    [PEOPLE, 'the receipt says that a person looks, and nothing is charged'],
  ),
  one('Review', 'A part is certain', 'That part is charged, and a person looks at the rest', [
    REVIEW,
    'is opened although the certain part was charged',
  ]),
  one(
    'Review',
    'A report comes after the basket was decided, or nothing was ever weighed',
    'A person is asked; nothing more is charged by itself',
    [REVIEW, 'is opened by a close that is reported after the basket was decided'],
    [REVIEW, 'is opened where somebody was in and nothing was ever weighed'],
  ),
  one('Review', 'Confirmed', 'The money stays as it is', [REVIEW, 'leaves the money as it is and takes the flag away']),
  one(
    'Review',
    'Corrected, and dearer than what was paid',
    'The difference is a debt that is due now, charged once; basket and total stay as they were beside it',
    [REVIEW, 'makes the difference a debt that is due now, charged once, with nobody’s help'],
    [REVIEW, 'asks only for what was not paid yet, and leaves basket and total as they were'],
    [PEOPLE, 'the customer is charged for what it was, once, and reads it'],
  ),
  one('Review', 'The corrected part is declined', 'A debt like every debt: page, retries, no door', [
    REVIEW,
    'whose charge is declined is asked for and paid like every debt',
  ]),
  one('Review', 'The corrected part is below the least charge', 'It is let go at once', [
    REVIEW,
    'by less than a charge can carry is let go at once',
  ]),
  one(
    'Review',
    'Corrected, and cheaper than what was paid or owed',
    'The debt goes first, then money goes back; what staff gave back before counts',
    [REVIEW, 'lets an open debt go first, then gives the rest back'],
    [REVIEW, 'gives back what was paid too much, once'],
    [REVIEW, 'counts what staff gave back before'],
  ),
  one(
    'Review',
    'Waived',
    'Nothing more is asked; what was charged goes back only where staff say so, or above the basket',
    [REVIEW, 'asks for nothing more, and keeps what was charged'],
    [REVIEW, 'gives back what was charged where staff say so'],
  ),
  one(
    'Review',
    'Decided twice, or ten times at once',
    'Once; the same again answers the first, another is refused',
    [REVIEW, 'counts once: the same again answers the first, another is refused'],
    [REVIEW, 'of which ten come at once counts once'],
  ),
  one('Review', 'Decided while a card is asked or a page is open', 'Refused until that is over', [
    REVIEW,
    'waits while the customer pays or the card is asked: what is under way could be too much',
  ]),
  one(
    'Review',
    'The order names another currency, price, product, or a count that cannot be',
    'Prices are the visit’s own; the rest is refused, nothing moves',
    [DECIDE, 'makes the corrected basket a debt that is charged at once, whatever prices and currency the order names'],
    [REVIEW, 'that names what cannot be is refused, and nothing moves'],
  ),
  one('Review', 'A step was never answered', 'Nothing more is charged before a person has looked at Stripe', [
    REVIEW,
    'charges nothing more while Stripe has left a step without an answer for good',
  ]),
  one('Review', 'The process dies in the middle of a decision', 'All of it or nothing', [
    REVIEW,
    'that fails half-way leaves nothing',
  ]),
  one(
    'Review',
    'Whatever is corrected',
    'Nobody pays more than the corrected basket; nothing goes back that was not received',
    [
      REVIEW,
      'whatever staff press and the bank answers, nobody pays more than the corrected basket, and the books agree',
    ],
    [
      'test/domain/review.spec.ts',
      'never lets a customer pay more than the corrected basket costs, and never gives back more than was received',
    ],
  ),
  one(
    'No answer',
    'The connection breaks after Stripe has done it',
    'The same call under the same key finds it done',
    [SETTLE, 'is settled although the connection broke after Stripe had captured'],
    [CHARGE, 'charges once, however often the message comes and whatever becomes of the answer'],
  ),
  one(
    'No answer',
    'Stripe has a failure and will repeat it',
    'It is looked up, never sent again blindly',
    [CHARGE, 'a failure that Stripe will repeat is to be looked up; the same key for another amount is a mistake'],
    [MONEY, 'that Stripe asks not to repeat is looked up, when no call can still be running'],
  ),
  one(
    'No answer',
    'The key is older than 23 hours',
    'Looked up by its marks before it is sent; a new key only where nothing happened. Stripe’s own clock judges, never ours',
    [DEBT, 'needs no look for 23 hours of Stripe’s own clock; without its word one is always needed'],
    [FENCE, 'killed between charge and record, down for 26 hours, then with a clock 5 hours behind: charged once'],
    [FENCE, 'a clock that is set ahead while the card is charged finds nothing to ask a second time'],
    [MONEY, 'that never happened is asked again under a new key'],
  ),
  one(
    'No answer',
    'None for ten days, after the visit’s end',
    'Given up, and the desk says so; never given back or asked for a second time',
    [MONEY, 'tells a person, and a refund that was given up is never given a second time'],
    [MONEY, 'tells a person, and a page that was given up is followed by no second payment'],
    [BOOKS, 'says that a step was never answered, and what to do'],
  ),
  one('No answer', 'Stripe says “slow down”', 'Nothing was done; longer waits', [
    DEBT,
    'waits twice as long each time, at most a quarter of an hour, and longer when told to slow down',
  ]),
  one(
    'No answer',
    'An earlier try got through',
    'Judged by the payment’s state, not by which call made it',
    [SETTLE, 'is settled when an earlier try under another key got through'],
    [DEBT, 'a refused capture that carries the captured payment: an earlier try got through'],
  ),
  one(
    'The fence',
    'Yesterday’s ledger is put back',
    'What Stripe has had is found by its marks: no charge, refund or debt is asked for a second time',
    [FENCE, 'and put back a day later charges nobody twice'],
    [FENCE, 'a debt that was paid in the life that was forgotten is not asked for again'],
    [
      FENCE,
      'a refund that was made in the life that was forgotten is not made again, and another amount is for a person',
    ],
    [FENCE, 'a hold that was captured in the life that was forgotten is not made again, and a person looks'],
  ),
  one(
    'The fence',
    'Stripe knows payments that the ledger never asked for',
    'Charging and refunds stop, a person reads what differs; the check repairs the ledger from Stripe’s records',
    [FENCE, 'is recognised: charging stops, a person reads what differs and how to go on'],
    [FENCE, 'is repaired from Stripe’s records, and goes on'],
    [FENCE, 'learns in the repair what was given back and disputed since, of payments that it knew'],
    [FENCE, 'without the visit at all goes on when a person has accepted what is left'],
    [FENCE, 'gives nothing back and opens no pay page while it is stopped'],
    [FENCE, 'is not a new ledger beside old payments, nor anybody’s who misuses the check'],
  ),
  one(
    'The fence',
    'A process or a machine sleeps with an order in hand',
    'It sends nothing when it wakes: it has lost its lease, or looks and finds',
    [FENCE, 'an instance that slept at the charge sends nothing: it wakes'],
    [FENCE, 'a machine that slept in mid-call with all its clocks does not repeat the call: it looks'],
  ),
  one(
    'The fence',
    'Our clock was ahead or behind when a visit was taken up',
    'It waits seconds, not as long as the clock was wrong',
    [MONEY, 'that a clock 30 hours ahead has taken waits seconds, not 30 hours'],
    [MONEY, 'that a clock 30 hours ahead found unanswered, or looked for, waits no longer than any does'],
    [MONEY, 'that was taken by a clock 5 hours behind is asked for again under its key'],
    [
      MONEY,
      'of a visit that waits for its case gets the case’s time anew where a clock was ahead, and is not given up',
    ],
  ),
  one('The fence', 'Nothing is wrong', 'It costs no question to Stripe', [
    FENCE,
    'costs no question in the ordinary case: one call each for the hold, its capture and the rest',
  ]),
  one(
    'Hands at Stripe’s dashboard',
    'Somebody refunds there',
    'Learnt from the event, shown to a person; the desk gives back only what is left',
    [FENCE, 'a refund there is learnt and shown, and the desk can give back only what is left'],
    [FENCE, 'a refund there of which no event ever told is learnt from the audit of the day'],
    [FENCE, 'ordinary events are no news: nothing is looked at, nobody is told'],
    [FENCE, 'what an account shows as a refund of the hold’s rest is none'],
  ),
  one(
    'Hands at Stripe’s dashboard',
    'Somebody gives back today what was bought last month, and no event tells',
    'The audit of the day goes by when money moved, too: it is named, learnt and shown to a person',
    [FENCE, 'a refund of a visit of last month of which no event ever told'],
    [FENCE, 'a debt of last month that is paid today is compared whole'],
    [FENCE, 'and names nothing where an account shows the rest of a hold as given back, or our clock was ahead'],
  ),
  one(
    'Hands at Stripe’s dashboard',
    'A cardholder disputes what was bought last month, and no event tells',
    'The audit of the day asks Stripe for its disputes, and flags the visit once',
    [FENCE, 'a dispute of a visit of last month of which no event ever told, once'],
    [FENCE, 'a dispute that an event has told of is no difference'],
  ),
  one(
    'Hands at Stripe’s dashboard',
    'They refund, capture, cancel, take cards off and cardholders dispute while the cloud is killed and events are lost',
    'Each is learnt in the end, from the event or from the audit; the money agrees to the cent',
    [PROVE, 'on sqlite: no double charge, nothing above the basket, nothing lost, no hold left, a receipt each'],
    [PROVE, 'on postgres: no double charge, nothing above the basket, nothing lost, no hold left, a receipt each'],
  ),
  one(
    'Hands at Stripe’s dashboard',
    'Somebody captures or cancels a hold there',
    'What was received counts, what was let go is charged apart; a person reads of it',
    [FENCE, 'a hold that is captured there is money received; one that is cancelled there is charged apart'],
  ),
  one(
    'Crash',
    'The cloud is killed at any hand-over, commit or call, also while staff decide reviews',
    'Resumed; charged once, exactly, with a receipt; what staff decided is charged or given back once',
    [PROVE, 'on sqlite: no double charge, nothing above the basket, nothing lost, no hold left, a receipt each'],
    [PROVE, 'on postgres: no double charge, nothing above the basket, nothing lost, no hold left, a receipt each'],
  ),
  one(
    'Crash',
    'An instance sleeps at a charge for a day; a clock is 5 hours behind or 30 ahead across a kill; yesterday’s ledger is put back',
    'While everything else goes wrong, too: charged once, and the restored ledger is recognised and right after its repair',
    [PROVE, 'on sqlite: no double charge, nothing above the basket, nothing lost, no hold left, a receipt each'],
    [PROVE, 'on postgres: no double charge, nothing above the basket, nothing lost, no hold left, a receipt each'],
  ),
  one(
    'Crash',
    'Two instances take up one visit',
    'One of them settles it',
    [MONEY, 'of ten who ask at once is given to one'],
    [MONEY, 'a visit that two instances sweep at once is taken up by one'],
  ),
  one(
    'Webhooks',
    'Out of order, twice, late, never',
    'Stripe is asked; an event only says when',
    [BOOKS, 'wakes the visit that an event speaks of, and is applied once'],
    [MONEY, 'older news of a payment never replaces newer'],
  ),
  one(
    'Webhooks',
    'Unsigned, stale, from the future',
    'Refused, counted, nothing moves',
    [WEBHOOK, 'refuses one changed byte, and another account’s signature'],
    [WEBHOOK, 'takes five minutes of delay and of a fast clock, no more of either'],
  ),
  one('Webhooks', 'The cardholder disputes a charge', 'The visit is flagged for a person', [
    BOOKS,
    'flags the visit whose charge is disputed',
  ]),
  one('Sweeps', 'A hold whose visit has ended, or was never known', 'Let go, and somebody told', [
    BOOKS,
    'lets go a hold whose visit the ledger never had, and one whose visit has ended',
  ]),
  one(
    'Sweeps',
    'The daily reconciliation',
    'Stripe, ledger and baskets agree, or the difference is named',
    [BOOKS, 'finds no difference where Stripe, ledger and basket agree, a debt included'],
    [BOOKS, 'names the visit and the payment where they do not, and tells somebody'],
    [BOOKS, 'is asked each morning for the day before and, once more, for the day a month ago'],
    [BOOKS, 'of a day that is looked at again names a refund that Stripe made and the ledger gave up on'],
  ),
  one(
    'Always',
    'Whatever the bank answers',
    'Received never exceeds the total; what is not received is a debt; no ladder is endless',
    [LADDER, 'never receives more than the total, at any step'],
    [LADDER, 'reaches the total, or the rest is a debt'],
  ),
  one(
    'Always',
    'Currencies without cents, with thousandths, or with hundredths that are always 00',
    'Counted as Stripe counts them; a price that it cannot charge is refused with the catalog',
    ['test/domain/payment.spec.ts', 'Ugandan shillings and Icelandic crowns are hundredths that are always 00'],
    ['test/domain/payment.spec.ts', 'has the decimals that are charged, in every currency'],
    ['test/domain/catalog.spec.ts', 'refuses a price that Stripe could not charge in that currency'],
  ),
  one(
    'Always',
    'Stripe’s rules',
    'The double keeps them: keys, states, errors, expiry',
    [DOUBLE, 'to change the amount of a hold (defect 1), while an exact total above 1.00 is captured'],
    [DOUBLE, 'is forgotten after a day: the same call is then a new one'],
  ),
];

/** docs/payments.md, whole. */
export function paymentsPage(): string {
  const areas = [...new Set(PAYMENT_CASES.map(({ area }) => area))];
  const sections = areas.map((area) => {
    const rows = PAYMENT_CASES.filter((each) => each.area === area).map(({ what, then, shownBy }) => {
      const tests = shownBy.map(([file, title]) => `${title} (\`${file}\`)`).join('<br>');
      return `| ${what} | ${then} | ${tests} |`;
    });
    return [`## ${area}`, '', '| when | then | shown by |', '|---|---|---|', ...rows].join('\n');
  });
  return [HEAD, ...sections, ''].join('\n\n');
}

const HEAD = `# Payments: the test plan

Every case of money, what the shop does, and the tests that show it. This page is made from \`test/payment-cases.ts\` by
\`node tools/payments-page.ts\`; a test fails when a named test is not there, or the page is older than the list.

How a visit is settled is a pure function, \`domain/src/payment/ladder.ts\`: given what was asked of Stripe and what Stripe
said, it names the next step. The ledger writes each step down before the call and after it
(\`ledger/src/queries/money.ts\`); tab \`50 Settle\` shows the order. Nothing else decides about money.

\`npm run prove -- --visits 1000 --kills 300 --store sqlite\` drives the real cloud while it is killed, and audits at Stripe's
stand-in. Meanwhile an instance sleeps at a charge for a day, clocks are wrong, yesterday's ledger is put back, and people refund,
capture, cancel, detach and dispute at the dashboard; its JSON counts each under \`stories\`. With a test key of your own,
\`STRIPE_SECRET_KEY=sk_test_... npm start\` does the same against Stripe itself.

## When a backup of the ledger is put back

1. Stop every cloud. Put the ledger back: the SQLite file without its \`-wal\` and \`-shm\`, or the PostgreSQL database.
2. \`npm run ledger:restore-check\` with \`LEDGER_FILE\` or \`DATABASE_URL\` and \`STRIPE_SECRET_KEY\` as the cloud has them. It lists the
   payments that Stripe has and the ledger never asked for (\`-- --days 31\` says how far back).
3. The same with \`-- --repair\` writes those of visits that the ledger has into it, their refunds and disputes too, and flags the visits.
   What was given back since of a payment that the backup knew is looked at and learnt when the cloud starts.
4. What is left belongs to visits that the backup did not have. Look at each at Stripe's dashboard: keep it, or give it back. Then
   \`-- --accept\`: the ledger will never know of them.
5. Start the cloud.

To try it, in a shop of \`npm start\`: "Copy the ledger" on the virtual case's page, sell something, "Restore the cloud". That is 1 and 5;
2 to 4 run beside it and need no variables. Payments of a ledger's first five minutes are not compared (its clock is not Stripe's), and
the first customer after it may not be let in.

Who forgets this is still safe: before a card is charged or money goes back Stripe is looked at, and the books, half a minute after
each start and every half hour, recognise such a ledger by payments made after its birth that it has no step for. Charges, refunds
and pay pages then stop (holds are made, captured and let go as ever), \`money.ledger-restored\` is told, and the desk's reports say what
differs. One Stripe account serves one ledger: a second shop's payments on it would look like forgotten ones.`;
