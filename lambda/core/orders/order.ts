import { tellFound } from '../steps/resolve-intent.ts';
import type { Command } from './command.ts';
import { adopt, putBack } from './order-edit.ts';
import { pin, release, setMode } from './order-mode.ts';
import { failback, pointOrder } from './order-switch.ts';
import { epochsUsedUp, type Order, type Ordered, untilOf } from './ordered.ts';

/** What `command` comes to for a site that a controller watches. */
export const orderFor = (command: Command, now: Ordered): Order => {
  const usedUp = epochsUsedUp(now);
  if (usedUp !== undefined) return { refused: `Refused: ${usedUp}.` };
  switch (command.action) {
    case 'hold':
      return setMode(command, now, { mode: 'held', untilMs: untilOf(command, now) });
    case 'pin':
      return pin(command, now);
    case 'release':
      return release(command, now);
    case 'failback':
      return failback(command, now);
    case 'point':
      return pointOrder(command, now);
    case 'adopt':
      return adopt(command, withFound(now));
    case 'put-back':
      return putBack(command, withFound(now));
    default:
      throw new Error(`${command.action} is no order.`);
  }
};

const withFound = (now: Ordered): Ordered => ({
  ...now,
  state: tellFound(now.site, now.state, now.view, now.nowMs),
});
