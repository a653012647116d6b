import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type tls from 'node:tls';

/** One connection to the server of a case. */
export type Visit = {
  /** What the page is asked for over: TLS is taken off already. */
  socket: Duplex;
  /** The TCP connection below it: to end or reset it without a word of TLS. */
  tcp: net.Socket;
  /** 0 for the first connection of this case. */
  nth: number;
  /** The server's own port. */
  port: number;
  secure: boolean;
  /** What ALPN agreed on, if anything. */
  protocol?: string;
};

export type Serve = (visit: Visit) => void;

/** A server of the table, and how it is asked. */
export type Case = {
  serve: Serve;
  /** Scheme of the URL; `http` if absent. */
  scheme?: 'https';
  /** Takes http and https at one port, whatever the URL says. */
  takesBoth?: true;
  /** Host of the URL; `www.site.test` if absent. */
  host?: string;
  /** Text that the page shows; `TEXT` if absent. */
  wanted?: string;
  /** Other hosts that a redirect of this case leads to. */
  otherHosts?: string[];
  /** Made when the case runs, since keys take time to make. */
  tls?: () => tls.TlsOptions;
  /** Does something with the first bytes of a connection instead of a TLS handshake; false goes on with it. */
  atHello?: (hello: Buffer, tcp: net.Socket) => boolean;
  /** What TLS staples: an OCSP answer. */
  stapled?: () => Buffer;
  /** A port that the case is about; else any that is free. */
  port?: number;
  /** More ports at which the same server listens, if the system lets it. */
  morePorts?: number[];
};

export type Cases = Record<string, Case>;

export const TEXT = 'SHOWN-TO-VISITORS';
export const HOST = 'www.site.test';
/** 94 bytes, as in the table. */
export const PAGE = `<!doctype html><html><head><title>page one</title></head><body>${TEXT}</body></html>`;

/** One step of a script: bytes to send (text is latin-1), milliseconds to wait, or something to do with the connection. */
export type Step = string | Buffer | number | Serve;

/** Ends the connection in order. */
export const end: Step = ({ socket }) => socket.end();
/** Leaves it open and silent. */
export const hold: Step = () => {};
/** Resets it; before, what was sent has a moment to arrive, since a reset overtakes it. */
export const reset: Step = ({ tcp }) => void setTimeout(() => tcp.resetAndDestroy(), 50);

/** Runs a script; one that does not say how it ends ends the connection. */
export const play = async (visit: Visit, steps: Step[]): Promise<void> => {
  const last = steps.at(-1);
  for (const step of typeof last === 'function' ? steps : [...steps, end]) {
    if (typeof step === 'number') await new Promise((resolve) => setTimeout(resolve, step));
    else if (typeof step === 'function') step(visit);
    else if (visit.socket.writable)
      visit.socket.write(typeof step === 'string' ? Buffer.from(step, 'latin1') : step);
  }
};

/** Plays a script once the head of a request is here. */
export const script =
  (...steps: Step[]): Serve =>
  (visit) =>
    onHead(visit, () => void play(visit, steps));

/** Waits for the head of a request, once. */
export const onHead = ({ socket }: Visit, then: (head: string) => void): void => {
  let received = '';
  const listen = (bytes: Buffer) => {
    received += bytes.toString('latin1');
    if (!received.includes('\r\n\r\n')) return;
    socket.off('data', listen);
    socket.resume();
    then(received);
  };
  socket.on('data', listen);
};

/** Sends these bytes as the whole of an answer, then ends. */
export const bytes = (...steps: Step[]): Case => ({ serve: script(...steps) });
