// What the palette offers to other code of the shop: the ledger, without Node-RED.
export type * from './store/port.ts';
