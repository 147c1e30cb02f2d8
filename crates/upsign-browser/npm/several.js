// Several files.

import { call } from './api.js';
import { load, multipart } from './load.js';
import { contextOf, description, fileOf, uploadAs } from './upsign.js';

/**
 * Uploads several files, `atOnce` at a time. One that fails does not stop the others: resolves as `Promise.allSettled` does. With
 * `together`, one request begins all of them, for a route with `max_files`; if it is refused, nothing is uploaded, and this rejects.
 */
export async function uploadAll(sources, { atOnce = 3, together, onProgress, ...options }) {
  const list = [...sources];
  const begun = together ? await beginTogether(list, options, atOnce) : [];
  return inLanes(list, atOnce, async (source, index) => {
    const own = { ...options, onProgress: (progress) => onProgress?.(progress, index, source) };
    const [result] = await Promise.allSettled([uploadAs(source, own, begun[index])]);
    return result;
  });
}

/** Resolves to what `work` resolves to for each value. At most `atOnce` are worked on at a time. */
async function inLanes(values, atOnce, work) {
  const results = [];
  const queue = values.entries();
  const lane = async () => {
    // The lanes share the iterator.
    for (const [index, value] of queue) results[index] = await work(value, index);
  };
  await Promise.all(Array.from({ length: Math.max(1, atOnce) }, lane));
  return results;
}

/** Begins all uploads, with checksums if the page wants them or the service demands them. */
async function beginTogether(list, options, atOnce) {
  const context = contextOf(options);
  const described = await inLanes(list, atOnce, fileOf);
  const { candidates, checked } = await load(context, './whole.js', () => import('./whole.js'));
  const checksumOf = async (file, algorithm) => algorithm && { [algorithm]: await (await multipart(context)).checksum(file, algorithm, options.signal) };
  const ask = async (algorithm) => {
    const all = await inLanes(described, atOnce, (file) => checksumOf(file, algorithm));
    const files = described.map((file, index) => ({ ...description(file, options), checksum: all[index] }));
    const answer = await call(context, undefined, { route: options.route, files });
    return answer.files.map((grant, index) => ({ grant, ...checked(all[index]) }));
  };
  try {
    return await ask(options.checksum);
  } catch (error) {
    const [algorithm] = await candidates(context, error);
    if (options.checksum || error?.code !== 'checksum-required' || !algorithm) throw error;
    return ask(algorithm);
  }
}
