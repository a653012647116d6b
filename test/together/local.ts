import { loadFiles } from './together.ts';

await loadFiles(import.meta.filename);
