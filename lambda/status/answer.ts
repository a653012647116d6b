import { Fault } from '../core/base/fault.ts';
import { type Command, readCommand } from '../core/orders/command.ts';
import { WITHOUT_TABLE } from '../core/orders/status.ts';
import type { StatusDocument } from '../core/orders/status-document.ts';
import { type Config, disclosed } from '../core/site/site.ts';
import type { HistoryEntry } from '../core/state/history.ts';
import { type Explanation, explain } from './explain.ts';
import type { StatusPorts } from './ports.ts';
import { history, status } from './report.ts';
import { statusThen } from './then.ts';

/** What is answered to who only looks; to `status` the whole document. `ok` is false when what was asked was refused. */
export type Looked = Partial<Omit<StatusDocument, 'ok' | 'message'>> & {
  ok: boolean;
  message: string;
  history?: HistoryEntry[];
  /** With `history`, where there is more: `until` of the next page. */
  more?: string;
  explanations?: Explanation[];
  /** The configuration that was deployed, as `disclosed`, with the sites that were asked for. */
  config?: Config;
};

/** Answers a command that only looks; undefined for any other. */
export const look = async (ports: StatusPorts, command: Command): Promise<Looked | undefined> => {
  const { action, sites } = command;
  switch (action) {
    case 'config':
      return configOf(ports.config, sites);
    case 'status':
      return command.atMs === undefined
        ? await status(ports, sites)
        : await statusThen(ports, sites, command.atMs);
    case 'history':
      return await history(ports, sites, command);
    case 'explain':
      return await explain(ports, sites, command.atMs);
    default:
      return undefined;
  }
};

const configOf = (config: Config, sites: Config['sites']): Looked => ({
  ok: true,
  message: `${config.deployment} was deployed with ${config.sites.length} sites.`,
  config: disclosed({ ...config, sites }),
});

/** Reads a command and has it answered. Whatever is wrong with it, or outside, is answered, and nothing has changed then. */
export const answering = async <A extends Looked>(
  config: Config,
  event: unknown,
  answer: (command: Command) => Promise<A>,
): Promise<A | Looked> => {
  const command = readCommand(event, config);
  if ('refused' in command) return { ok: false, message: command.refused };
  try {
    return await answer(command);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { system, message } = error;
    // What is looked up there is nowhere else.
    const way = system === 'DynamoDB' ? `. "status" shows what DNS says; ${WITHOUT_TABLE}.` : '';
    return { ok: false, message: `Not done: ${message}${way}` };
  }
};
