// Loads modules when an upload needs them.

import { NetworkError } from './errors.js';
import { retrying } from './retry.js';

const modules = {};

/**
 * Loads a module. Firefox remembers one that could not be loaded for as long as the page lives, so that the next attempt has another
 * address.
 */
export const load = async (context, name, first) => (modules[name] ??= await retrying(context, () => first()
  .catch(() => import(/* webpackIgnore: true */ /* @vite-ignore */ `${name}?${Date.now()}`))
  .catch(() => { throw new NetworkError(name); })));

export const after = (context) => load(context, './after.js', () => import('./after.js'));
export const refused = (context) => load(context, './refused.js', () => import('./refused.js'));
