import type { Clock } from '../lambda/ports.ts';

/** One request as a client of the SDK hands it to the network. */
export type Sent = {
  method: string;
  hostname: string;
  path: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body: Buffer;
};
export type Answer = { status: number; headers?: Record<string, string>; body: string | Buffer };

/** What was asked of one operation: bytes as HTTP/1.1 has them, head and body, without TLS. */
export type Count = { calls: number; sent: number; received: number };

/** Counts of everything that goes over the wire, and the processor that its far end took. */
export type Meter = {
  /** By service and operation, such as `DynamoDB PutItem`. */
  counts: Map<string, Count>;
  /** Microseconds of processor that AWS's side took of this process. */
  farUs: number;
};

export const newMeter = (): Meter => ({ counts: new Map(), farUs: 0 });

/** A service at the far end; it answers at once, and `tookMs` says how long that lasts in virtual time. */
export type Service = {
  operationOf(sent: Sent): string;
  answer(sent: Sent): Promise<Answer>;
  tookMs: number;
};

/** Of this thread alone: what the garbage collector does on others is nobody's. Microseconds. */
const processorUs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};

/** Counts the processor that `work` takes as that of AWS's side. */
export const far = async <T>(meter: Meter, work: () => Promise<T>): Promise<T> => {
  const before = processorUs();
  try {
    return await work();
  } finally {
    meter.farUs += processorUs() - before;
  }
};

const lengthOf = (headers: Record<string, string>): number =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 2);

const queryOf = (query: Sent['query']): string =>
  Object.entries(query)
    .flatMap(([name, value]) =>
      [value ?? ''].flat().map((each) => `${encodeURIComponent(name)}=${encodeURIComponent(each)}`),
    )
    .join('&');

const count = (meter: Meter, operation: string, sent: Sent, answer: Answer): void => {
  const known = meter.counts.get(operation) ?? { calls: 0, sent: 0, received: 0 };
  const line = `${sent.method} ${sent.path}?${queryOf(sent.query)} HTTP/1.1\r\n`.length;
  const length = Buffer.byteLength(answer.body);
  const head = { 'content-length': String(length), ...answer.headers };
  meter.counts.set(operation, {
    calls: known.calls + 1,
    sent: known.sent + line + lengthOf(sent.headers) + sent.body.length,
    received: known.received + 'HTTP/1.1 200 OK\r\n'.length + lengthOf(head) + length,
  });
};

/** Bytes as they are: the SDK's own kind of array warns of whoever reads it as a text. */
const bytesOf = (body: string | Uint8Array = ''): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);

/** In place of the network of the SDK's clients: what is sent is counted, and answered in virtual time. */
export const virtualWire = (clock: Clock, meter: Meter, service: Service) => ({
  metadata: { handlerProtocol: 'http/1.1' },
  async handle(request: Omit<Sent, 'body'> & { body?: string | Uint8Array }) {
    const sent: Sent = { ...request, body: bytesOf(request.body) };
    const half = service.tookMs / 2;
    await clock.sleep(half);
    const answer = await far(meter, async () => {
      const given = await service.answer(sent);
      count(meter, service.operationOf(sent), sent, given);
      return given;
    });
    await clock.sleep(half);
    return {
      response: {
        statusCode: answer.status,
        headers: answer.headers ?? {},
        body: new Uint8Array(Buffer.from(answer.body)),
      },
    };
  },
  updateHttpClientConfig() {},
  httpHandlerConfigs: () => ({}),
  destroy() {},
});
