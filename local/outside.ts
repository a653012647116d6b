import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { decode, encode, type Packet } from 'dns-packet';
import { stateFile } from './directory.ts';
import type { Ready } from './events.ts';
import type { Mail } from './sns.ts';

/** The local cloud as a visitor, a reader of mails and an operator meet it: over the wire, and from files. */

const PATIENCE_MS = 1000;

/** Asks the name server over UDP for a name's IPv4 addresses; none when there is no answer or no such record. */
export const resolve = async (dns: string, name: string): Promise<string[]> => {
  const [host, port] = dns.split(':');
  const socket = createSocket('udp4');
  try {
    const query: Packet = { type: 'query', id: 1, flags: 0, questions: [{ type: 'A', name }] };
    socket.send(encode(query), Number(port), host);
    const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) })) as [
      Buffer,
    ];
    return (decode(message).answers ?? []).flatMap((record) => (record.type === 'A' ? [record.data] : []));
  } catch {
    return [];
  } finally {
    socket.close();
  }
};

/** Fetches the page of `name` as a browser would that asks this name server: says who served it, or why nobody did. */
export const fetchPage = async (dns: string, name: string, port: number): Promise<string> => {
  const [address] = await resolve(dns, name);
  if (address === undefined || !isIPv4(address)) return 'no address';
  try {
    const request = get({
      host: address,
      port,
      path: '/',
      headers: { host: `${name}:${port}` },
      agent: false,
    });
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
    response.resume();
    return response.statusCode === 200
      ? String(response.headers['x-served-by'])
      : `status ${response.statusCode}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
};

/** The mails sent so far, oldest first; a line that was cut, when the disk was full or the power went, is none. */
export const readMails = (stateDir: string): Mail[] => {
  try {
    const lines = readFileSync(stateFile(stateDir, 'mail.jsonl'), 'utf8').split('\n');
    return lines.flatMap((line) => mailIn(line) ?? []);
  } catch {
    return [];
  }
};

const mailIn = (line: string): Mail | undefined => {
  try {
    return JSON.parse(line) as Mail;
  } catch {
    return undefined;
  }
};

/** Invokes the console function with the operator's keys, as the AWS console's Test button does. */
export const askConsole = async (
  { aws, functions, operator }: Pick<Ready, 'aws' | 'functions' | 'operator'>,
  region: string,
  event: object,
  which: 'console' | 'status' = 'console',
): Promise<{ ok: boolean; message: string }> => {
  const client = new LambdaClient({ endpoint: aws, region, credentials: operator });
  try {
    const command = new InvokeCommand({ FunctionName: functions[which], Payload: JSON.stringify(event) });
    const answer = await client.send(command);
    return JSON.parse(answer.Payload?.transformToString() ?? 'null');
  } finally {
    client.destroy();
  }
};
