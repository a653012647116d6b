import type { SiteDraft } from './draft.ts';
import { expected, type Problem } from './problems.ts';

/** What is wrong between the fields of one site's probe, as far as the schema left them readable. Pure. */
export const probeRules = (draft: SiteDraft, intervalSeconds: number | null): Problem[] => [
  ...probeTiming(draft, intervalSeconds),
  ...slowness(draft),
  ...bodyIsThere(draft),
  ...bodyIsSent(draft),
  ...redirectsAreFollowed(draft),
  ...tlsIsSpoken(draft),
  ...nothingIdle(draft),
];

const probeTiming = ({ site, at }: SiteDraft, intervalSeconds: number | null): Problem[] => {
  if (intervalSeconds === null) return [];
  const found: Problem[] = [];
  const timeout = site.probe?.timeoutSeconds ?? null;
  if (timeout !== null && timeout >= intervalSeconds) {
    found.push({
      path: at('probe.timeoutSeconds'),
      message: expected(
        `fewer seconds than \`intervalSeconds\`, ${intervalSeconds}`,
        timeout,
        'probes of one round would run into the next, so lower it or raise `intervalSeconds`',
      ),
    });
  }
  if (site.confirmEverySeconds !== null && site.confirmEverySeconds > intervalSeconds) {
    found.push({
      path: at('confirmEverySeconds'),
      message: expected(
        `at most \`intervalSeconds\`, ${intervalSeconds}`,
        site.confirmEverySeconds,
        'trouble must not be looked at less often than health, so lower it or raise `intervalSeconds`',
      ),
    });
  }
  return found;
};

const slowness = ({ site: { probe }, at }: SiteDraft): Problem[] => {
  if (probe === null || probe.timeoutSeconds === null || probe.slowAfterSeconds === null) return [];
  if (probe.slowAfterSeconds === undefined) {
    if (probe.slowIs === undefined || probe.slowIs === null) return [];
    const wayOut = 'say how many seconds are slow, or drop `slowIs`';
    return [
      {
        path: at('probe.slowIs'),
        message: expected('`slowIs` beside `slowAfterSeconds`', probe.slowIs, wayOut),
      },
    ];
  }
  if (probe.slowAfterSeconds < probe.timeoutSeconds) return [];
  const message = expected(
    `fewer seconds than \`timeoutSeconds\`, ${probe.timeoutSeconds}`,
    probe.slowAfterSeconds,
    'a probe that takes so long has failed already, so lower it or raise `timeoutSeconds`',
  );
  return [{ path: at('probe.slowAfterSeconds'), message }];
};

const BODY_RULES = ['bodyIncludes', 'bodyExcludes', 'bodyMatches', 'bodyJson'] as const;

const bodyIsThere = ({ site, at }: SiteDraft): Problem[] => {
  if (site.probe?.method !== 'HEAD') return [];
  return BODY_RULES.filter((field) => site.probe?.[field] !== undefined).map((field) => ({
    path: at(`probe.${field}`),
    message: `Expected no \`${field}\` with the method HEAD, received one; an answer to HEAD has no body, so use GET or drop \`${field}\`.`,
  }));
};

const bodyIsSent = ({ site: { probe }, at }: SiteDraft): Problem[] => {
  if (probe === null || probe.body === undefined || probe.method === null || probe.method === 'POST')
    return [];
  const message = `Expected no \`body\` with the method ${probe.method}, received one; use POST or drop \`body\`.`;
  return [{ path: at('probe.body'), message }];
};

const redirectsAreFollowed = ({ site: { probe }, at }: SiteDraft): Problem[] => {
  if (probe === null || probe.followRedirects !== undefined || !probe.redirectHosts?.length) return [];
  const message = expected(
    'no `redirectHosts` while redirects are not followed',
    probe.redirectHosts,
    'set `followRedirects` to how many, or drop `redirectHosts`',
  );
  return [{ path: at('probe.redirectHosts'), message }];
};

/** A redirect may lead from http to https, and `defaults` may be meant for other sites. */
const tlsIsSpoken = ({ site: { probe }, at }: SiteDraft): Problem[] => {
  if (!probe?.url?.startsWith('http:') || probe.followRedirects !== undefined) return [];
  return (['ca', 'minTls', 'http'] as const)
    .filter((field) => probe[field] !== undefined)
    .filter((field) => !at(`probe.${field}`).startsWith('defaults.'))
    .map((field) => ({
      path: at(`probe.${field}`),
      message: `Expected no \`${field}\` with an http URL, received one; there is no TLS to it, so use https or drop \`${field}\`.`,
    }));
};

const SAYS: Record<string, string> = {
  tcp: 'a probe of tcp ends once the connection is there',
  tls: 'a probe of tls ends after the handshake',
};

const nothingIdle = ({ idle, at }: SiteDraft): Problem[] =>
  idle.map(({ field, scheme }) => ({
    path: at(`probe.${field}`),
    message: `Expected no \`${field}\` with a ${scheme} URL, received one; ${SAYS[scheme]}, so drop it or ask for an http or https URL.`,
  }));
