// Loads the ledger's config node, then opens the file named by its argument, and says what came of both.
import ledgerNode from '@tapcase/node-red-contrib-tapcase/dist/shop/ledger/ledger.js';
import { openLedger } from '../../ledger/src/open.ts';

const refusal = await openLedger({ file: process.argv[2]! }).catch((thrown: unknown) => thrown);
const { code, message } = refusal as { readonly code?: string; readonly message?: string };
process.stdout.write(JSON.stringify({ node: typeof ledgerNode, code, message }));
