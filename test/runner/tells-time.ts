// For runner.spec.ts: a test whose title is the time.
describe('the clock', () => {
  it(`it is ${new Date().getUTCFullYear()} in ${Intl.DateTimeFormat().resolvedOptions().timeZone}`, () => {});
});
