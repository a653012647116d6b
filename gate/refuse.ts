import type { IncomingMessage, ServerResponse } from 'node:http';

/** A visitor who still sends is heard for so long, milliseconds: closed at once, the connection would lose the answer. */
const LINGER_MS = 2000;

/** Answers a request with a sentence of the gate's own, of a right length, and closes the connection. */
export const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  sentence: string,
): void => {
  const body = Buffer.from(`${sentence}\n`);
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    Connection: 'close',
  });
  response.write(body);
  const end = (): void => {
    clearTimeout(late);
    response.end();
  };
  const late = setTimeout(end, LINGER_MS);
  if (request.complete) return void end();
  request.on('end', end).on('close', end).resume();
};
