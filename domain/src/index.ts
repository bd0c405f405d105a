// The shop's rules, pure: no I/O, no clock, no randomness, no vendor. Everything of the kind comes in as an argument.
export * from './catalog/index.ts';
export * from './connection/index.ts';
export * from './customer/index.ts';
export * from './dataset/index.ts';
export * from './fault.ts';
export * from './hooks/index.ts';
export * from './learning/index.ts';
export * from './payment/index.ts';
export * from './protocol/index.ts';
export * from './reconcile/index.ts';
export * from './recording/index.ts';
export * from './rollout/index.ts';
export * from './scoring/index.ts';
export * from './staff/index.ts';
export * from './vision/index.ts';
export * from './visit/index.ts';
