/** undici's client alone: importing undici by its name makes the prober's bundle two and a half times as large. */
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client } from 'undici';

  const client: typeof Client;
  export default client;
}
