import { escapedName } from '../lambda/core/zone/records.ts';
import { BadRequest, type parseChangeBatch } from './route53-xml.ts';
import type { Call, Demand } from './service.ts';

type Batch = ReturnType<typeof parseChangeBatch>;

const ROUTES = [
  {
    operation: 'ChangeResourceRecordSets',
    method: 'POST',
    path: /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/,
  },
  {
    operation: 'ListResourceRecordSets',
    method: 'GET',
    path: /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/,
  },
  { operation: 'GetHostedZone', method: 'GET', path: /^\/2013-04-01\/hostedzone\/([^/]+)$/ },
  { operation: 'ListHostedZonesByName', method: 'GET', path: /^\/2013-04-01\/(hostedzonesbyname)$/ },
  { operation: 'GetChange', method: 'GET', path: /^\/2013-04-01\/change\/([^/]+)$/ },
] as const;

/** The operations that the service has. */
export const OPERATIONS = ROUTES.map(({ operation }) => operation);

type Operation = (typeof ROUTES)[number]['operation'];

/** Which operation a call is for, and the id in its path; undefined where it is for none. */
export const routeOf = (call: Call): { operation: Operation; id: string } | undefined => {
  for (const { operation, method, path } of ROUTES) {
    const id = call.method === method ? path.exec(call.path)?.[1] : undefined;
    if (id !== undefined) return { operation, id };
  }
  return undefined;
};

/** What IAM looks at in a change batch (facts 1.7). A body that cannot be read asks for nothing more than the action. */
const changeContext = (batch: () => Batch): Record<string, string[]> => {
  const of = (values: string[]) => [...new Set(values)];
  try {
    const { changes } = batch();
    return {
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': of(
        changes.map(({ record }) => escapedName(record.name)),
      ),
      'route53:ChangeResourceRecordSetsRecordTypes': of(
        changes.map(({ record }) => record.type.toUpperCase()),
      ),
      'route53:ChangeResourceRecordSetsActions': of(changes.map(({ action }) => action.toUpperCase())),
    };
  } catch (error) {
    if (error instanceof BadRequest) return {};
    throw error;
  }
};

/** What the caller's policies are asked for; `batch` reads the call's body as changes, where it has any. */
export const demandsOf = (call: Call, batch: () => Batch): Demand[] => {
  const route = routeOf(call);
  if (route === undefined) return [];
  const { operation, id } = route;
  // Which zones an account has is asked of the account, not of one of them.
  if (operation === 'ListHostedZonesByName')
    return [{ action: `route53:${operation}`, resource: '*', context: {} }];
  return [
    {
      action: `route53:${operation}`,
      resource: `arn:aws:route53:::${operation === 'GetChange' ? 'change' : 'hostedzone'}/${id}`,
      context: operation === 'ChangeResourceRecordSets' ? changeContext(batch) : {},
    },
  ];
};
