// Loads modules when an upload needs them.
//
// A module that is loaded imports those of an upload in one request only, or is loaded with its imports each time: if an import has
// failed, Firefox never loads the module again. `multipart.js` with the checksums and the state is the exception, because it is one file
// in an application that bundles it.

import { NetworkError } from './errors.js';
import { retrying } from './retry.js';

const modules = {};

/**
 * Loads a module. Firefox remembers one that could not be loaded for as long as the page lives, so the next attempt has another
 * address.
 */
export const load = async (context, name, first) => (modules[name] ??= await retrying(context, () => first()
  .catch(() => import(/* webpackIgnore: true */ /* @vite-ignore */ `${name}?${Date.now()}`))
  .catch(() => { throw new NetworkError(name); })));

export const after = (context) => load(context, './after.js', () => import('./after.js'));
/** Loads what an upload in parts needs: it has checksums and the state of interrupted uploads too. */
export const multipart = (context) => load(context, './multipart.js', () => import('./multipart.js'));
export const refused = (context) => load(context, './refused.js', () => import('./refused.js'));
