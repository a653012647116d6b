import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { readAssembly } from '../../../../local/assembly.ts';
import type { Statement } from '../../../../local/iam.ts';
import { failure, start } from '../../local/route53-fixture.ts';
import { config, site, synthesize } from '../fixture.ts';

const [ZONE, ZONE_ID, OTHER_ID] = ['example.com', 'Z0EXAMPLE', 'Z0OTHER'];

/** What the synthesized role of a function holds, for so many sites `wwwN.example.com`. */
const policyOf = (sites: number, functionName: string): Statement[] => {
  const made = synthesize(
    config({
      zones: [{ name: ZONE, id: ZONE_ID }],
      sites: Array.from({ length: sites }, (_, index) => site(`www${index}.${ZONE}`, ZONE)),
    }),
  );
  const read = readAssembly(made.assembly.directory, {
    accountId: '111111111111',
    zoneId: () => ZONE_ID,
  });
  const { role } = read.functions.find(({ name }) => name === functionName) ?? {};
  return read.policies[role ?? ''] ?? [];
};

type Write = { action?: 'CREATE' | 'UPSERT'; name: string; type?: string; value: string; zoneId?: string };

const change = ({ action = 'CREATE', name, type = 'A', value, zoneId = ZONE_ID }: Write) =>
  new ChangeResourceRecordSetsCommand({
    HostedZoneId: zoneId,
    ChangeBatch: {
      Changes: [
        {
          Action: action,
          ResourceRecordSet: {
            Name: name,
            Type: type as 'A',
            TTL: 60,
            ResourceRecords: [{ Value: value }],
          },
        },
      ],
    },
  });

const OWN: Write[] = [
  { name: `www0.${ZONE}`, value: '192.0.2.1' },
  { name: `_switchover.www0.${ZONE}`, type: 'TXT', value: '"v=1"' },
];
const NEVER: Record<string, Write> = {
  'mail for a name of ours': { name: `www0.${ZONE}`, type: 'MX', value: '10 mail.example.com' },
  'a service at a name of ours': { name: `www0.${ZONE}`, type: 'SRV', value: '1 1 1 mail.example.com' },
  'the delegation of a name below': { name: `sub.${ZONE}`, type: 'NS', value: 'ns.example.net' },
  'the name servers of the zone': { name: ZONE, type: 'NS', value: 'ns.example.net' },
  'the start of the zone': { name: ZONE, type: 'SOA', value: 'ns.example.net h.example.net 1 1 1 1 1' },
  'what overwrites, at a name of ours': { action: 'UPSERT', name: `www0.${ZONE}`, value: '192.0.2.9' },
  'another zone': { name: 'www0.example.net', value: '192.0.2.1', zoneId: OTHER_ID },
};
const NOT_OURS: Record<string, Write> = {
  'another name': { name: `mail.${ZONE}`, value: '192.0.2.1' },
  'the name of the zone itself': { name: ZONE, value: '192.0.2.1' },
  'a name below one of ours': { name: `a.www0.${ZONE}`, value: '192.0.2.1' },
};

for (const functionName of ['main-controller', 'main-console'])
  describe(`with its synthesized policy ${functionName} may write its sites' records and, over the wire, is refused`, () => {
    for (const [sites, refused] of [
      [2, { ...NEVER, ...NOT_OURS }],
      // More names than a policy holds: any name of the zone then, and still nothing else.
      [300, NEVER],
    ] as const)
      test(`${Object.keys(refused).join(', ')}: ${sites} sites`, async () => {
        const { service, controller, operator } = await start({}, policyOf(sites, functionName));
        service.createZone('example.net', OTHER_ID);
        for (const own of OWN) await controller.send(change(own));
        for (const [what, write] of Object.entries(refused)) {
          const { status, name } = await failure(controller.send(change(write)));
          assert.deepEqual([status, name], [403, 'AccessDenied'], what);
        }
        // It is the policy that stands in the way: who may do all can make that record.
        await operator.send(change(refused['another zone'] as Write));
      });
  });
