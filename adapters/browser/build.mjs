// Builds the module of one implementation into one file that the page imports: `node build.mjs FOLDER`.

import { build } from 'vite';

const [folder] = process.argv.slice(2);
const source = new URL(`./${folder}/`, import.meta.url).pathname;

await build({
  configFile: false,
  logLevel: 'warn',
  root: source,
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    lib: { entry: process.argv[3] ?? 'module.js', formats: ['es'], fileName: () => 'module.js' },
    outDir: new URL(`./dist/${folder}/`, import.meta.url).pathname,
    emptyOutDir: true,
  },
});
