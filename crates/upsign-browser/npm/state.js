// The state of multipart uploads in IndexedDB, so that they continue after a reload.
//
// A record has the upload token, which is good for the user who began the upload only, and never the user's own token. Where the
// browser has no IndexedDB, as in some private windows, uploads work and are not resumed.

import { address } from './api.js';
import { description } from './upsign.js';

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

/**
 * Names the upload of a file: the same service and user, the same request with all that is granted by it, and a file with the same
 * name, size and time of change.
 */
export function idOf(file, options) {
  const { endpoint, route, checksum, owner } = options;
  return JSON.stringify([address(endpoint), route, description(file, options), checksum, file.type, file.name, file.lastModified, owner]);
}

export const lockOf = (id) => `upsign ${id}`;

/** Runs `use` while no other call works on the same record, also of other tabs. If one does, calls it with null. */
export const alone = (id, use) => (navigator.locks ? navigator.locks.request(lockOf(id), { ifAvailable: true }, use) : use());

/** Returns the record of an interrupted upload of this file. */
export const recordOf = (file, options) => store('uploads', 'get', idOf(file, options));

/** Returns all records that can be continued, and removes those whose upload token has expired. */
export async function records() {
  const all = await store('uploads', 'getAll') ?? [];
  const isLive = ({ grant }) => Date.parse(grant.expiresAt) > Date.now();
  all.forEach((record) => isLive(record) || forget(record.id));
  return all.filter(isLive);
}

/** Keeps what a later page needs to continue an upload, and returns the name of the record. */
export async function keep({ file, handle, options }, grant) {
  const id = idOf(file, options);
  const { name, size, lastModified } = file;
  const { endpoint, route, ids, owner } = options;
  const record = { id, endpoint: address(endpoint).href, route, ids, owner, grant, name, size, lastModified };
  await records();
  await forget(id);
  // Not every browser can keep the handle.
  return (handle && await store('uploads', 'put', { ...record, handle })) ?? store('uploads', 'put', record);
}

/** Removes the record of an upload. */
export const forget = (id) => Promise.all([store('uploads', 'delete', id ?? ''), store('parts', 'delete', partsOf(id ?? ''))]);
