/** Writes the schema of the configuration for editors: `npm run schema`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOP } from '../lib/place.ts';
import { schemaText } from './schema-text.ts';

writeFileSync(join(TOP, 'switchover.schema.json'), schemaText());
