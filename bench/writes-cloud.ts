/** The other side of `writes.ts`, in a process of its own: Route 53 with the account's limits, over the wire. */
import { type Credentials, OPERATOR } from '../local/credentials.ts';
import { startGateway } from '../local/gateway.ts';
import { type Route53, route53Service } from '../local/route53.ts';
import type { Service } from '../local/service.ts';

/** What the parent asks: to make the zone, or to go on from what it holds with full buckets and AWS's limits. */
export type Asked = { ask: 'limits' } | { ask: 'end' };
/** What it is told: where to call, that the limits hold, and each call of Route 53 as it is answered. */
export type Told =
  | { tell: 'ready'; url: string; zoneId: string; operator: Credentials }
  | { tell: 'limited' }
  | { tell: 'call'; operation: string; status: number; atMs: number };

const ZONE = process.argv[2] ?? '';
const accountId = '000000000000';
const tell = (told: Told): void => void process.send?.(told);

let saved: string | undefined;
const save = (json: string): void => {
  saved = json;
};
let route53: Route53 = route53Service({ save });
const zoneId = route53.createZone(ZONE).id;

/** Stands before whichever of the two is in force. */
const current: Service = {
  name: 'route53',
  operation: (call) => route53.operation(call),
  demands: () => [],
  handle: (call) => route53.handle(call),
  error: (status, code, message) => route53.error(status, code, message),
};

const gateway = await startGateway({
  port: 0,
  accountId,
  functions: [],
  policies: {},
  resourcePolicies: {},
  services: [current],
  onCall: ({ service, operation, status }) => {
    if (service === 'route53') tell({ tell: 'call', operation, status, atMs: Date.now() });
  },
});

const end = async (): Promise<void> => {
  await gateway.close();
  process.exit(0);
};

process.on('message', ({ ask }: Asked) => {
  if (ask === 'end') return void end();
  route53 = route53Service({ saved: saved ?? '', save, throttled: true });
  tell({ tell: 'limited' });
});
process.on('disconnect', () => void end());
tell({ tell: 'ready', url: gateway.url, zoneId, operator: OPERATOR });
