// The staff: who may do what, what lets them in and for how long, and what is written down of it.
export * from './acts.ts';
export * from './bounds.ts';
export * from './deploys.ts';
export * from './names.ts';
export * from './orders.ts';
export * from './roles.ts';
