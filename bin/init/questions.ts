import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { KNOWN_REGIONS } from '../../lib/config/regions.ts';
import { ownDomain, refuseZone } from './dns.ts';

/** What `init` needs to know, each as it is typed. */
export type Answers = Record<'url' | 'primary' | 'standby' | 'zone' | 'email' | 'region' | 'budget', string>;
export type AnswerName = keyof Answers;

/** What is known by then: questions are asked in the order of `QUESTIONS`. */
export type Known = Partial<Answers>;

export type Question = {
  name: AnswerName;
  asks: string;
  /** Why the answer that is proposed is a good one, or what the question is for. */
  why: string;
  /** What is wrong with an answer beside what is known by then, as a sentence; undefined when it will do. */
  refuse(text: string, known: Known): string | undefined;
  /** What is taken when nothing is typed. */
  propose?(known: Known): string;
  /** The same, where DNS may be asked. */
  proposeFromDns?(known: Known): Promise<string | undefined>;
  /** What `--yes` takes where nothing can be proposed: of documentation, and refused by a deployment. */
  example?: string;
};

const hostOf = (known: Known): string => URL.parse(known.url ?? '')?.hostname ?? 'www.example.com';

const addresses = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');

export const addressesIn = (text: string): { ipv4: string[]; ipv6: string[] } => ({
  ipv4: addresses(text).filter((address) => isIP(address) === 4),
  ipv6: addresses(text).filter((address) => isIP(address) === 6),
});

const refuseAddresses = (text: string): string | undefined => {
  const found = addresses(text);
  const wrong = found.find((address) => isIP(address) === 0);
  if (found.length > 0 && wrong === undefined) return undefined;
  return `Expected an IP address such as 203.0.113.10, or several with commas, received "${wrong ?? ''}". A name would take the probe along when it moves.`;
};

/** Two servers with one address are one server. */
const refuseStandby = (text: string, { primary = '' }: Known): string | undefined => {
  const taken = addresses(text).find((address) => addresses(primary).includes(address));
  if (taken === undefined) return refuseAddresses(text);
  return `Expected another server than the primary, received its address "${taken}".`;
};

/** The region near this machine's time zone, as a guess at where the people are. */
const nearRegion = (): string => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone.startsWith('America/')) return 'us-west-2';
  if (zone.startsWith('Asia/')) return 'ap-southeast-1';
  if (/^(Australia|Pacific)\//.test(zone)) return 'ap-southeast-2';
  return 'eu-west-1';
};

const ZONE = /^[a-z0-9-]+(\.[a-z0-9-]+)+(=Z[A-Z0-9]{5,31})?$/;

export const QUESTIONS: readonly Question[] = [
  {
    name: 'url',
    asks: 'The page to watch, as visitors know it (URL)',
    why: 'It should answer 200 when the site works, and test what the site needs: https://www.example.com/healthz',
    refuse: (text) => {
      const url = URL.parse(text);
      if (url !== null && /^https?:$/.test(url.protocol) && isIP(url.hostname.replace(/[[\]]/g, '')) === 0)
        return undefined;
      return `Expected a URL with a host name, such as https://www.example.com/healthz, received "${text}".`;
    },
    example: 'https://www.example.com/healthz',
  },
  {
    name: 'primary',
    asks: 'The address of the primary server',
    why: 'The one that serves while all is well; proposed is where the name leads today.',
    refuse: refuseAddresses,
    proposeFromDns: async (known) =>
      (await lookup(hostOf(known), { family: 4 }).catch(() => undefined))?.address,
    example: '203.0.113.10',
  },
  {
    name: 'standby',
    asks: 'The address of the backup server (standby)',
    why: 'It serves the same site for the same host name, with a certificate of its own for it.',
    refuse: refuseStandby,
    example: '198.51.100.20',
  },
  {
    name: 'zone',
    asks: 'The zone at Route 53 that will hold the record that moves (NAME, or NAME=ID if it exists)',
    why: 'A small zone of its own: the DNS of your domain stays where it is, and gets NS records for this one name.',
    refuse: (text, known) => {
      const [zone = '', id] = text.split('=');
      if (ZONE.test(text) && isIP(zone) === 0) return refuseZone(zone, id !== undefined, hostOf(known));
      return `Expected a zone such as dyn.example.com, or dyn.example.com=Z0123456789ABC, received "${text}".`;
    },
    propose: (known) => `dyn.${ownDomain(hostOf(known))}`,
  },
  {
    name: 'email',
    asks: 'Who is told (e-mail)',
    why: 'AWS asks the address to confirm.',
    refuse: (text) =>
      /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
        ? undefined
        : `Expected an e-mail address such as ops@example.com, received "${text}".`,
    example: 'ops@example.com',
  },
  {
    name: 'region',
    asks: 'The AWS region where decisions are made',
    why: 'One that your servers do not depend on, and not us-east-1, where the control plane of Route 53 is.',
    refuse: (text) =>
      KNOWN_REGIONS.includes(text) ? undefined : `Expected a region such as eu-west-1, received "${text}".`,
    propose: nearRegion,
  },
  {
    name: 'budget',
    asks: 'What it may cost, at most, in dollars a month (0: as little as can be)',
    why: "It decides how often is looked. Every 10 s is about $8.90, or $0.80 while nothing else uses AWS's free allowances; every 60 s $3.90 or $0.60.",
    refuse: (text) =>
      /^\d+(\.\d+)?$/.test(text) ? undefined : `Expected a number of dollars such as 10, received "${text}".`,
    propose: () => '10',
  },
];
