import {
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DisassociateAddressCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { Holding } from '../core/readdress.ts';
import { clientOptions, faultOf } from './aws.ts';

/** The Elastic IPs of an account. Everything that fails is a `Fault`; after `lost` a step may or may not have been taken. */
export type Addresses = {
  /** Where they are, by allocation id. One that does not exist in the region is missing. */
  find(region: string, allocationIds: string[]): Promise<Map<string, Holding>>;
  /** Gives up exactly this association; EC2 may call it done when it is none any more. */
  disassociate(region: string, associationId: string): Promise<void>;
  /** Gives the address to an instance (`i-…`) or network interface (`eni-…`); refused while anything holds it. */
  associate(region: string, allocationId: string, holder: string): Promise<void>;
};

/**
 * Everything is sent exactly once and given up soon, since other sites wait meanwhile: where the address is is asked again in the next
 * round, and a step is taken again only after that has been answered.
 */
const LIMITS = { connectMs: 1000, attempts: 1 };

type Clients = { reader: EC2Client; writer: EC2Client };

/** One pair of clients for a region. Without options the credentials are those of the Lambda function. */
const ec2Clients = (region: string, options: object): Clients => ({
  reader: new EC2Client({
    region,
    ...options,
    ...clientOptions({ ...LIMITS, answerMs: 2000 }),
  }),
  writer: new EC2Client({
    region,
    ...options,
    ...clientOptions({ ...LIMITS, answerMs: 5000 }),
  }),
});

export const ec2Addresses = (options: { endpoint?: string; credentials?: object } = {}): Addresses => {
  const regions = new Map<string, Clients>();
  const clients = (region: string): Clients => {
    const known = regions.get(region) ?? ec2Clients(region, options);
    regions.set(region, known);
    return known;
  };
  const call = async <Output>(operation: string, send: () => Promise<Output>): Promise<Output> => {
    try {
      return await send();
    } catch (error) {
      throw faultOf('EC2', operation, error);
    }
  };
  return {
    find: (region, allocationIds) =>
      call('DescribeAddresses', async () => {
        // By a filter rather than by `AllocationIds`: one id that is gone would fail the call for all.
        const Filters = [{ Name: 'allocation-id', Values: allocationIds }];
        const { Addresses: found = [] } = await clients(region).reader.send(
          new DescribeAddressesCommand({ Filters }),
        );
        return new Map(
          found.flatMap(({ AllocationId, AssociationId, InstanceId, NetworkInterfaceId }) => {
            const holding: Holding = {
              ...(AssociationId && { associationId: AssociationId }),
              ...(InstanceId && { instanceId: InstanceId }),
              ...(NetworkInterfaceId && { networkInterfaceId: NetworkInterfaceId }),
            };
            return AllocationId === undefined ? [] : [[AllocationId, holding] as const];
          }),
        );
      }),
    disassociate: (region, AssociationId) =>
      call('DisassociateAddress', async () => {
        await clients(region).writer.send(new DisassociateAddressCommand({ AssociationId }));
      }),
    associate: (region, AllocationId, holder) =>
      call('AssociateAddress', async () => {
        const to = holder.startsWith('i-') ? { InstanceId: holder } : { NetworkInterfaceId: holder };
        await clients(region).writer.send(
          // Left out, it would mean true: whoever comes late would win.
          new AssociateAddressCommand({ AllocationId, ...to, AllowReassociation: false }),
        );
      }),
  };
};
