// Loads packages from the folder NODE_PATH, which `import` ignores.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Returns the module of a file in a package. */
export const load = (file) => quietly(() => import(pathToFileURL(path.join(process.env.NODE_PATH, file)).href));

/** Runs `use` without its warnings, which say that settings are for development only. */
export function quietly(use) {
  const { warn, info } = console;
  const restore = () => Object.assign(console, { warn, info });
  Object.assign(console, { warn() {}, info() {} });
  try {
    const result = use();
    if (result instanceof Promise) return result.finally(restore);
    restore();
    return result;
  } catch (error) {
    restore();
    throw error;
  }
}
