import type { Server } from '../../lambda/core/site/site.ts';
import type { Draft, SiteDraft } from './draft.ts';
import { expected, type Problem } from './problems.ts';

/** What is wrong with a server that is published as alias records, or that names a zone for them. */
export const aliasProblems = (server: Draft<Server>, families: string[], path: string): Problem[] => {
  const { alias, hostname } = server;
  if (!alias) return [];
  if (alias.name === '') {
    const allowed = 'an `alias` beside `aliasZoneId`';
    return [
      {
        path: `${path}.aliasZoneId`,
        message: expected(allowed, alias.zoneId, 'name the target, or drop the zone'),
      },
    ];
  }
  const others = [...families, ...(hostname === undefined ? [] : ['hostname'])];
  if (others.length > 0) {
    const allowed = `no \`alias\` beside \`${others.join('` and `')}\``;
    const wayOut = 'a server is published in one way, so keep one of them';
    return [{ path: `${path}.alias`, message: expected(allowed, alias.name, wayOut) }];
  }
  if (alias.zoneId !== null) return [];
  const allowed =
    'the name of a CloudFront distribution, of a load balancer or of an S3 website endpoint in a region that is known here';
  const wayOut =
    'correct it, or give the hosted zone of the target in `aliasZoneId`: the AWS console shows it beside the resource';
  return [{ path: `${path}.alias`, message: expected(allowed, alias.name, wayOut) }];
};

/** The three TTLs stand in order: floor, while failed over, usual. */
export const ttlRules = ({ site, at }: SiteDraft): Problem[] => {
  const { ttlSeconds: usual, ttlFloorSeconds: floor, ttlWhileFailedOverSeconds: lowered } = site;
  if (!usual || !floor) return [];
  if (floor > usual) {
    const allowed = `at most \`ttlSeconds\`, ${usual}`;
    return [
      {
        path: at('ttlFloorSeconds'),
        message: expected(allowed, floor, 'no TTL is set below the floor, so lower it'),
      },
    ];
  }
  if (!lowered || (lowered >= floor && lowered <= usual)) return [];
  const allowed = `a TTL from \`ttlFloorSeconds\`, ${floor}, to \`ttlSeconds\`, ${usual}`;
  return [
    {
      path: at('ttlWhileFailedOverSeconds'),
      message: expected(
        allowed,
        lowered,
        'it makes the way back shorter, so it is not longer than the usual one',
      ),
    },
  ];
};
