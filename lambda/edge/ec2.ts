import {
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DisassociateAddressCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { Association } from '../core/zone/moved-address.ts';
import type { Addresses } from '../ports.ts';
import { type Bound, call, clientOptions, faultOf, type Place } from './aws.ts';
import { LIMITS } from './limits.ts';

type Clients = { reader: EC2Client; writer: EC2Client };

/** One pair of clients for a region. Without options the credentials are those of the Lambda function. */
const ec2Clients = (region: string, place: Place): Clients => ({
  reader: new EC2Client({ ...place, region, ...clientOptions(LIMITS.find) }),
  writer: new EC2Client({ ...place, region, ...clientOptions(LIMITS.move) }),
});

export const ec2Addresses = (place: Place = {}, bound: Bound = {}): Addresses => {
  const regions = new Map<string, Clients>();
  const clients = (region: string): Clients => {
    const known = regions.get(region) ?? ec2Clients(region, place);
    regions.set(region, known);
    return known;
  };
  const ask = <Output>(
    operation: string,
    { callMs }: { callMs: number },
    send: (sent: { abortSignal: AbortSignal }) => Promise<Output>,
  ): Promise<Output> =>
    call(
      (error) => faultOf('EC2', operation, error),
      { callMs, ...bound },
      (abortSignal) => send({ abortSignal }),
    );
  return {
    find: (region, allocationIds) =>
      ask('DescribeAddresses', LIMITS.find, async (sent) => {
        // By a filter rather than by `AllocationIds`: one id that is gone would fail the call for all.
        const Filters = [{ Name: 'allocation-id', Values: allocationIds }];
        const { Addresses: found = [] } = await clients(region).reader.send(
          new DescribeAddressesCommand({ Filters }),
          sent,
        );
        return new Map(
          found.flatMap(({ AllocationId, AssociationId, InstanceId, NetworkInterfaceId }) => {
            const association: Association = {
              ...(AssociationId && { associationId: AssociationId }),
              ...(InstanceId && { instanceId: InstanceId }),
              ...(NetworkInterfaceId && { networkInterfaceId: NetworkInterfaceId }),
            };
            return AllocationId === undefined ? [] : [[AllocationId, association] as const];
          }),
        );
      }),
    disassociate: (region, AssociationId) =>
      ask('DisassociateAddress', LIMITS.move, async (sent) => {
        await clients(region).writer.send(new DisassociateAddressCommand({ AssociationId }), sent);
      }),
    associate: (region, AllocationId, holder) =>
      ask('AssociateAddress', LIMITS.move, async (sent) => {
        const to = holder.startsWith('i-') ? { InstanceId: holder } : { NetworkInterfaceId: holder };
        await clients(region).writer.send(
          // Left out, it would mean true: whoever comes late would win.
          new AssociateAddressCommand({ AllocationId, ...to, AllowReassociation: false }),
          sent,
        );
      }),
  };
};
