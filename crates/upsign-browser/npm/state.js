// The state of multipart uploads in IndexedDB, so that they continue after a reload.
//
// A record has the upload token, which is good for the user who began the upload only, and never the user's own token. Where the
// browser has no IndexedDB, as in some private windows, uploads work and are not resumed.

import { address } from './api.js';
import { isNamed } from './upsign.js';

let opened;

const open = () => (opened ??= new Promise((resolve, reject) => {
  const request = indexedDB.open('upsign', 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('uploads', { keyPath: 'id' });
    request.result.createObjectStore('parts', { keyPath: ['id', 'number'] });
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
}));

/** Calls a method of an object store, and resolves to its result, or to undefined without a database. */
export async function store(name, method, ...values) {
  try {
    const store = (await open()).transaction(name, 'readwrite').objectStore(name);
    return await new Promise((resolve, reject) => {
      const request = store[method](...values);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } catch {
    return undefined;
  }
}

export const partsOf = (id) => IDBKeyRange.bound([id], [id, []]);

/** Names the upload of a file: the same service, the same request, and a file with the same name, size and time of change. */
const idOf = ({ type, name, size, lastModified }, { endpoint, route, ids }) => JSON.stringify([address(endpoint), route, ids, type, name, size, lastModified]);

/** Returns the record of an interrupted upload of this file, with its parts. */
export async function recordOf(file, options) {
  const record = await store('uploads', 'get', idOf(file, options));
  return record && { ...record, parts: await store('parts', 'getAll', partsOf(record.id)) };
}

/** Keeps what a later page needs to continue an upload, and returns the name of the record. */
export async function keep({ file, handle, options }, grant) {
  if (!isNamed(file, options)) return undefined;
  const { name, size, lastModified } = file;
  const record = { id: idOf(file, options), endpoint: address(options.endpoint).href, grant, name, size, lastModified };
  await forget(record.id);
  // Not every browser can keep the handle.
  return (handle && await store('uploads', 'put', { ...record, handle })) ?? store('uploads', 'put', record);
}

/** Removes the record of an upload. */
export const forget = (id) => Promise.all([store('uploads', 'delete', id ?? ''), store('parts', 'delete', partsOf(id ?? ''))]);
