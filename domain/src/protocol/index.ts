// The wire: frames, topics, payloads, numbering, freshness, and the HTTP answers the phone reads.
export * from './api.ts';
export * from './closed.ts';
export * from './compact-counts.ts';
export * from './display.ts';
export * from './envelope.ts';
export * from './freshness.ts';
export * from './payloads.ts';
export * from './pictures.ts';
export * from './sequence.ts';
export * from './staff-api.ts';
export * from './topics.ts';
