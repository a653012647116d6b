import { ask, questionOf, type Told } from './ask.ts';
import { CORPUS } from './corpus.ts';
import { expectedOf } from './exceptions.ts';
import { serveNames } from './names.ts';
import { serveCase } from './serve.ts';
import type { Line } from './table.ts';

/** Servers and prober share one process here: with more at once some probes would be starved, and be asked again. */
const AT_ONCE = 12;
/** On a busy machine it takes a while until two seconds come in which a prober is not short of CPU. */
const TRIES = 8;

/** Every tenth line of each section: those that want no port of their own and no key that takes seconds to make. */
export const tenth = (lines: Line[]): Line[] => {
  const sections = Map.groupBy(lines.filter(isLight), ({ section }) => section);
  return [...sections.values()].flatMap((all) => all.filter((_, nth) => nth % 10 === 0));
};

const isLight = ({ id }: Line): boolean => {
  const one = CORPUS[id];
  return one?.port === undefined && one?.morePorts === undefined && id !== 'tls-rsa8192';
};

/** A line of which the prober says something else than it should, in a sentence; undefined when it says that. */
export const disagreement = ({ line, observation: { outcome, code, detail } }: Told): string | undefined => {
  const { verdict } = expectedOf(line);
  if (outcome === verdict) return undefined;
  return `${line.id} (${line.what}): expected ${verdict}, received ${outcome}, ${code}: ${detail}`;
};

/** Serves and probes each of these lines; what has no server in the corpus throws. */
export const probeAll = async (lines: Line[]): Promise<Told[]> => {
  // Keys take seconds of CPU, in which no probe is listened to.
  for (const { id } of lines) CORPUS[id]?.tls?.();
  const { nameServers, close } = await serveNames();
  const told: Told[] = [];
  const waiting = [...lines];
  const work = async (): Promise<void> => {
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      told.push({ line, observation: await probeOne(line, nameServers) });
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    // A prober short of CPU has measured nothing: it is asked again, and nothing beside it. Some servers must not have been asked
    // before, so another one is.
    for (const each of told) {
      for (let triesLeft = TRIES; each.observation.code === 'starved' && triesLeft > 0; triesLeft -= 1) {
        each.observation = await probeOne(each.line, nameServers);
      }
    }
  } finally {
    close();
  }
  return told.sort((a, b) => lines.indexOf(a.line) - lines.indexOf(b.line));
};

const probeOne = async ({ id }: Line, nameServers: string[]): Promise<Told['observation']> => {
  const one = CORPUS[id];
  if (one === undefined)
    throw new Error(`Expected a server for ${id} in the corpus, received none; write one.`);
  const server = await serveCase(one);
  return await ask(questionOf(one, id, server), nameServers).finally(server.close);
};
