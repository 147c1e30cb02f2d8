// The list of interrupted uploads.

import { call } from './api.js';
import { forget, partsOf, store } from './state.js';
import { contextOf } from './upsign.js';

/** Returns the uploads of this browser that can be continued. Those that have expired are removed from the list. */
export async function interrupted() {
  const records = await store('uploads', 'getAll') ?? [];
  const isLive = ({ grant }) => Date.parse(grant.expiresAt) > Date.now();
  await Promise.all(records.filter((record) => !isLive(record)).map(({ id }) => forget(id)));
  return Promise.all(records.filter(isLive).map(describe));
}

async function describe({ id, endpoint, name, size, lastModified, grant, handle }) {
  const { key, partSize, expiresAt, uploadToken } = grant;
  const parts = await store('parts', 'count', partsOf(id)) ?? 0;
  return {
    ...{ endpoint, name, size, lastModified, key, expiresAt },
    loaded: Math.min(size, parts * partSize),
    /** Resolves to the handle of the file if the user lets the page read it. Call it while a click or key press is handled. */
    handle: async () => (handle && await handle.requestPermission?.({ mode: 'read' }) !== 'denied' ? handle : undefined),
    /** Discards the upload, also at the store. */
    discard: async (options) => {
      await call(contextOf({ endpoint, ...options }), '/abort', { uploadToken });
      await forget(id);
    },
  };
}
