// Builds the module of one implementation into one file that the page imports: `node build.mjs FOLDER [ENTRY]`.

import { build } from 'vite';

const [folder, entry = 'module.js'] = process.argv.slice(2);
const source = new URL(`./${folder}/`, import.meta.url).pathname;

await build({
  configFile: false,
  logLevel: 'warn',
  root: source,
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    lib: { entry, formats: ['es'], fileName: () => 'module.js' },
    outDir: 'dist',
    emptyOutDir: true,
  },
});
