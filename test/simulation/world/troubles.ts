/** What becomes of a call to Route 53, the state table or the topic: see `carry` in calls.ts. */
export type Fate =
  | 'lost'
  | 'answer-lost'
  | 'late'
  | 'slow'
  | 'throttled'
  | 'busy'
  | 'denied'
  | 'gone'
  | 'unavailable';

export type ServerTrouble = {
  kind: 'server';
  site: number;
  /** Its index, or `all`: whatever they have in common is gone. */
  server: number | 'all';
  answer: 'refuses' | 'hangs' | 'status' | 'slow' | 'no-network';
  /** Bad for `share` of each period; without it, bad all the time. */
  flaps?: { periodMs: number; share: number };
  /** Each probe fails with this probability; without it, all of them. */
  loss?: number;
  /** Bad as seen from these vantages only. */
  from?: string[];
  /** Bad at its IPv6 addresses only. */
  ipv6Only?: true;
};

/** Outside systems beside the vantages: Route 53, the state table, the topic, EC2 with its addresses, name servers, and SSM. */
export type Edge = 'zone' | 'store' | 'topic' | 'addresses' | 'names' | 'parameters';

/** The zones or sites, by index, that a trouble concerns; all of them when absent. */
export type Only = { zones?: number[]; sites?: number[] };

/** What a call is about, by index. One of many sites at once, or of the deployment as a whole, is about none. */
export type About = { zone?: number; site?: number };

/** Whether a trouble of some zones or sites meets what is about `about`. */
export const concerns = (only: Only | undefined, { zone, site }: About): boolean =>
  (only?.zones === undefined || (zone !== undefined && only.zones.includes(zone))) &&
  (only?.sites === undefined || (site !== undefined && only.sites.includes(site)));

/** Everything that can go wrong, and everything people do, while a world runs. */
export type Trouble =
  | ServerTrouble
  | {
      kind: 'vantage';
      vantages: string[];
      /** `cut-off`: it runs, and whatever it asks fails, its references too. */
      how: 'denied' | 'lost' | 'throttled' | 'slow' | 'partial' | 'no-network' | 'cut-off';
      chance: number;
    }
  /** What vantages doubt themselves by does not answer: one of the references, or all. */
  | { kind: 'reference'; which: number | 'all'; answer: 'refuses' | 'hangs'; from?: string[] }
  | {
      kind: 'edge';
      edge: Edge;
      /** Methods of the edge; all of them when absent. */
      calls?: string[];
      fate: Fate;
      chance: number;
      /** With `late`: how long after its answer was given up the request arrives, at most. */
      lateMs: number;
      /** With `slow`: how long each call takes; without it, nearly as long as its client waits. */
      slowMs?: number;
      only?: Only;
    }
  /** Changes stay PENDING, are forgotten by GetChange, or keep the zone busy for a while. */
  | { kind: 'changes'; how: 'held' | 'stranded' | 'busy'; only?: Only }
  /** There is no such hosted zone; then it is there again, as it was or made anew and empty. */
  | { kind: 'zone'; which: number; emptied: boolean }
  /** No name server answers any question, or one of them follows changes late. */
  | { kind: 'names'; how: 'away' | 'lag'; only?: Only }
  /** Route 53 refuses every change of the site's records. */
  | { kind: 'protected'; site: number }
  /** The state table is away, then there again: empty, or as it was `agoMs` before the trouble began. */
  | { kind: 'table'; how: 'emptied' | 'restored'; agoMs: number }
  | { kind: 'schedule'; how: 'none' | 'late' | 'twice' | 'old' | 'future'; byMs: number }
  /** Each call of a process ends (`crash`) or stops it (`freeze`) with this probability; `now`: all that run, once. */
  | { kind: 'process'; how: 'crash' | 'freeze'; chance: number | 'now'; frozenMs: number }
  /** The clocks of processes that start meanwhile are wrong, each by its own amount; `jump`: those that run, once. */
  | { kind: 'clock'; how: 'skew' | 'jump'; byMs: number }
  | {
      kind: 'order';
      site: number;
      action: OrderAction;
      server: number;
      forSeconds: number;
      force: boolean;
      /** With `point`: the TTL is lowered first, and the old one waited out. */
      planned?: true;
    }
  | { kind: 'edit'; site: number; how: EditHow; afterwards: 'adopt' | 'put-back' | 'undo' | 'nothing' }
  /** A person gives the site's Elastic IP to something else, and some time later somebody does something about it. */
  | {
      kind: 'address';
      site: number;
      how: 'to-a-server' | 'to-a-stranger' | 'to-nobody';
      server: number;
      afterwards: 'adopt' | 'put-back' | 'pin' | 'undo' | 'nothing';
    }
  /** The host that has the site's address keeps it, whatever the role record says. */
  | { kind: 'host'; site: number }
  /** From then on, controllers start with another configuration of the site. */
  | { kind: 'deploy'; site: number; how: DeployHow; server: number };

/** `servers`: the least preferred of three goes, or comes back. */
export const DEPLOYS = ['address', 'ttl', 'names', 'failback', 'servers'] as const;
export type DeployHow = (typeof DEPLOYS)[number];

export type OrderAction = 'hold' | 'pin' | 'release' | 'failback' | 'point' | 'adopt' | 'put-back';

export const EDITS = [
  'to-another-server',
  'to-a-stranger',
  'remove-records',
  'remove-role',
  'remove-all',
  'ttl',
  'one-name-only',
  'add-ipv6',
  'role-says-held',
  'role-is-garbage',
  'role-ttl',
  'weighted',
  'in-two-steps',
] as const;
export type EditHow = (typeof EDITS)[number];

/** A trouble and when it is there, milliseconds from the start of the world. What happens once happens at `fromMs`. */
export type Episode = { id: number; fromMs: number; toMs: number; trouble: Trouble };
const shown = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** An episode as one line of a trace. */
export const describe = ({ id, fromMs, toMs, trouble }: Episode): string => {
  const { kind, ...fields } = trouble;
  const words = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
  return `#${id} ${(fromMs / 1000).toFixed(0)}..${(toMs / 1000).toFixed(0)} s: ${kind} ${words.join(' ')}`;
};
