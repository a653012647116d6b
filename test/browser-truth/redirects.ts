import {
  type Case,
  type Cases,
  HOST,
  onHead,
  PAGE,
  play,
  type Serve,
  type Step,
  type Visit,
} from './case.ts';
import { otherTls, siteTls } from './certificates.ts';
import { ABSENT } from './names.ts';

const SHOWN = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`;
const OTHER = 'www.other.test';
/** `müller.test`, as DNS has it. */
const MUELLER = 'xn--mller-kva.test';

/** One request: what was asked for, and the connection that it came over. */
type Asked = { path: string; head: string; visit: Visit; nth: number };
/** The answer to a request; without one, the page. */
type Answers = (asked: Asked) => Step[] | undefined;

const answering = (answers: () => Answers): Serve => {
  const each = answers();
  return (visit) =>
    onHead(visit, (head) => {
      const path = head.split(' ')[1] ?? '';
      void play(visit, each({ path, head, visit, nth: visit.nth }) ?? [SHOWN]);
    });
};

const to = (location: string, more = '', status = '302 Found'): Step[] => [
  `HTTP/1.1 ${status}\r\nLocation: ${location}\r\n${more}Content-Length: 0\r\n\r\n`,
];

/** Sends `/` on, wherever this leads; everything else is the page. */
const sentOn = (where: (port: number) => string, more: Partial<Case> = {}): Case => ({
  serve: answering(
    () =>
      ({ path, visit }) =>
        path === '/' ? to(where(visit.port)) : undefined,
  ),
  otherHosts: [OTHER],
  ...more,
});
const withAnswer = (...steps: Step[]): Case => ({
  serve: answering(
    () =>
      ({ path }) =>
        path === '/' ? steps : undefined,
  ),
});
/** `/` to `/ok` with another status; the page lies at `/ok` alone. */
const withStatus = (status: string): Case => withAnswer(...to('/ok', '', status));

const targets: Cases = {
  'rd-abs': sentOn((port) => `http://${HOST}:${port}/ok`),
  'rd-rel': sentOn(() => 'ok'),
  'rd-slash': sentOn(() => '/ok'),
  'rd-dotdot': sentOn(() => '../../ok'),
  'rd-query': sentOn(() => '?a=1'),
  'rd-host': sentOn((port) => `//${OTHER}:${port}/ok`),
  'rd-scheme': sentOn(() => 'http:ok'),
  'rd-scheme1': sentOn(() => 'http:/ok'),
  'rd-caps': sentOn((port) => `HTTP://${HOST.toUpperCase()}:${port}/ok`),
  'rd-dot': sentOn((port) => `http://${HOST}.:${port}/ok`),
  'rd-utf8': asksFor(/^\/%C3%BCber$/i, '/\xc3\xbcber'),
  'rd-latin': asksFor(/^\/(?:%C3%BC|%FC)ber$/i, '/\xfcber'),
  'rd-space': asksFor(/^\/o%20k$/, '/o k'),
  'rd-pct': asksFor(/^\/ok%zz$/, '/ok%zz'),
  'rd-idn': sentOn((port) => `http://m\xc3\xbcller.test:${port}/ok`, { otherHosts: [MUELLER] }),
  'rd-puny': sentOn((port) => `http://${MUELLER}:${port}/ok`, { otherHosts: [MUELLER] }),
  'rd-blank': sentOn((port) => `  http://${HOST}:${port}/ok \t `),
  'rd-user': sentOn((port) => `http://user:password@${HOST}:${port}/ok`),
  'rd-back': sentOn(() => '\\ok'),
  'rd-backhost': sentOn((port) => `http:\\\\${HOST}:${port}\\ok`),
  'rd-back2': sentOn((port) => `\\\\${OTHER}:${port}\\ok`),
  'rd-frag': asksFor(/^\/ok$/, '/ok#there'),
  'rd-tab': sentOn((port) => `http://${HOST}:${port}/o\tk`),
  'rd-port0': sentOn(() => `http://${HOST}:0/ok`, { morePorts: [80] }),
  'rd-portbad': sentOn(() => `http://${HOST}:6000/ok`, { morePorts: [6000] }),
  'rd-port8080': sentOn(() => `http://${HOST}:8080/ok`, { morePorts: [8080] }),
  'rd-portbig': sentOn(() => `http://${HOST}:99999/ok`),
  'rd-data': sentOn(() => `data:text/html,${PAGE}`),
  'rd-js': sentOn(() => `javascript:document.write('${PAGE}')`),
  'rd-about': sentOn(() => 'about:blank'),
  'rd-ftp': sentOn((port) => `ftp://${HOST}:${port}/ok`),
  'rd-mail': sentOn(() => `mailto:ops@${HOST}`),
  'rd-nohost': sentOn(() => 'http:///ok'),
  'rd-ip': sentOn((port) => `http://2130706433:${port}/ok`),
  'rd-long': asksFor(/^\/ok\?a{40000}$/, `/ok?${'a'.repeat(40_000)}`),
  'rd-badcert': sentOn((port) => `https://${HOST}:${port}/ok`, { takesBoth: true, tls: otherTls }),
  'rd-dead': sentOn((port) => `http://${ABSENT}:${port}/ok`, { otherHosts: [ABSENT] }),
  'rd-ctl': sentOn(() => '/ok\x01there'),
};

