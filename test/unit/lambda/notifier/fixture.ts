import { createServer, type RequestListener } from 'node:http';
import type { TestContext } from 'node:test';
import type { Fault } from '../../../../lambda/core/base/fault.ts';
import type { Announcement } from '../../../../lambda/core/messages/announcement.ts';
import type { Channel, ChannelKind } from '../../../../lambda/core/site/alerts.ts';
import { httpPoster } from '../../../../lambda/edge/post.ts';
import type { Clock, NotifierPorts } from '../../../../lambda/ports.ts';

/** What a webhook is signed with. */
export const KEY = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

type Got = {
  path: string;
  body: { dedup_key?: string; event_action?: string; data?: { id: string } };
  id: unknown;
};

type Response = Parameters<RequestListener>[1];
export type Answering = (response: Response) => unknown;

/** A service of a channel: what it got, and how it answers the request of this number, from 1. */
export const serviceOf = async (t: TestContext, answer: (count: number) => Answering) => {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => {
      text += bytes;
    });
    request.on('end', () => {
      got.push({ path: request.url ?? '', body: JSON.parse(text), id: request.headers['webhook-id'] });
      answer(got.length)(response);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, got };
};

export const says =
  (status: number, body = '', headers: Record<string, string> = {}) =>
  (response: Response) =>
    response.writeHead(status, headers).end(body);
export const hangs = () => () => {};

/** Time that passes as soon as somebody sleeps and nobody has anything else to do. */
const skippingClock = (): Clock & { slept: number[] } => {
  let nowMs = 1_795_341_600_000;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    steady: () => nowMs,
    sleep: async (ms) => {
      slept.push(ms);
      nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
};

export const channelOf = (kind: ChannelKind, service?: string): Channel => {
  const isUrl = !['pagerduty', 'jira', 'eventBridge'].includes(kind);
  return {
    kind,
    name: `alerts.${kind}`,
    wanted: {},
    ...(service !== undefined && { service }),
    secrets: {
      ...(isUrl && { url: `/${kind}/url` }),
      ...(['pagerduty', 'jira', 'webhook'].includes(kind) && { key: `/${kind}/key` }),
    },
  };
};

/** The notifier with these channels and parameters, and what it mailed. */
export const notifierOf = (
  channels: Channel[],
  parameters: Record<string, string>,
  options: { topicFault?: { fault?: Fault | undefined }; hanging?: string; limitMs?: number } = {},
) => {
  const { topicFault, hanging, limitMs = 10_000 } = options;
  const mails: Announcement[] = [];
  const lines: string[] = [];
  const clock = skippingClock();
  const ports: NotifierPorts = {
    config: { deployment: 'main', local: true, homeRegion: 'eu-west-2', alerts: { emails: [], channels } },
    clock,
    log: (line) => lines.push(JSON.stringify(line)),
    // The time of a request is real, the waits between two are not. Only where no answer is to come may it be short.
    post: (post, known) => httpPoster({ limitMs: post.url === hanging ? 400 : limitMs })(post, known),
    secrets: {
      of: async () => ({
        values: new Map(Object.entries(parameters)),
        lacking: new Map(Object.entries({ '/lacking/url': 'there is no such parameter' })),
      }),
    },
    topic: {
      publish: async (mail) => {
        if (topicFault?.fault !== undefined) throw topicFault.fault;
        mails.push(mail);
      },
    },
    nonce: () => 'n1',
  };
  return { ports, mails, lines, clock };
};
