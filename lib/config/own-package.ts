import module from 'node:module';
import { PACKAGES } from '../packages.ts';

/** What a configuration imports of this package. */
export const OWN_PACKAGE = new RegExp(`^${PACKAGES.main}(/config)?$`);
/** All that a configuration needs of it when it runs: the rest are types. */
export const STAND_IN = 'export const defineConfig = (config) => config;';

const STAND_IN_URL = `data:text/javascript,${encodeURIComponent(STAND_IN)}`;

/**
 * Imports a module, in which this package has a stand-in where it is not installed: beside a gate, or where a configuration lies in a folder
 * of its own.
 */
export const importBeside = async (url: string): Promise<Record<string, unknown>> => {
  // By its name: Node 20 has none, and does not load a module that imports it.
  const hooks = module.registerHooks({
    resolve: (specifier, context, next) => {
      if (!OWN_PACKAGE.test(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return { url: STAND_IN_URL, shortCircuit: true };
      }
    },
  });
  try {
    return await import(url);
  } finally {
    hooks.deregister();
  }
};
