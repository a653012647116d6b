/** One signed AWS call as the local endpoint received it. */
export type Call = {
  /** Who signed it: a function's key `functionName@region`, or `operator`. */
  caller: string;
  /** The account that it is called from or, as an assumed role, in. */
  account?: string;
  /** ARN of the caller as refusals name it, and of the role behind it as policies do. */
  principal?: string;
  principalArn?: string;
  /** From the credential scope of the signature. */
  service: string;
  region: string;
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
  /** A fault that the service itself must play (`PLAYED_BY` in faults.ts); all others are played by the gateway. */
  fault?: string;
};

export type Reply = { status: number; headers?: Record<string, string>; body: string | Buffer };

/** A reply as the services of the query protocol give it. */
export const xml = (status: number, body: string): Reply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});

/** One permission that a call needs, as IAM sees it. Condition keys are spelled as AWS spells them. */
export type Demand = { action: string; resource: string; context: Record<string, string[]> };

/** One AWS service behind the local endpoint. */
export type Service = {
  /** As in the credential scope: `route53`, `sns`, `dynamodb`, `lambda`. */
  name: string;
  /** Everything that `operation` may answer, so that a fault for a mistyped operation is refused. */
  operations?: readonly string[];
  /** The API operation, e.g. `ChangeResourceRecordSets`; undefined when this service has no such call. */
  operation(call: Call): string | undefined;
  /** What IAM must allow before `handle` may run. */
  demands(call: Call): Demand[];
  handle(call: Call): Promise<Reply>;
  /** All faults were forgotten: what they left behind in this service ends too. */
  release?(): void;
  /** An error in this service's wire format and AWS's words. */
  error(status: number, code: string, message: string): Reply;
};
