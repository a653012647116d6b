import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Caller, callersByKey } from './callers.ts';
import { control } from './control.ts';
import type { DemoControl } from './demo-control.ts';
import { type FaultKind, type Faults, faultTable, PLAYED_BY } from './faults.ts';
import { foreign, noSuchService, readBody, send, tooLarge, unsigned } from './gateway-http.ts';
import { evaluate, type Statement } from './iam.ts';
import type { OnDemand } from './permissions.ts';
import { listenForAws } from './ports.ts';
import { type Refusal, refusalsOf } from './refusals.ts';
import type { Call, Demand, Reply, Service } from './service.ts';
import type { Sessions } from './sessions.ts';
import { isSignedWith, readAuthorization } from './signature.ts';
import { foreignness } from './visitors.ts';

export type GatewayOptions = {
  /** On 127.0.0.1; 0 takes any free port. */
  port: number;
  accountId: string;
  /** Who may sign calls besides the operator, and the role whose policy they are held to. */
  functions: { name: string; region: string; role: string }[];
  /** Statements by role name, and those of resources' own policies by ARN. */
  policies: Record<string, Statement[]>;
  resourcePolicies: Record<string, Statement[]>;
  services: Service[];
  /** Who else may sign calls: as roles of other accounts, for a while. */
  sessions?: Sessions;
  /** Told of every call of a known caller, just before it is answered or left without an answer. */
  onCall?: (record: CallRecord) => void;
  /** The demo servers, where there are some. */
  demo?: DemoControl;
  /** Told of every ruling on a function's call. */
  onDemand?: OnDemand;
};

export type CallRecord = {
  /** `functionName@region`, or `operator`. */
  caller: string;
  service: string;
  region: string;
  operation: string;
  /** The HTTP status answered; 0 when a fault keeps the answer back. */
  status: number;
  ms: number;
  demands: Demand[];
  fault?: FaultKind;
  /** The error of a local service that failed where it should have answered: a defect of the local cloud. */
  defect?: Error;
};

