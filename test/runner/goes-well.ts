// For runner.spec.ts: two tests that pass and one that is skipped for a reason.
import { skip } from '../needs.ts';

describe('what goes well', () => {
  it('passes', () => {});
  it('passes too', async () => {});
  it('needs what is not there', function () {
    skip(this, 'unobtainium is not installed (Debian package: unobtainium)');
  });
});
