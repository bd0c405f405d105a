// Writes docs/payments.md from the list of payment cases.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paymentsPage } from '../test/payment-cases.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'payments.md'), paymentsPage());
