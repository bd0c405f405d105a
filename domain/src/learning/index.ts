// What past visits of a case teach about it.
export * from './case.ts';
export * from './learning.ts';
export * from './notices.ts';
export { SIGMA_VISITS_MIN } from './sigma.ts';
