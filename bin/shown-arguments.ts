import { HISTORY_KINDS } from '../lambda/core/state/history.ts';
import { type CommandName, flagsOf, type Refuse, type Values } from './grammar.ts';
import { SORTS, type Sort } from './sorts.ts';

/** How much `status` shows, and which kinds of entries `history` does. */
export const shownIn = (command: CommandName, values: Values, refuse: Refuse) => {
  const { sort, kind } = values;
  if (sort !== undefined && !SORTS.some((known) => known === sort))
    refuse(`Expected --sort to be one of ${SORTS.join(', ')}, received "${sort}".`);
  const stray = kind?.split(',').find((one) => !HISTORY_KINDS.some((known) => known === one));
  if (stray !== undefined)
    refuse(
      `Expected --kind to be one or several of ${HISTORY_KINDS.join(', ')}, by commas, received "${stray}".`,
    );
  return {
    ...(kind !== undefined && { kind }),
    ...(command === 'status' && values.all && { unfolded: true as const }),
    ...(values['not-fine'] && { notFine: true as const }),
    ...(sort !== undefined && { sort: sort as Sort }),
    ...(values.watch && { watch: true as const }),
  };
};

/** The local cloud that is meant: a flag says so, else the environment, unless --config names what is in AWS. */
export const localIn = (
  command: CommandName,
  { local, config }: Values,
  env: Record<string, string | undefined>,
): { local?: string } => {
  if (local !== undefined) return { local };
  const usual = env.SWITCHOVER_LOCAL;
  const isTaken =
    flagsOf(command).includes('local') && config === undefined && usual !== undefined && usual !== '';
  return isTaken ? { local: usual } : {};
};
