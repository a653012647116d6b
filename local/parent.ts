import type { Answer, AnswerRecord } from './zone-answer.ts';

/** What is known of a hosted zone from outside it. */
type Delegated = { name: string; nameServers: readonly string[] };

const PARENT_SERVER = 'ns.parent.invalid';
const TTL_SECONDS = 172_800;

/**
 * Answers for what lies around our zones, so that whoever asks from above finds them as on the internet: the zones above have a
 * name server, and it and the zones' own are found at `host`. It refers to nobody: who asks it for a zone of ours gets the zone's
 * own word, as from a server that has both. Undefined for everything else.
 */
export const aroundZones = (
  zones: readonly Delegated[],
  host: string,
  name: string,
  type: string,
): Answer | undefined => {
  const servers = [PARENT_SERVER, ...zones.flatMap(({ nameServers }) => nameServers)];
  const answer = (...answers: AnswerRecord[]): Answer => ({
    rcode: 'NOERROR',
    aa: true,
    answers,
    authority: [],
  });
  const record = (value: string): AnswerRecord => ({ name, type, ttlSeconds: TTL_SECONDS, value });
  if (servers.some((server) => server.toLowerCase() === name)) {
    return type === 'A' ? answer(record(host)) : answer();
  }
  const isAbove = zones.some((zone) => zone.name.endsWith(`.${name}`) || name === '');
  if (!isAbove) return undefined;
  // The zone directly above is the parent; what lies between it and the root is not asked for.
  const isParent = zones.some((zone) => zone.name.slice(zone.name.indexOf('.') + 1) === name);
  return type === 'NS' && isParent ? answer(record(PARENT_SERVER)) : answer();
};
