import { defineConfig } from 'vite';

/** Where a running Songma answers while the page is developed. */
const songmaUrl = process.env.SONGMA_URL ?? 'http://127.0.0.1:8080';
const passedOn = ['/v1', '/openapi.json', '/docs', '/health', '/metrics'];

export default defineConfig({
  root: `${import.meta.dirname}/app`,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: process.env.SONGMA_PAGE_DIR ?? `${import.meta.dirname}/dist/page`,
    emptyOutDir: true,
    target: 'es2023',
    // Nothing inline: the policy of the page allows only files of its own origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: Object.fromEntries(passedOn.map((path) => [path, songmaUrl])),
  },
});
