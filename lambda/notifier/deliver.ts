import type { Values } from '../core/channels/post.ts';
import { isWanted, postsOf } from '../core/channels/posts.ts';
import { type Verdict, verdictOn } from '../core/channels/verdict.ts';
import type { AlertEvent } from '../core/messages/event.ts';
import type { Channel } from '../core/site/alerts.ts';
import type { NotifierPorts } from '../ports.ts';

/** Between two tries, milliseconds. A service that says when to come again is believed instead. */
const WAITS_MS = [1000, 4000, 10_000, 30_000, 60_000, 90_000];

/** After so long a channel is given up and people are mailed. The function has a minute more. */
export const PATIENCE_MS = 240_000;

/** What came of it, in words: what a channel answered last. */
export type Delivered = { told: boolean; why: string };

type DeliverPorts = Pick<NotifierPorts, 'secrets' | 'config' | 'post' | 'clock'>;

const NO_NEWS = 'is not told of that';

/** Who asks for what a channel needs: the values of its parameters, or why they are not there. */
const valuesOf = async ({ secrets, config }: DeliverPorts, channel: Channel): Promise<Values | Verdict> => {
  const named = Object.entries(channel.secrets);
  const { values, lacking } = await secrets.of(named.map(([, name]) => name));
  const found: Values = {};
  for (const [field, name] of named) {
    const value = values.get(name);
    const wrong = lacking.get(name);
    if (wrong !== undefined)
      return { kind: 'refused', why: `cannot be posted to: parameter ${name}: ${wrong}` };
    if (value === undefined)
      return { kind: 'later', why: `cannot be posted to: parameter ${name} could not be read` };
    found[field as keyof Values] = value;
  }
  if (found.url === undefined || isAllowed(found.url, config.local)) return found;
  const expected = config.local ? 'an http or https URL' : 'an https URL';
  return {
    kind: 'refused',
    why: `cannot be posted to: parameter ${channel.secrets.url} does not hold ${expected}`,
  };
};

const isAllowed = (url: string, local: boolean): boolean => {
  const protocol = URL.parse(url)?.protocol;
  return protocol === 'https:' || (local && protocol === 'http:');
};

/** An event on its way to a channel: how many of its posts were taken, and until when the others are tried. */
type Errand = { channel: Channel; event: AlertEvent; done: number; endMs: number };

/** One try at all that is left. */
const tryOnce = async (ports: DeliverPorts, errand: Errand): Promise<Verdict> => {
  const { channel, event, endMs } = errand;
  const values = await valuesOf(ports, channel);
  if ('kind' in values) return values;
  let verdict: Verdict = { kind: 'taken', why: NO_NEWS };
  for (const post of postsOf(channel, values, event).slice(errand.done)) {
    if (ports.clock.steady() > endMs) return { kind: 'later', why: 'is too slow' };
    const answer = await ports.post(post, Object.values(values));
    verdict = verdictOn(answer, channel.kind, ports.clock.now());
    if (verdict.kind !== 'taken') break;
    errand.done += 1;
  }
  return verdict;
};

/**
 * Posts an event to one channel until it is taken or refused, or for `patienceMs`. Never rejects. What was taken is not sent again, and
 * no channel waits for another.
 */
export const deliver = async (
  ports: DeliverPorts,
  channel: Channel,
  event: AlertEvent,
  patienceMs = PATIENCE_MS,
): Promise<Delivered> => {
  if (!isWanted(channel, event)) return { told: true, why: NO_NEWS };
  const { clock } = ports;
  const errand = { channel, event, done: 0, endMs: clock.steady() + patienceMs };
  for (let tries = 0; ; tries += 1) {
    const verdict = await tryOnce(ports, errand);
    if (verdict.kind !== 'later') return { told: verdict.kind === 'taken', why: verdict.why };
    const waitMs = Math.max(WAITS_MS[tries] ?? patienceMs, verdict.afterMs ?? 0);
    if (clock.steady() + waitMs > errand.endMs) {
      const asks =
        verdict.afterMs === undefined ? '' : `, and asks to wait ${Math.ceil(verdict.afterMs / 1000)} s`;
      return { told: false, why: `${verdict.why}${asks} (tries: ${tries + 1})` };
    }
    await clock.sleep(waitMs);
  }
};
