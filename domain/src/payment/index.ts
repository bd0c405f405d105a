// Money, and what becomes of a hold.
export * from './money.ts';
export * from './settlement.ts';
