// Uploads files straight to the store, as a service of upsign grants it.
//
// This module and its imports are what an upload in one request needs. Parts, checksums, the state of interrupted uploads,
// confirmations and lists of files are loaded when an upload needs them.

import { call } from './api.js';
import { UploadError } from './errors.js';
import { retrying } from './retry.js';
import { send, unquoted } from './send.js';

export { ApiError, NetworkError, StoreError, UploadError, paused } from './errors.js';

/** How often an upload is granted anew because its URL has expired. */
const MAX_GRANTS = 3;
/** S3 has no smaller parts, so that a smaller file has nothing to resume. */
const SMALLEST_RESUMED = 5 << 20;

/** Uploads a `File`, a `Blob` or a `FileSystemFileHandle`, and resolves to `{key, size, …}` with the ids of the service. */
export const upload = (source, options) => uploadAs(source, options);

/** Uploads several files, and resolves as `Promise.allSettled` does. */
export const uploadAll = async (sources, options) => (await import('./several.js')).uploadAll(sources, options);

/** Returns the interrupted uploads of this browser that can be continued. */
export const interrupted = async () => (await import('./interrupted.js')).interrupted();

/** Returns a URL that reads a confirmed object: `{readUrl, headers, expiresAt, …}`. */
export const readUrl = (receipt, { expiresIn, disposition, ...options }) => call(contextOf(options), '/read-url', { receipt, expiresIn, disposition });

/** Deletes a confirmed object, if the route allows it. */
export const remove = (receipt, options) => call(contextOf(options), '', { receipt }, 'DELETE');

export const contextOf = (options) => ({ options, signal: options.signal, retries: options.retries ?? 5 });

/** Describes a file in a request. Members that are undefined are not sent. */
export function description(file, options) {
  const { contentType = file.type || undefined, fileName = file.name, contentDisposition, metadata, tags, ifMatch, multipart, ids } = options;
  return { contentType, contentLength: file.size, fileName, contentDisposition, metadata, tags, ifMatch, multipart, ...ids };
}

/** Whether an upload can be found again: a `Blob` has no name and no time of change that tell it from others. */
export const isNamed = (file, { resume }) => resume !== false && Boolean(file.lastModified);

/** Returns the file of a handle. */
export const fileOf = async (source) => (source.getFile ? source.getFile().catch(({ message }) => { throw new UploadError('unreadable', message); }) : source);

/** Uploads one file. `granted` is what the service granted for it together with others. */
export async function uploadAs(source, options, granted) {
  const [file, handle] = [await fileOf(source), source.getFile && source];
  const context = { ...contextOf(options), file, handle, report: reporter(file.size, options.onProgress) };
  context.report(0, 'preparing');
  const isResumed = !granted && file.size > SMALLEST_RESUMED && options.multipart !== false && isNamed(file, options);
  const record = isResumed && await (await import('./state.js')).recordOf(file, options);
  const result = (record && await (await import('./resume.js')).resume(context)) || await fresh(context, granted);
  context.report(file.size, 'done');
  return result;
}

/** Begins an upload. A checksum is computed if the page wants it, or if the service demands it. */
async function begin(context) {
  const { file, options } = context;
  const ask = (checksum) => call(context, undefined, { route: options.route, ...description(file, options), checksum });
  try {
    if (!options.checksum) return await ask();
  } catch (error) {
    if (error.code !== 'checksum-required') throw error;
  }
  return (await import('./whole.js')).begin(context, ask);
}

async function fresh(context, granted) {
  const { options } = context;
  for (let grants = 1; ; grants += 1) {
    const grant = granted ?? await begin(context);
    granted = undefined;
    options.onGrant?.(grant);
    if (grant.method === 'MULTIPART') return (await import('./multipart.js')).start(context, grant);
    try {
      return await confirmed(context, grant, await sendWhole(context, grant));
    } catch (error) {
      if (!error.isExpired || grants >= MAX_GRANTS) throw error;
    }
  }
}

/** Sends a file in one request: a PUT, or a form. */
function sendWhole(context, grant) {
  const { file, checksum, report } = context;
  let isUncertain = false;
  return retrying(context, async () => {
    try {
      // Without its type, so that the browser adds no header.
      const body = grant.fields ? form(grant.fields, file) : file.slice();
      const answer = await send(context, grant.method, grant.uploadUrl, grant.headers, body, 'object', (share) => report(share * file.size));
      for (const name in checksum) {
        if ((answer[`x-amz-checksum-${name}`] ?? checksum[name]) !== checksum[name]) throw new UploadError('corrupted', 'the store received other bytes');
      }
      return resultOf(grant, { size: file.size, etag: unquoted(answer.etag), versionId: answer['x-amz-version-id'], checksum });
    } catch (error) {
      // The answer to an earlier attempt was lost, and the object is there: it may be this one.
      if (error.status === 412 && isUncertain) {
        if (grant.uploadToken) return (await import('./after.js')).recovered(context, grant);
        // Nothing can compare them: the next grant has another key, unless the ids name one key.
        error.isExpired = true;
      }
      isUncertain ||= error.isRetryable;
      throw error;
    }
  });
}

/** Returns a form with the fields in their order, and the file last. */
function form(fields, file) {
  const form = new FormData();
  for (const name in fields) form.append(name, fields[name]);
  form.append('file', file);
  return form;
}

/** Returns the members of a grant that say what is stored, its key and ids, and those of the stored object. */
export function resultOf(grant, stored) {
  const { uploadUrl, method, headers, fields, uploadToken, expiresIn, expiresAt, expiresAtIs, ...rest } = grant;
  const { partSize, partCount, partsAtOnce, contentLength, checksumAlgorithm, checksumType, ...named } = rest;
  return { ...named, ...stored };
}

/** Has an object confirmed, if its grant has the token for that. */
export const confirmed = async (context, grant, result) => (grant.uploadToken && context.options.confirm !== false ? (await import('./after.js')).confirm(context, grant, result) : result);

/** Returns a function that reports progress, which never decreases: a repeated attempt begins at zero, but the report does not. */
function reporter(total, onProgress) {
  let loaded = 0;
  return (now, state = 'sending') => {
    loaded = Math.max(loaded, Math.min(total, Math.round(now)));
    onProgress?.({ loaded, total, state });
  };
}
