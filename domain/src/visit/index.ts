// A visit: one unlock to one receipt. Its phases, its deadlines, what is frozen at its start.
export * from './deadlines.ts';
export * from './phases.ts';
export * from './turned-away.ts';
export * from './unopened.ts';
export * from './view.ts';
export * from './visit.ts';
export * from './why-view.ts';
