// usage: client_sizes.mjs PACKAGE
// Prints what each part of the browser client weighs in an application that minifies it, compressed by gzip, and fails if an upload
// in one request loads more than 3 kB, or one in parts more than 6 kB. `PACKAGE` is the unpacked npm package.
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const require = createRequire(path.join(process.env.NODE_PATH, 'any.js'));
const { build } = require('esbuild');
const folder = process.argv[2];

/** Returns the size of a module with its static imports, without those of `known`, which the page has loaded already. */
async function size(entry, known = []) {
  const loaded = new Set();
  const stop = {
    name: 'stop',
    setup: ({ onResolve }) => onResolve({ filter: /^(\.|upsign|react)/ }, ({ path: name, kind, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const file = path.join(resolveDir, name);
      if (kind === 'dynamic-import' || !name.startsWith('.') || known.includes(file)) return { path: name, external: true };
      loaded.add(file);
      return undefined;
    }),
  };
  const options = { bundle: true, minify: true, format: 'esm', target: 'es2022', write: false, plugins: [stop] };
  const { outputFiles } = await build({ ...options, entryPoints: [path.join(folder, entry)] });
  return { bytes: gzipSync(outputFiles[0].contents, { level: 9 }).length, files: [path.join(folder, entry), ...loaded] };
}

const one = await size('upsign.js');
const parts = await size('multipart.js', one.files);
const rest = {};
for (const entry of process.argv.slice(3)) rest[entry] = (await size(entry, [...one.files, ...parts.files])).bytes;
console.log(`   in one request ${one.bytes} bytes, in parts ${one.bytes + parts.bytes}`);
console.log(`   on demand or in a worker: ${Object.entries(rest).map(([name, bytes]) => `${name} ${bytes}`).join(', ')}`);
const limits = [[one.bytes, 3_000, 'one request'], [one.bytes + parts.bytes, 6_000, 'parts']];
for (const [bytes, limit, what] of limits) {
  if (bytes > limit) {
    console.error(`an upload in ${what} loads ${bytes} bytes, but may load ${limit}`);
    process.exitCode = 1;
  }
}
