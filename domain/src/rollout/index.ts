// New firmware for the controllers of a fleet, a few cases at a time.
export * from './rollout.ts';
