// Video kept on a card: what files are called, which of them go, and which belong to a visit.
export * from './clip.ts';
export * from './ring.ts';
export * from './segment-name.ts';
