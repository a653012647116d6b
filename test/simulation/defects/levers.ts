import type { Defect } from '../defect-list.ts';

/** Defects of the levers beside `record`, of planned switches, and of many sites. */
export const LEVERS: readonly Defect[] = [
  {
    name: 'velocity-unlimited',
    why: 'Whatever is wrong about all sites at once moves all of them before anybody has read a mail.',
    file: 'lambda/act.ts',
    from: 'const allowed = movesAllowed(config.sites.length, config.maxMoveShare);',
    to: 'const allowed = config.sites.length;',
  },
  {
    name: 'hands-wake-the-first-controller-only',
    why: 'An order at a site of the second controller is not seen until that one starts anew.',
    file: 'lambda/core/shard.ts',
    from: '({ name }) => numbers.get(name) ?? 1);',
    to: '({ name }) => Math.min(1, numbers.get(name) ?? 1));',
  },
  {
    name: 'down-standby-stays-beside',
    why: 'Lever dual: a part of the visitors is sent to a standby that is down.',
    file: 'lambda/core/beside.ts',
    from: "return health === 'unknown' && before.includes(server);",
    to: 'return before.includes(server);',
  },
  {
    name: 'primary-stays-beside',
    why: 'Lever dual: a primary that comes back with old data gets visitors while its standby serves.',
    file: 'lambda/core/beside.ts',
    from: 'index > 0 && name !== serving',
    to: 'index >= 0 && name !== serving',
  },
  {
    name: 'address-taken-from-whoever-has-it',
    why: 'Lever readdress: a controller that comes late takes the address from the server that it was given to since.',
    file: 'lambda/edge/ec2.ts',
    from: 'AllowReassociation: false',
    to: 'AllowReassociation: true',
  },
  {
    name: 'address-taken-back-from-a-person',
    why: 'Lever readdress: an address that a person gave to another server is not known as an edit.',
    file: 'lambda/core/readdress.ts',
    from: 'if (!moved || !isCarried(role, state)) return standing;',
    to: 'if (!moved || isCarried !== undefined) return standing;',
  },
  {
    name: 'planned-switch-does-not-wait',
    why: 'A planned switch moves the site while resolvers still keep the old address for the old TTL.',
    file: 'lambda/core/point.ts',
    from: "return nowMs < lowMs + waitSeconds * 1000 + ROUNDING_MS ? 'waiting'",
    to: "return nowMs < lowMs ? 'waiting'",
  },
  {
    name: 'put-back-said-to-end-a-stored-hold',
    why: 'A person is told that the edit is undone, and not that the hold before it still stands in the table.',
    file: 'lambda/landed.ts',
    from: 'const kept = keptInTable(turn);',
    to: 'const kept = keptInTable === undefined ? keptInTable(turn) : undefined;',
  },
];
