export * from './database.ts';
export * from './loopback.ts';
