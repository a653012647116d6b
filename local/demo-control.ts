import { DEEDS, type Deed } from './deeds.ts';
import { type DemoServers, restart, type WebServer } from './demo-servers.ts';

/** The demo servers of a running `npm start`, by name. */
export type DemoControl = {
  names: readonly string[];
  /** Answers what is true of the server now, for people. Rejects with a sentence when it cannot be done. */
  perform(name: string, deed: Deed): Promise<string>;
  close(): Promise<void>;
};

/** Longer than any probe waits by default. */
const SLOW_MS = 10_000;

export const controlDemoServers = ({ primary, standby }: DemoServers): DemoControl => {
  const servers = new Map<string, WebServer>([primary, standby].map((server) => [server.name, server]));
  /** One deed after the other: a revival that is under way must not be met by the next kill. */
  let last: Promise<unknown> = Promise.resolve();

  const perform = async (name: string, deed: Deed): Promise<string> => {
    let server = servers.get(name);
    if (server === undefined)
      throw new Error(
        `Expected a demo server, one of ${[...servers.keys()].join(' and ')}, received "${name}".`,
      );
    const place = `${name} at http://${server.address}:${server.port}/`;
    if (deed === 'kill') await server.kill();
    else if (!server.isAlive() && deed !== 'revive')
      throw new Error(`${place} has no process to ${deed}: it was killed. Revive it first.`);
    else if (deed === 'hang') server.hang();
    else {
      if (!server.isAlive()) {
        server = await restart(server);
        servers.set(name, server);
      }
      server.wake();
      await server.answer(deed === 'break' ? 503 : 200, deed === 'slow' ? SLOW_MS : 0);
    }
    const pid = deed === 'kill' ? '' : `, process ${server.pid}`;
    return `${place}${pid}: ${DEEDS[deed]}.`;
  };
  return {
    names: [...servers.keys()],
    perform: (name, deed) => {
      const done = last.then(() => perform(name, deed));
      last = done.catch(() => {});
      return done;
    },
    close: async () => {
      await last;
      await Promise.all([...servers.values()].map((server) => server.kill()));
    },
  };
};
