import type { Answer } from '../lambda/console/command.ts';
import type { Latency } from './latency.ts';

/** What a page shows and works on: a deployment in AWS, or a running local cloud. */
export type PageSource = {
  /** For people: `on this machine`, or the region. */
  where: string;
  /** Asks the status function what only looks, and the console function all else. Rejects with an error whose message is for people. */
  ask(event: { action: string }): Promise<Answer>;
  /** Asks as a dashboard's widget would, or orders as its button would. What comes back is markup. */
  widget(event: object, isOrder: boolean): Promise<string>;
  /** What CloudWatch keeps of a site's probes between two moments; undefined where the site keeps nothing. Never rejects. */
  latency?(
    site: string,
    window: { fromMs: number; toMs: number; periodMs: number },
  ): Promise<Latency | undefined>;
  /** Who gives the orders unless they say otherwise. */
  operator: string;
  /** How often is looked while somebody watches, milliseconds. */
  everyMs: number;
  /** How people call a command: `npm run switchover --`. */
  called: string;
  /** What a command needs to mean the same deployment: ` --local .switchover`. */
  suffix: string;
  /** A local cloud, whose services may be made to fail: what each trouble means, by name. */
  cloud?: {
    troubles: Readonly<Record<string, string>>;
    /** Those that are being played. */
    playing(): Promise<string[]>;
    play(trouble: string): Promise<void>;
    /** All is well again. */
    clear(): Promise<void>;
  };
  /** The web servers of a demo, which may be made to fail. */
  demo?: {
    servers: readonly string[];
    deeds: Readonly<Record<string, string>>;
    perform(server: string, deed: string): Promise<string>;
  };
};
