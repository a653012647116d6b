/**
 * Where things lie: the one place that knows whether this code runs as it is written, in the repository, or as it was built into a
 * package. `publish/build.ts` makes the layout that is read here.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(import.meta.url);

/** Whether this is a built package; else it is the repository. */
export const IS_BUILT = !HERE.endsWith('.ts');

/** In a package the code lies in the folder `js` and below, in the repository this file lies in `lib`. */
const topOf = (file: string): string =>
  IS_BUILT ? file.slice(0, file.lastIndexOf(join('/', 'js', '/'))) : dirname(dirname(file));

/** The top of the repository, or of the package. */
export const TOP = topOf(HERE);

/** What runs as a process of its own, by its path in the repository. */
export type Program = 'bin/app' | 'bin/switchover' | 'local/runtime' | 'local/web';

/** The file to start. */
export const programFile = (program: Program): string =>
  IS_BUILT ? join(TOP, 'js', `${program}.js`) : join(TOP, `${program}.ts`);

/** The code of the functions as it was bundled and tested; a package alone has it. Packages lie in `packages` beside them. */
export const BUILT_FUNCTIONS = join(TOP, 'functions');

/**
 * How people call a command, in what they read. Never by npx: where nothing is installed it would run what a stranger published under the
 * name. The repository and a project made by `init` have the script.
 */
export const CALLED =
  IS_BUILT && process.env.npm_lifecycle_event !== 'switchover' ? 'switchover' : 'npm run switchover --';

/** The version of this product. */
export const version = (): string =>
  (JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8')) as { version: string }).version;
