// Writes docs/hooks.md from the domain's schemas of hooks.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hooksPage } from '../test/hooks-page.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'hooks.md'), hooksPage());
