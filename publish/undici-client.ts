/** All of undici that is used, as in the functions: the rest of it is several times as large. */
// @ts-expect-error: it has no types of its own; whoever imports `undici` has those of the whole.
export { default as Client } from 'undici/lib/dispatcher/client.js';
