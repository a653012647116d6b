/** undici as the prober has it: the package brings that along, and has no second one. It holds the client alone, as in the functions. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as undici from 'undici';
import { BUILT_FUNCTIONS } from '../lib/place.ts';

export const { Client }: Pick<typeof undici, 'Client'> = createRequire(import.meta.url)(
  join(BUILT_FUNCTIONS, 'packages', 'undici'),
);
