// How the customer's app is built: one page and one worker, nothing inlined, so that `default-src 'self'` is enough.
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { compressed } from './compressed.ts';

export default defineConfig({
  plugins: [svelte(), compressed(join(import.meta.dirname, 'dist'))],
  build: {
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/sw.ts' },
      output: {
        // A worker is known by its address for years, so its name carries no hash; and only from / may it cover the whole app.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
