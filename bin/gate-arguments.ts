import { isIP } from 'node:net';
import type { Refuse, Values } from './grammar.ts';
import { secondsIn } from './times.ts';

/** What the command `gate` was given. */
export type GateGiven = {
  site: string;
  listen: { host: string; port: number };
  upstream: URL;
  /** Files. */
  tls?: { cert: string; key: string };
  /** `ADDRESS` or `ADDRESS:PORT`; without it the zone's own are found. */
  nameServer?: string;
  everyMs: number;
  keepMs: number;
};

const EVERY_SECONDS = 2;
const KEEP_SECONDS = 60;

/** Reads the flags of a gate, or refuses. */
export const gateIn = (words: string[], values: Values, refuse: Refuse): GateGiven => {
  if (words.length > 0) refuse(`gate takes the site as --site, received "${words[0]}".`);
  const { site, listen, upstream, cert, key } = values;
  const nameServer = values['name-server'];
  if (site === undefined) return refuse('Expected --site, the site whose standby this is, received none.');
  if (listen === undefined) return refuse('Expected --listen, where visitors come in, received none.');
  if (upstream === undefined)
    return refuse('Expected --upstream, the application that the gate stands before, received none.');
  if ((cert === undefined) !== (key === undefined))
    refuse('Expected --cert and --key together, received one of them.');
  if (nameServer !== undefined && isIP(hostAndPort(nameServer, 53)?.host ?? '') === 0)
    refuse(`Expected --name-server to be an address such as 192.0.2.53, received "${nameServer}".`);
  return {
    site: site.toLowerCase().replace(/\.$/, ''),
    listen:
      hostAndPort(listen) ??
      refuse(`Expected --listen to be such as 0.0.0.0:80 or [::]:443, received "${listen}".`),
    upstream: upstreamIn(upstream, refuse),
    ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
    ...(nameServer !== undefined && { nameServer }),
    everyMs: (positive('every', values.every, refuse) ?? EVERY_SECONDS) * 1000,
    keepMs: (positive('keep', values.keep, refuse) ?? KEEP_SECONDS) * 1000,
  };
};

const hostAndPort = (text: string, usual?: number): { host: string; port: number } | undefined => {
  const [, bracketed, plain, given] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = given === undefined ? usual : Number(given);
  const host = bracketed ?? plain;
  return host === undefined || host === '' || port === undefined || port > 65_535
    ? undefined
    : { host, port };
};

const upstreamIn = (text: string, refuse: Refuse): URL => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '')
    return refuse(
      `Expected --upstream to be scheme, host and port, such as http://127.0.0.1:8080, received "${text}".`,
    );
  return url;
};

const positive = (flag: string, text: string | undefined, refuse: Refuse): number | undefined => {
  if (text === undefined) return undefined;
  const seconds = secondsIn(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  return refuse(`Expected --${flag} to be a time such as 2s or 1m, received "${text}".`);
};
