import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DEFECTS, withDefect } from './defect-list.ts';

/** The environment variable that names the defect to put into the product as it is loaded. */
export const DEFECT_VARIABLE = 'SWITCHOVER_DEFECT';

/** The repository, with a slash at its end. */
export const ROOT = new URL('../../', import.meta.url);

// Preloaded with `--import`: the product itself knows of no defect and has no switch for one.
const name = process.env[DEFECT_VARIABLE];
if (name !== undefined) {
  const defect = DEFECTS.find((each) => each.name === name);
  if (defect === undefined)
    throw new Error(`Expected ${DEFECT_VARIABLE} to name a defect, received ${name}.`);
  const patchedUrl = pathToFileURL(fileURLToPath(new URL(defect.file, ROOT))).href;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== patchedUrl) return loaded;
      const source = loaded.source ?? '';
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
      return { ...loaded, source: withDefect(defect, text) };
    },
  });
}
