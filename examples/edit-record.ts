/** Sets an A record of a running local cloud by hand, as a person does in the Route 53 console: docs/local-cloud.md. */
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { notRunning } from '../bin/trouble.ts';
import { readRunning } from '../local/running.ts';

const edit = async (name: string, address: string, stateDir: string): Promise<string> => {
  const running = readRunning(stateDir);
  if (running === undefined) throw new Error(notRunning(stateDir));
  const { aws: endpoint, region, operator: credentials } = running;
  const client = new Route53Client({ endpoint, region, credentials });
  const zoneId = await zoneOf(client, name);
  const before = await client.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, StartRecordName: name, StartRecordType: 'A' }),
  );
  const listed = before.ResourceRecordSets?.find((each) => each.Name === `${name}.` && each.Type === 'A');
  const record = { Name: name, TTL: listed?.TTL ?? 60, ResourceRecords: [{ Value: address }] };
  const change = { Action: 'UPSERT', ResourceRecordSet: { ...record, Type: 'A' } } as const;
  await client.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes: [change] } }),
  );
  client.destroy();
  return `${name} A was ${listed?.ResourceRecords?.map(({ Value }) => Value).join(', ') ?? 'not there'}, and is ${address} now.`;
};

/** The zone at the name or above it. */
const zoneOf = async (client: Route53Client, name: string): Promise<string> => {
  const labels = name.split('.');
  for (const parent of labels.map((_, index) => labels.slice(index).join('.'))) {
    const { HostedZones = [] } = await client.send(new ListHostedZonesByNameCommand({ DNSName: parent }));
    const zone = HostedZones.find((each) => each.Name === `${parent}.`);
    if (zone?.Id !== undefined) return zone.Id;
  }
  throw new Error(`Expected a name in a zone of the local cloud, received ${name}; look with "status".`);
};

const [name, address, stateDir = '.switchover', ...more] = process.argv.slice(2);
try {
  if (name === undefined || address === undefined || more.length > 0)
    throw new Error(
      'Expected NAME ADDRESS [STATE-DIRECTORY], as in www.dyn.example.test 127.0.0.9; the directory is .switchover without it.',
    );
  process.stdout.write(`${await edit(name.replace(/\.$/, ''), address, stateDir)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
