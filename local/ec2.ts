import { randomUUID } from 'node:crypto';
import { escapeXml } from '../lib/escape-xml.ts';
import { type Association, newAssociations, Refused } from './associations.ts';
import type { Call, Demand, Reply, Service } from './service.ts';

/** An Elastic IP of the local EC2, and what it may be associated with. */
export type ElasticIp = { allocationId: string; publicIp: string; region: string };

export type Ec2Options = {
  accountId: string;
  addresses: ElasticIp[];
  /** Instances (`i-…`) and network interfaces (`eni-…`) that exist. */
  holders: string[];
  /** What was saved of the associations: holders by allocation id. */
  saved?: string;
  save?(json: string): void;
  /** Told of every change, and of what was saved; `holder` is absent when nothing holds the address any more. */
  onAssociation(address: ElasticIp, holder: string | undefined): void;
};

/** The API version that the SDK sends, and that the answers' namespace carries. */
const VERSION = '2016-11-15';

const hex = (characters: number): string => randomUUID().replaceAll('-', '').slice(0, characters);

/** `DescribeAddresses`, `AssociateAddress` and `DisassociateAddress`, in the query protocol that the SDK speaks to EC2. */
export const ec2Service = (options: Ec2Options): Service => {
  const { accountId, addresses, holders, onAssociation } = options;
  const saved = Object.entries(JSON.parse(options.saved ?? '{}') as Record<string, string>);
  const holderById = new Map(saved);
  const newId = () => `eipassoc-${hex(17)}`;
  const associations = newAssociations(saved, newId, (allocationId, holder) => {
    if (holder === undefined) holderById.delete(allocationId);
    else holderById.set(allocationId, holder);
    options.save?.(JSON.stringify(Object.fromEntries(holderById)));
    const address = addresses.find((a) => a.allocationId === allocationId);
    if (address !== undefined) onAssociation(address, holder);
  });
  for (const address of addresses) onAssociation(address, associations.of(address.allocationId)?.holder);

  const find = (allocationId: string, region: string): ElasticIp => {
    const found = addresses.find((a) => a.allocationId === allocationId && a.region === region);
    if (found !== undefined) return found;
    throw new Refused('InvalidAllocationID.NotFound', `The allocation ID '${allocationId}' does not exist`);
  };
  const operations: Record<string, (form: URLSearchParams, call: Call) => string> = {
    DescribeAddresses: (form, { region }) => {
      const wanted = allocationsIn(form);
      const shown = addresses.filter(
        (a) => a.region === region && (wanted === undefined || wanted.includes(a.allocationId)),
      );
      const items = shown.map((a) => `<item>${fieldsOf(a, associations.of(a.allocationId))}</item>`);
      return `<addressesSet>${items.join('')}</addressesSet>`;
    },
    AssociateAddress: (form, { region }) => {
      const address = find(form.get('AllocationId') ?? '', region);
      const holder = form.get('InstanceId') ?? form.get('NetworkInterfaceId') ?? '';
      if (!holders.includes(holder)) throw unknownHolder(holder);
      const mayTake = form.get('AllowReassociation') !== 'false';
      const association = associations.associate(address.allocationId, holder, mayTake);
      return `<return>true</return><associationId>${association.id}</associationId>`;
    },
    DisassociateAddress: (form) => {
      associations.disassociate(form.get('AssociationId') ?? '');
      return '<return>true</return>';
    },
  };
  const operation = (call: Call): string | undefined => {
    const action = formOf(call).get('Action') ?? '';
    return Object.hasOwn(operations, action) ? action : undefined;
  };

  /** What the service authorization reference names for each action; describing knows no resources. */
  const demands = (call: Call): Demand[] => {
    const form = formOf(call);
    const action = `ec2:${operation(call)}`;
    const arn = (id: string) => `arn:aws:ec2:${call.region}:${accountId}:${kindOf(id)}/${id}`;
    const demand = (resource: string): Demand => ({ action, resource, context: {} });
    if (action === 'ec2:DescribeAddresses') return [demand('*')];
    if (action === 'ec2:AssociateAddress') {
      const ids = ['AllocationId', 'InstanceId', 'NetworkInterfaceId'].flatMap((key) => form.get(key) ?? []);
      return ids.map((id) => demand(arn(id)));
    }
    const allocationId = associations.allocationOf(form.get('AssociationId') ?? '');
    // Of an association that is none nobody can tell whose it was.
    if (allocationId === undefined) return [];
    const holder = associations.of(allocationId)?.holder ?? '';
    return [allocationId, interfaceOf(holder)].map((id) => demand(arn(id)));
  };

  return {
    name: 'ec2',
    operations: Object.keys(operations),
    operation,
    demands,
    handle: async (call) => {
      const action = operation(call)!;
      try {
        return reply(action, operations[action]!(formOf(call), call));
      } catch (error) {
        if (error instanceof Refused) return refusal(400, error.code, error.message);
        throw error;
      }
    },
    error: refusal,
  };
};

const formOf = (call: Call): URLSearchParams => new URLSearchParams(call.body.toString('utf8'));

const kindOf = (id: string): string =>
  ({ eipalloc: 'elastic-ip', i: 'instance', eni: 'network-interface' })[id.split('-')[0] ?? ''] ?? 'unknown';

/** The interface by which an instance holds its address: taking it away names that, and never the instance. */
const interfaceOf = (holder: string): string => holder.replace(/^i-/, 'eni-');

const unknownHolder = (holder: string): Refused =>
  holder.startsWith('eni-')
    ? new Refused('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${holder}' does not exist`)
    : new Refused('InvalidInstanceID.NotFound', `The instance ID '${holder}' does not exist`);

/** The allocations that are asked for, by id or by filter; undefined asks for all. */
const allocationsIn = (form: URLSearchParams): string[] | undefined => {
  const numbered = (prefix: string): string[] => {
    const found: string[] = [];
    for (let number = 1; form.has(`${prefix}.${number}`); number += 1)
      found.push(form.get(`${prefix}.${number}`) ?? '');
    return found;
  };
  const byId = numbered('AllocationId');
  if (byId.length > 0) return byId;
  if (form.get('Filter.1.Name') === 'allocation-id') return numbered('Filter.1.Value');
  if (form.has('Filter.1.Name'))
    throw new Refused('InvalidParameterValue', `The filter '${form.get('Filter.1.Name')}' is invalid`);
  return undefined;
};

const fieldsOf = ({ allocationId, publicIp }: ElasticIp, association: Association | undefined): string => {
  const fields = {
    publicIp,
    allocationId,
    domain: 'vpc',
    ...(association && {
      associationId: association.id,
      [association.holder.startsWith('eni-') ? 'networkInterfaceId' : 'instanceId']: association.holder,
    }),
  };
  return Object.entries(fields)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join('');
};

const xml = (status: number, body: string): Reply => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

const reply = (action: string, result: string): Reply =>
  xml(
    200,
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/${VERSION}/"><requestId>${randomUUID()}</requestId>${result}</${action}Response>`,
  );

const refusal = (status: number, code: string, message: string): Reply =>
  xml(
    status,
    `<Response><Errors><Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></Errors>` +
      `<RequestID>${randomUUID()}</RequestID></Response>`,
  );
