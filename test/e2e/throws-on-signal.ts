// Loaded into a process before anything else: SIGUSR2 makes it meet a mistake of its own, in the middle of whatever it does.
process.on('SIGUSR2', () => {
  throw new Error('nobody expected this', { cause: new Error('a signal of the test') });
});
