import { canonicalAddress } from '../base/address.ts';
import type { Site } from '../site/site.ts';
import type { RecordSet } from './records.ts';
import { parseRole, roleRecordName } from './role-record.ts';
import type { ZoneView } from './zone-view.ts';

/** One question to a name server about a site. */
export type Question = { name: string; type: 'TXT' | 'A' | 'AAAA' };

/** A name server's own answer, as far as it matters here. */
export type Answered = {
  rcode: string;
  authoritative: boolean;
  answers: { name: string; type: string; value: string }[];
};

type Ours = ZoneView & { kind: 'ours' };

/** The question for the role record. It changes with every write of ours. */
export const roleQuestion = (site: Site): Question => ({ name: roleRecordName(site.name), type: 'TXT' });

/** The questions for the set; a CNAME answers either. What an alias stands for only Route 53 knows, so nobody is asked for it. */
export const setQuestions = ({ records }: Ours): Question[] => {
  const names = [...new Set(records.map((r) => r.name))];
  const isPlain = ({ routing, alias }: RecordSet) => routing === undefined && alias === undefined;
  const plain = names.filter((name) => records.every((r) => r.name !== name || isPlain(r)));
  return plain.flatMap((name) => [
    { name, type: 'A' as const },
    { name, type: 'AAAA' as const },
  ]);
};

/** One spelling for each value: of IPv6 addresses and host names there are many. */
const spelled = (value: string): string => canonicalAddress(value).toLowerCase().replace(/\.$/, '');

const valuesFor = (
  question: Question,
  records: { name: string; type: string; values: string[] }[],
): string[] =>
  records
    .filter((r) => r.name === question.name && (r.type === question.type || r.type === 'CNAME'))
    .flatMap((r) => (question.type === 'TXT' ? r.values : r.values.map(spelled)))
    .sort();

/**
 * Whether a name server answers with what the zone's listing shows. `unknown` when it does not speak for the zone (it is lame, or
 * something on the way answers in its place): that is no word on the records. TTLs do not count.
 */
export const agrees = (
  question: Question,
  { rcode, authoritative, answers }: Answered,
  { records, roleRecord }: Ours,
): 'agrees' | 'differs' | 'unknown' => {
  if (!authoritative || (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN')) return 'unknown';
  const wanted: RecordSet[] = question.type === 'TXT' ? [roleRecord] : records;
  const got = answers.map(({ name, type, value }) => ({ name, type, values: [value] }));
  return valuesFor(question, got).join('\n') === valuesFor(question, wanted).join('\n')
    ? 'agrees'
    : 'differs';
};

/** What a name server answers instead, in a few words: `standby, epoch 41`, `192.0.2.9`, `REFUSED`. */
export const toldOf = (question: Question, { rcode, authoritative, answers }: Answered): string => {
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return rcode;
  if (!authoritative) return 'an answer that is not its own';
  const values = answers
    .filter(({ name, type }) => name === question.name && (type === question.type || type === 'CNAME'))
    .map(({ value }) => value);
  const role = question.type === 'TXT' ? parseRole(values[0] ?? '') : undefined;
  if (role !== undefined) return `${role.serving} (epoch ${role.epoch})`;
  return values.length === 0 ? `no ${question.type} record` : values.join(', ').slice(0, 100);
};
