// What is for sale.
export * from './product.ts';
