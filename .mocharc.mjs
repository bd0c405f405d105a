// How a spec runs that somebody calls by hand: `npx mocha test/domain/ladder.spec.ts`.
import { TEST_HANG_MS } from './test/patience.ts';

export default { extension: ['ts'], timeout: TEST_HANG_MS, exit: true, 'forbid-only': true };
