// The list of interrupted uploads.

import { call } from './api.js';
import { UploadError } from './errors.js';
import { alone, forget, lockOf, partsOf, store } from './state.js';
import { contextOf } from './upsign.js';

/** Returns the uploads of this browser that can be continued: none that runs, in this tab or another. Expired ones are removed. */
export async function interrupted() {
  const records = await store('uploads', 'getAll') ?? [];
  const isLive = ({ grant }) => Date.parse(grant.expiresAt) > Date.now();
  await Promise.all(records.filter((record) => !isLive(record)).map(({ id }) => forget(id)));
  const { held = [] } = await navigator.locks?.query() ?? {};
  const isRunning = ({ id }) => held.some(({ name }) => name === lockOf(id));
  return Promise.all(records.filter((record) => isLive(record) && !isRunning(record)).map(describe));
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
    discard: (options) => alone(id, async (lock) => {
      if (lock === null) throw new UploadError('running', 'this upload was continued: abort it instead');
      try {
        await call(contextOf({ endpoint, ...options }), '/abort', { uploadToken });
      } catch (error) {
        // It is complete or gone, or its token is no longer accepted: there is nothing that a later call could discard.
        if (!/^upload-(completed|gone|token-invalid)$/.test(error.code)) throw error;
      }
      await forget(id);
    }),
  };
}
