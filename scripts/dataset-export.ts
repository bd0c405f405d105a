// npm run dataset:export: pictures of flagged visits and what people decided, as a COCO dataset.
import { datasetExport } from './dataset/command.ts';

// Pictures of customers' visits: for whoever exports them, and nobody else of this machine.
process.umask(0o077);
// Not process.exit: what a pipe has not taken yet would be lost.
process.exitCode = await datasetExport(process.argv.slice(2), {
  environment: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
