import { type CommandName, isOrder, type Refuse, type Values } from './grammar.ts';

/** The orders that name a server, which may follow the site without its flag. */
export const takesServer = (command: CommandName): boolean => command === 'point' || command === 'pin';

/** Refuses what lacks a flag that its command needs, and flags that say two things at once. */
export const demandTheNecessary = (command: CommandName, values: Values, refuse: Refuse): void => {
  if (takesServer(command) && values.server === undefined)
    refuse('Expected SITE and SERVER, or --server, received no server.');
  if (command === 'silence' && values.for === undefined)
    refuse(
      'Expected --for, how long such as 2h, received none: a silence without an end would be forgotten.',
    );
  if (isOrder(command) && values.reason === undefined)
    refuse('Expected --reason, a few words for those who will be told, received none.');
  if (command === 'synth' && values.template === undefined)
    refuse('Expected --template DIR, received none; with the CDK it is "npm run cdk -- synth".');
  if (values.offline && (values.deployed || values.dns !== undefined))
    refuse('Expected --offline alone, received --deployed or --dns with it; --offline asks nobody anything.');
  if (
    values.notify &&
    (values.offline || values.deployed || values.dns !== undefined || values.tag !== undefined)
  )
    refuse(
      'Expected --notify alone, received another option with it; it posts to every channel, and looks at nothing else.',
    );
  if (values.local !== undefined && values.config !== undefined && command !== 'diff')
    refuse('Expected --local or --config, received both; what runs locally knows its own, so drop --config.');
};