/** Sends `/` to `location`, and shows the page to whoever asks for this path then. */
function asksFor(path: RegExp, location: string): Case {
  const elsewhere = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n';
  return {
    serve: answering(() => (asked) => {
      if (asked.path === '/') return to(location);
      return path.test(asked.path) ? undefined : [elsewhere];
    }),
  };
}

const empty = 'Content-Length: 0\r\n\r\n';
const FOUND = 'HTTP/1.1 302 Found\r\n';

const answers: Cases = {
  'rd-twiceeq': withAnswer(`${FOUND}Location: /ok\r\nLocation: /ok\r\n${empty}`),
  'rd-twicene': withAnswer(`${FOUND}Location: /ok\r\nLocation: /elsewhere\r\n${empty}`),
  'rd-empty': withAnswer(`${FOUND}Location:\r\n${empty}`),
  'rd-none': withAnswer(`${FOUND}${empty}`),
  'rd-none-page': withAnswer(
    `${FOUND}Content-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`,
  ),
  ...Object.fromEntries(
    [300, 301, 303, 304, 305, 306, 307, 308, 309, 399].map((code) => [
      `rd-s${code}`,
      withStatus(`${code} Elsewhere`),
    ]),
  ),
  'rd-201': withStatus('201 Created'),
  'rd-200': withStatus('200 OK'),
  'rd-refresh': withAnswer(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nRefresh: 0;url=/ok\r\n${empty}`),
  'rd-meta': withAnswer(
    'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><meta http-equiv="refresh" content="0;url=/ok">',
  ),
  'rd-openbody': withAnswer(`${FOUND}Location: /ok\r\nContent-Type: text/html\r\n\r\n`, ({ socket }) => {
    const timer = setInterval(() => socket.writable && socket.write('and so on '), 50);
    socket.on('close', () => clearInterval(timer));
  }),
  'rd-badbody': withAnswer(`${FOUND}Location: /ok\r\nContent-Length: 500\r\n\r\nshorter than that`),
  'rd-badgzip': withAnswer(
    `${FOUND}Location: /ok\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip`,
  ),
};

const loggedIn = ({ head }: Asked): boolean => /^cookie:.*\bseen=1/im.test(head);

/** `/` over `count` more paths to the page. */
const hops = (count: number): Case => ({
  serve: answering(() => ({ path }) => {
    const at = Number(path.slice(1));
    return at < count ? to(`/${at + 1}`) : undefined;
  }),
});

const chains: Cases = {
  'rd-loop': { serve: answering(() => () => to('/')) },
  'rd-loop2': {
    serve: answering(
      () =>
        ({ path }) =>
          to(path === '/' ? '/there' : '/'),
    ),
  },
  'rd-cookie': {
    serve: answering(
      () => (asked) => (loggedIn(asked) ? undefined : to('/', 'Set-Cookie: seen=1; Path=/\r\n')),
    ),
  },
  'rd-cookie2': {
    serve: answering(() => (asked) => {
      if (asked.path === '/login') return to('/', 'Set-Cookie: seen=1; Path=/\r\n');
      return loggedIn(asked) ? undefined : to('/login');
    }),
  },
  'rd-second': {
    serve: answering(
      () =>
        ({ nth }) =>
          nth === 0 ? to('/') : undefined,
    ),
  },
  ...Object.fromEntries([5, 6, 10, 19, 20, 21].map((count) => [`rd-hops${count}`, hops(count)])),
  'rd-sheme-s': between('https', ['http', 'https']),
  'rd-h-s-h': between('http', ['https', 'http']),
};

/** From `/` over `/0` by one scheme to `/1` by another. */
function between(scheme: 'http' | 'https', schemes: string[]): Case {
  const at = (nth: number, port: number) => `${schemes[nth]}://${HOST}:${port}/${nth}`;
  return {
    serve: answering(() => ({ path, visit }) => {
      if (path === '/') return to(at(0, visit.port));
      if (path === '/0') return to(at(1, visit.port));
      return visit.secure === (schemes[1] === 'https') ? undefined : ['HTTP/1.1 400 Bad Request\r\n\r\n'];
    }),
    ...(scheme === 'https' && { scheme }),
    takesBoth: true,
    tls: siteTls,
  };
}

export const REDIRECTS: Cases = { ...targets, ...answers, ...chains };
