// For runner.spec.ts: a test that never ends by itself.
describe('what waits', () => {
  it('never ends', () => {
    console.log('it waits');
    return new Promise(() => {});
  });
});
