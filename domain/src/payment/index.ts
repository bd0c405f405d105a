// Money: what a basket costs, how a hold becomes a payment, what is owed, what is given back, whether the books agree.
export * from './audit.ts';
export * from './currency.ts';
export * from './debt.ts';
export * from './facts.ts';
export * from './journal.ts';
export * from './judge.ts';
export * from './ladder.ts';
export * from './money.ts';
export * from './refund.ts';
export * from './reported.ts';
export * from './restored.ts';
export * from './retry.ts';
export * from './review.ts';
