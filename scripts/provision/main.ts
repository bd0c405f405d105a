// npm run case:provision: makes what a new case needs, writes it for its devices and its door, and registers the case.
import { provision } from './command.ts';

// Keys and passwords of devices.
process.umask(0o077);
process.exitCode = await provision(process.argv.slice(2), {
  environment: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
