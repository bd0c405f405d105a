// For runner.spec.ts: a test that passes and leaves something behind that throws when the file is over.
describe('what is left behind', () => {
  it('passes', () => {
    // The next that the process is told is another file.
    process.once('message', () => {
      throw new Error('thrown after the file');
    });
  });
});
