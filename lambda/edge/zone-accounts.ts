import type { Route53Client } from '@aws-sdk/client-route-53';
import { Fault } from '../core/base/fault.ts';
import type { ZoneAccount } from '../core/site/site.ts';
import type { Pacer, Zones } from '../ports.ts';
import type { Bound } from './aws.ts';
import type { KeptCredentials, RoleCredentials } from './role-credentials.ts';
import { type Route53Clients, type Route53Options, route53Client, route53Zones } from './route53.ts';

/** Whose a zone is, by its id; undefined where it is the account of the functions. */
export type AccountOf = (zoneId: string) => ZoneAccount | undefined;

/** Clients that sign as the role in a zone's account, and the way to say that its credentials were refused. */
export type ClientsAbroad = (account: ZoneAccount) => Promise<{ clients: Route53Clients; refused(): void }>;

/** The zones of another account, and the same. */
export type ZonesAbroad = (account: ZoneAccount) => Promise<{ zones: Zones; refused(): void }>;

/**
 * Clients by their credentials, so that connections are kept as long as these are. They are given as they are, not as a provider:
 * the SDK would ask that one again by rules of its own.
 */
export const clientsAbroad = (credentials: KeptCredentials, options: Route53Options = {}): ClientsAbroad => {
  const known = new WeakMap<RoleCredentials, Route53Clients>();
  return async (account) => {
    const own = await credentials.of(account);
    const { accessKeyId, secretAccessKey, sessionToken } = own;
    const clients =
      known.get(own) ??
      route53Client({ ...options, credentials: { accessKeyId, secretAccessKey, sessionToken } });
    known.set(own, clients);
    return { clients, refused: () => credentials.refused(account, own) };
  };
};

/** The limits of Route 53 are each account's own, and so are the pacers that keep to them. */
export const zonesAbroad =
  (reach: ClientsAbroad, pacerOf: (account: ZoneAccount) => Pacer, bound: Bound = {}): ZonesAbroad =>
  async (account) => {
    const { clients, refused } = await reach(account);
    const beforeRead = () => pacerOf(account).spend(0);
    return { zones: route53Zones(clients, { beforeRead, ...bound }), refused };
  };

/** The error names of credentials that have ended or are not known any more. */
const ENDED = /^(ExpiredToken|ExpiredTokenException|InvalidClientTokenId)$/;

const haveEnded = (error: unknown): boolean =>
  error instanceof Fault && ENDED.test((error.cause as Error | undefined)?.name ?? '');

/**
 * The hosted zones of several accounts. What is asked of a zone of the functions' own account waits for nothing that is not asked of
 * it; a zone elsewhere waits for credentials where none are known.
 */
export const zonesOfAccounts = (own: Zones, accountOf: AccountOf, reach: ZonesAbroad): Zones => {
  const at = async <T>(zoneId: string, ask: (zones: Zones) => Promise<T>): Promise<T> => {
    const account = accountOf(zoneId);
    if (account === undefined) return ask(own);
    const { zones, refused } = await reach(account);
    try {
      return await ask(zones);
    } catch (error) {
      if (!haveEnded(error)) throw error;
      // Nothing was done under a signature that was not accepted, so even a change may be sent once more.
      refused();
      return ask((await reach(account)).zones);
    }
  };
  return {
    list: (zoneId) => at(zoneId, (zones) => zones.list(zoneId)),
    change: (zoneId, changes, comment) => at(zoneId, (zones) => zones.change(zoneId, changes, comment)),
    changeStatus: (changeId, zoneId) => at(zoneId, (zones) => zones.changeStatus(changeId, zoneId)),
  };
};

/** The client that reads a zone, whosever it is. */
export const readerOf =
  (own: Route53Client, accountOf: AccountOf, reach: ClientsAbroad) =>
  async (zoneId: string): Promise<Route53Client> => {
    const account = accountOf(zoneId);
    return account === undefined ? own : (await reach(account)).clients.reader;
  };
