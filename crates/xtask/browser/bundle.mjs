// Bundles a page's script with the packages of a client, as the build of an application does.
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.env.NODE_PATH, 'any.js'));
const { build } = require('esbuild');

/** Returns the script `source`, an ES module, or one with elements of React (`jsx`), that imports packages of the client in the folder CLIENT, and its style sheet, as texts. */
export async function bundle(source, loader = 'js') {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: process.env.CLIENT, loader },
    jsx: 'automatic', define: { 'process.env.NODE_ENV': '"production"' },
    bundle: true, write: false, outdir: 'out', format: 'esm', target: 'es2022', logLevel: 'error',
  });
  const text = (end) => outputFiles.find(({ path: name }) => name.endsWith(end))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}
