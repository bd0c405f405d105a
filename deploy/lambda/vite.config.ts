// How the functions are packed: one file with the shop's rules in it; the SDK is in Lambda's runtime and stays outside.
import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    ssr: 'src/index.ts',
    target: 'node22',
    rolldownOptions: { output: { entryFileNames: 'index.mjs' }, external: [/^@aws-sdk\//] },
  },
  ssr: { noExternal: ['@tapcase/domain', 'valibot'] },
});