export type Gateway = {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL`. */
  url: string;
  faults: Faults;
  /** Stops answering; calls under way are cut off. */
  close(): Promise<void>;
};

type Outcome = Pick<CallRecord, 'operation' | 'demands' | 'fault' | 'defect'> & { reply?: Reply };

/** What every call is answered from. */
type Desk = GatewayOptions & {
  servicesByName: Map<string, Service>;
  callers: Map<string, Caller>;
  faults: Faults;
};

/** One endpoint for all of the local AWS. Rejects when the port cannot be had. */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const known = {
    operations: Object.fromEntries(options.services.map(({ name, operations }) => [name, operations])),
    functions: [...new Set(options.functions.map(({ name }) => name)), 'operator'],
  };
  const faults = faultTable(known, () => {
    for (const service of options.services) service.release?.();
  });
  const desk: Desk = {
    ...options,
    faults,
    callers: callersByKey(options.functions, options.accountId),
    servicesByName: new Map(options.services.map((service) => [service.name, service])),
  };
  const server = createServer((request, response) => {
    // A client that broke off, or a path that is none, has no answer to wait for.
    answer(desk, request)
      .then((reply) => reply && send(response, reply))
      .catch(() => request.destroy());
  });
  await listenForAws(server, options.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** The reply to a request; none when a fault keeps it back. */
const answer = async (desk: Desk, request: IncomingMessage): Promise<Reply | undefined> => {
  const why = foreignness(request.headers);
  if (why !== undefined) return foreign(why);
  const body = await readBody(request);
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (body === undefined) return tooLarge;
  if (url.pathname.startsWith('/_local/')) return control(desk, request, url.pathname, body);

  const signed = readAuthorization(request.headers.authorization);
  if (signed === undefined) return unsigned;
  const service = desk.servicesByName.get(signed.service);
  if (service === undefined) return noSuchService(signed.service, [...desk.servicesByName.keys()]);
  const session = desk.sessions?.find(signed.accessKeyId);
  const caller = desk.callers.get(signed.accessKeyId) ?? session;
  const isOfSession = session === undefined || request.headers['x-amz-security-token'] === session.token;
  if (caller === undefined || !isOfSession) return refuse(service, refusalsOf(service.name).unknownKey);
  const { method = 'GET', url: target = '/' } = request;
  const headers = request.headers as Record<string, string>;
  if (!isSignedWith(caller.secretAccessKey, signed, { method, target, headers, body }))
    return refuse(service, refusalsOf(service.name).wrongSignature);
  if (session?.ended) return refuse(service, refusalsOf(service.name).endedKey);
  const { pathname: path, searchParams: query } = url;
  const { service: name, region } = signed;
  const { id, accountId: account, principal, principalArn } = caller;
  const who = { caller: id, account, principal, principalArn };
  const call: Call = { ...who, service: name, region, method, path, query, headers, body };
  const startedMs = performance.now();
  const { reply, ...outcome } = await attempt(desk, call, caller, service);
  desk.onCall?.({
    caller: caller.id,
    service: call.service,
    region: call.region,
    status: reply?.status ?? 0,
    ms: performance.now() - startedMs,
    ...outcome,
  });
  return reply;
};

/** Everything from the operation to the reply. */
const attempt = async (desk: Desk, call: Call, caller: Caller, service: Service): Promise<Outcome> => {
  const outcome: Outcome = { operation: '', demands: [] };
  const refusals = refusalsOf(service.name);
  try {
    const operation = service.operation(call);
    if (operation === undefined)
      return { ...outcome, reply: refuse(service, refusals.unknownOperation(`${call.method} ${call.path}`)) };
    outcome.operation = operation;
    outcome.demands = service.demands(call);
    const { service: serviceName, region } = call;
    const fault = desk.faults.take({
      service: serviceName,
      operation,
      region,
      function: caller.functionName,
    });
    if (fault !== undefined) outcome.fault = fault;
    if (fault === 'timeout') return outcome;
    const refusal =
      injected(fault, service, caller, outcome.demands) ??
      unauthorised(desk, caller, service, outcome.demands);
    if (refusal !== undefined) return { ...outcome, reply: refuse(service, refusal) };
    const reply = await service.handle(fault !== undefined && fault in PLAYED_BY ? { ...call, fault } : call);
    return fault === 'timeout-after-apply' ? outcome : { ...outcome, reply };
  } catch (error) {
    const defect = error instanceof Error ? error : new Error(String(error));
    return { ...outcome, defect, reply: refuse(service, refusals.failed) };
  }
};

const unauthorised = (
  desk: Desk,
  caller: Caller,
  service: Service,
  demands: Demand[],
): Refusal | undefined => {
  // The operator has no role and may do everything.
  if (caller.role === undefined) return undefined;
  for (const demand of demands) {
    const ruling = evaluate(desk.policies[caller.role] ?? [], desk.resourcePolicies[demand.resource] ?? [], {
      ...demand,
      context: { ...demand.context, ...GLOBAL_CONTEXT },
    });
    desk.onDemand?.(caller, demand, ruling.allowed);
    if (!ruling.allowed)
      return refusalsOf(service.name).denied(caller.principal, demand.action, demand.resource, ruling.why);
  }
  return undefined;
};

/** True on AWS, where these calls come over TLS; policies that refuse plain HTTP must not refuse what they would let pass. */
const GLOBAL_CONTEXT = { 'aws:SecureTransport': ['true'] };

const injected = (
  fault: FaultKind | undefined,
  service: Service,
  caller: Caller,
  demands: Demand[],
): Refusal | undefined => {
  const { throttled, failed, denied } = refusalsOf(service.name);
  if (fault === 'throttle') return throttled;
  if (fault === 'error') return failed;
  if (fault !== 'deny') return undefined;
  const { action, resource } = demands[0] ?? { action: `${service.name}:*`, resource: '*' };
  return denied(caller.principal, action, resource, 'with an explicit deny in an identity-based policy');
};

const refuse = (service: Service, { status, code, message }: Refusal): Reply =>
  service.error(status, code, message);
