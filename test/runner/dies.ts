// For runner.spec.ts: a process that ends in the middle, as one does whose memory was corrupted.
describe('what dies', () => {
  it('passes before', () => {});
  it('ends the process', () => process.exit(0));
  it('never runs', () => {});
  it('never runs either', () => {});
});
