/** Writes the page of licences of what is deployed: `npm run licenses`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOP } from '../lib/place.ts';
import { licensesPage, modulesOfFunctions } from './licenses.ts';

writeFileSync(join(TOP, 'docs/licenses.md'), licensesPage(modulesOfFunctions()));
