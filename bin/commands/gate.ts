import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Misplaced, nameServersOf, type Place, placeOf, tryServer } from '../../gate/place.ts';
import { type RoleWatch, type Say, watchRole } from '../../gate/role-watch.ts';
import { type Gate, startGate } from '../../gate/server.ts';
import { dnsClient, serverOf } from '../../lambda/edge/dns.ts';
import { checkConfig, readConfig } from '../../lib/config/index.ts';
import type { GateGiven } from '../gate-arguments.ts';
import type { Command } from '../result.ts';
import { Trouble } from '../trouble.ts';

/** Requests that are under way when the gate is to end may take so long. */
const GRACE_MS = 10_000;

/** `gate`: stands before a standby until SIGTERM or SIGINT. */
export const gate: Command = async ({ gate: given, server, config: file }) => {
  if (given === undefined) throw new Error('The command line of a gate was not read.');
  const { input, file: source } = await readConfig(file);
  const { config } = checkConfig(input, source);
  const place = placeFor(() =>
    placeOf(config, { site: given.site, server }, process.env.SWITCHOVER_PROBE_SECRET),
  );
  const over = new AbortController();
  const ended = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => over.abort());
  const watch = watchRole({
    site: place.site.name,
    servers: place.site.servers.map(({ name }) => name),
    me: place.me.name,
    dns: dnsClient(),
    nameServers: async () =>
      given.nameServer === undefined ? nameServersOf(place.site.zone) : [serverOf(given.nameServer)],
    tryServer: (name) => tryServer(place, name),
    keepMs: given.keepMs,
    now: () => performance.now(),
    say,
  });
  // Nobody is answered before the gate knows, or has tried to know, what it is.
  await watch.look();
  const running = await start(given, place, watch);
  const { address, port } = running.address;
  say({
    event: 'listening',
    message: `Listening on ${address}:${port} before ${given.upstream.host}, for ${place.me.name} of ${place.site.name}.`,
    address,
    port,
  });
  process.on('SIGHUP', () => renew(running, given));
  const watching = keepLooking(watch, given.everyMs, over.signal);
  await ended;
  say({ event: 'closing', message: `Ending: requests under way have ${GRACE_MS / 1000} s.` });
  await Promise.all([running.close(GRACE_MS), watching]);
  const message = 'The gate has ended.';
  return { ok: true, text: lineOf({ event: 'closed', message }), answer: { message } };
};

const now = (): string => new Date().toISOString();

/** What the gate cannot do as it should; the rest is its course. */
const TROUBLES: readonly string[] = ['upstream', 'name-servers'];
const lineOf = (line: Parameters<Say>[0]): string =>
  JSON.stringify({ v: 1, level: TROUBLES.includes(line.event) ? 'WARN' : 'INFO', ...line, at: now() });
const say: Say = (line) => console.log(lineOf(line));

const placeFor = (find: () => Place): Place => {
  try {
    return find();
  } catch (error) {
    if (error instanceof Misplaced) throw new Trouble(error.message);
    throw error;
  }
};

const start = async (given: GateGiven, place: Place, watch: RoleWatch): Promise<Gate> => {
  const { site, dual, secret } = place;
  const { host, port } = given.listen;
  try {
    return await startGate({
      listen: given.listen,
      ...(given.tls !== undefined && { tls: readTls(given.tls) }),
      upstream: given.upstream,
      primaryHost: dual.primaryHost,
      scheme: site.probe.url.startsWith('https:') ? 'https' : 'http',
      probe: { header: dual.probeHeader, value: secret },
      view: watch.view,
      say,
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const ways: Record<string, string> = {
      EADDRINUSE: 'another program listens there; end it, or choose another --listen',
      EACCES:
        'this user may not; ports below 1024 need CAP_NET_BIND_SERVICE (see docs/dual.md) or a proxy before the gate',
      EADDRNOTAVAIL: 'this machine has no such address; 0.0.0.0 and [::] are all it has',
    };
    if (error instanceof Trouble) throw error;
    throw new Trouble(`The gate cannot listen on ${host}:${port}: ${ways[code ?? ''] ?? message}.`, {
      cause: error,
    });
  }
};

const readTls = ({ cert, key }: { cert: string; key: string }) => {
  const read = (flag: string, path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new Trouble(`Expected --${flag} to be a file that can be read: ${(error as Error).message}.`);
    }
  };
  return { cert: read('cert', cert), key: read('key', key) };
};

/** A certificate that cannot be read or used leaves the one that is in use. */
const renew = (running: Gate, { tls }: GateGiven): void => {
  if (tls === undefined) return;
  try {
    running.renew(readTls(tls));
    say({ event: 'certificate', message: 'The certificate was read again.' });
  } catch (error) {
    say({ event: 'certificate', message: `The old certificate stays in use: ${(error as Error).message}` });
  }
};

const keepLooking = async (watch: RoleWatch, everyMs: number, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await watch.look();
  }
};
