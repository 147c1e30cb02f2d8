// Several files.

import { call } from './api.js';
import { checksum } from './checksum.js';
import { contextOf, description, fileOf, uploadAs } from './upsign.js';

/**
 * Uploads several files, `atOnce` at a time. One that fails does not stop the others: resolves as `Promise.allSettled` does. With
 * `together`, one request begins all of them, for a route with `max_files`; if it is refused, nothing is uploaded, and this rejects.
 */
export async function uploadAll(sources, { atOnce = 3, together, onProgress, ...options }) {
  const list = [...sources];
  const grants = together ? await grantTogether(list, options) : [];
  const queue = list.entries();
  const results = [];
  const lane = async () => {
    // The lanes share the iterator.
    for (const [index, source] of queue) {
      const own = { ...options, onProgress: (progress) => onProgress?.(progress, index, source) };
      [results[index]] = await Promise.allSettled([uploadAs(source, own, grants[index])]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

async function grantTogether(list, options) {
  const files = await Promise.all(list.map(async (source) => {
    const file = await fileOf(source);
    const { checksum: algorithm, signal } = options;
    const own = algorithm && { [algorithm]: await checksum(file, algorithm, signal) };
    return { ...description(file, options), checksum: own };
  }));
  return (await call(contextOf(options), undefined, { route: options.route, files })).files;
}
