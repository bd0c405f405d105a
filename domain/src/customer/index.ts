// Customers at the front door: which code signs one in, and which browser it was.
export * from './browser.ts';
export * from './sign-in-code.ts';
