// The list of interrupted uploads.

import { call } from './api.js';
import { UploadError } from './errors.js';
import { multipart } from './load.js';
import { contextOf } from './upsign.js';

/** Returns the uploads of this browser that can be continued: none that runs, in this tab or another, and none of another owner. */
export async function interrupted({ owner } = {}) {
  const { lockOf, records } = await multipart({});
  const { held = [] } = await navigator.locks?.query() ?? {};
  const isRunning = ({ id }) => held.some(({ name }) => name === lockOf(id));
  return Promise.all((await records()).filter((record) => record.owner === owner && !isRunning(record)).map(describe));
}

/** Forgets all uploads of this browser. Their parts remain at the store until a lifecycle rule removes them. */
export async function forgetAll() {
  const { store } = await multipart({});
  await Promise.all(['uploads', 'parts'].map((name) => store(name, 'clear')));
}

async function describe({ id, endpoint, route, ids, name, size, lastModified, grant, handle }) {
  const { alone, forget, partsOf, store } = await multipart({});
  const { key, partSize, expiresAt, uploadToken } = grant;
  const parts = await store('parts', 'getAllKeys', partsOf(id)) ?? [];
  return {
    ...{ endpoint, route, ids, name, size, lastModified, key, expiresAt },
    loaded: parts.reduce((sum, [, number]) => sum + Math.min(partSize, size - (number - 1) * partSize), 0),
    /** Resolves to the handle of the file if the user lets the page read it. Call it while a click or key press is handled. */
    handle: async () => (handle && await handle.requestPermission?.({ mode: 'read' }) !== 'denied' ? handle : undefined),
    /** Discards the upload, also at the store. */
    discard: (options) => alone(id, async (lock) => {
      if (lock === null) throw new UploadError('running', 'this upload was continued: abort it instead');
      try {
        await call(contextOf({ endpoint, ...options }), '/abort', { uploadToken });
      } catch (error) {
        // It is complete or gone, or its token is no longer accepted: there is nothing that a later call could discard.
        if (!/^upload-(completed|gone|token-invalid)$/.test(error?.code)) throw error;
      }
      await forget(id);
    }),
  };
}
