// Uploads files straight to the store, as a service of upsign grants it.
//
// This module and its imports are what an upload in one request needs. Parts, checksums, the state of interrupted uploads,
// confirmations, refusals and lists of files are loaded when an upload needs them.

import { call } from './api.js';
import { UploadError, tell } from './errors.js';
import { after, load, multipart } from './load.js';
import { retrying } from './retry.js';
import { send, unquoted } from './send.js';

export { ApiError, NetworkError, StoreError, UploadError, paused } from './errors.js';

/** How often an upload is granted anew because its URL has expired. */
const MAX_GRANTS = 3;
/** Minimum part size of S3. Smaller files are sent in one request and cannot be resumed. */
const SMALLEST_RESUMED = 5 << 20;

/** Uploads a `File`, a `Blob` or a `FileSystemFileHandle`, and resolves to `{key, size, …}` with the ids of the service. */
export const upload = (source, options) => uploadAs(source, options);

/** Returns a function that calls a function of a module. */
const from = (name, first, member) => async (...values) => (await load({}, name, first))[member](...values);
const several = () => import('./several.js');
const interruptions = () => import('./interrupted.js');
const objects = () => import('./after.js');

/** Uploads several files, and resolves as `Promise.allSettled` does. */
export const uploadAll = from('./several.js', several, 'uploadAll');

/** Returns the interrupted uploads of this browser that can be continued. */
export const interrupted = from('./interrupted.js', interruptions, 'interrupted');

/** Forgets all interrupted uploads of this browser, for example when a user signs out. */
export const forgetAll = from('./interrupted.js', interruptions, 'forgetAll');

/** Returns a URL that reads a confirmed object: `{readUrl, headers, expiresAt, …}`. */
export const readUrl = from('./after.js', objects, 'readUrl');

/** Deletes a confirmed object, if the route allows it. */
export const remove = from('./after.js', objects, 'remove');

export const contextOf = (options) => ({ options, signal: options.signal, retries: options.retries });

/** Describes a file in a request. Members that are undefined are not sent. */
export function description(file, options) {
  const { contentType = file.type || undefined, fileName = file.name, contentDisposition, metadata, tags, ifMatch, multipart, ids } = options;
  return { contentType, contentLength: file.size, fileName, contentDisposition, metadata, tags, ifMatch, multipart, ...ids };
}

/** Returns the file of a handle. */
export const fileOf = async (source) => (source.getFile ? source.getFile().catch(({ message }) => { throw new UploadError('unreadable', message); }) : source);

/** Uploads one file. `begun` has the grant of a file that was begun together with others, and its checksum. */
export async function uploadAs(source, options, begun) {
  const file = await fileOf(source);
  const context = { ...contextOf(options), ...begun, file, handle: source.getFile && source, report: reporter(file.size, options.onProgress) };
  context.report(0, 'preparing');
  // A `Blob` has no name and no time of change that tell it from others, so its upload cannot be found again.
  context.isKept = options.resume !== false && file.lastModified && file.size > SMALLEST_RESUMED;
  const record = context.isKept && !begun && options.multipart !== false && await (await multipart(context)).recordOf(file, options);
  const result = (record && await (await load(context, './resume.js', () => import('./resume.js'))).resume(context)) || await fresh(context);
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
    if (error?.code !== 'checksum-required') throw error;
    context.refusal = error;
  }
  return (await load(context, './whole.js', () => import('./whole.js'))).begin(context, ask);
}

async function fresh(context) {
  for (let grants = 1; ; grants += 1) {
    const grant = context.grant ?? await begin(context);
    context.grant = undefined;
    tell(context.options.onGrant, grant);
    // While bytes are sent, so that a stored object does not wait for it.
    if (confirms(context, grant)) after(context).catch(() => {});
    if (grant.method === 'MULTIPART') return (await multipart(context)).start(context, grant);
    try {
      return await confirmed(context, grant, await sendWhole(context, grant));
    } catch (error) {
      if (!error?.isExpired || grants >= MAX_GRANTS) throw error;
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
      context.verify?.(answer);
      return resultOf(grant, { size: file.size, etag: unquoted(answer.etag), versionId: answer['x-amz-version-id'], checksum });
    } catch (error) {
      // The answer to an earlier attempt was lost, and the object is there: it may be this one.
      if (isUncertain && error?.status === 412) return (await after(context)).recovered(context, grant, error);
      isUncertain ||= error?.isRetryable;
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

/** The members of a grant that say how to upload, and not what is stored. */
const HOW = /^(upload(Url|Token)|method|headers|fields|confirm|expires(In|At|AtIs)|part(Size|Count|sAtOnce)|contentLength|checksum(Algorithm|Type))$/;

/** Returns the other members of a grant, such as its key and ids, and those of the stored object. */
export const resultOf = (grant, stored) => ({ ...Object.fromEntries(Object.entries(grant).filter(([name]) => !HOW.test(name))), ...stored });

/** Whether an object must be confirmed: the grant says it, and the page can insist on it or leave it out. */
const confirms = ({ options }, grant) => options.confirm ?? grant.confirm;

/** Has an object confirmed, if it must be. */
export const confirmed = async (context, grant, result) => (confirms(context, grant) ? (await after(context)).confirm(context, grant, result) : result);

/** Returns a function that reports progress, which never decreases: a repeated attempt begins at zero, but the report does not. */
function reporter(total, onProgress) {
  let loaded = 0;
  return (now, state = 'sending') => {
    loaded = Math.max(loaded, Math.min(total, Math.round(now)));
    tell(onProgress, { loaded, total, state });
  };
}
