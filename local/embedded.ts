import { NAMESPACE } from '../lambda/core/evidence/metrics.ts';

/** One metric in a line of a log, with its values at one moment. */
export type Measured = {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
  atMs: number;
  values: readonly number[];
};

/** Limits of the embedded metric format (CloudWatch User Guide), and for how old or early a moment is kept. */
const METRICS_MAX = 100;
const DIMENSIONS_MAX = 30;
const DIMENSION_CHARACTERS_MAX = 1024;
const VALUES_MAX = 100;
const OLDEST_MS = 14 * 86_400_000;
const EARLIEST_MS = 2 * 3_600_000;

type Directive = { Namespace?: unknown; Dimensions?: unknown; Metrics?: unknown };

/** What does not hold of it, in CloudWatch's terms. AWS drops such metrics and says nothing in the log. */
class Flaw extends Error {}

const must = (holds: boolean, sentence: string): void => {
  if (!holds) throw new Flaw(sentence);
};

const listIn = (value: unknown, what: string): unknown[] => {
  if (!Array.isArray(value)) throw new Flaw(`Expected ${what} to be a list, received ${typeof value}.`);
  return value;
};

/**
 * The metrics that CloudWatch makes of a line of a log; none of a line that has no `_aws`. What is wrong with one is answered as a
 * sentence: there CloudWatch makes none.
 */
export const readEmbedded = (line: string, nowMs: number): readonly Measured[] | { flaw: string } => {
  const document = line.includes('"_aws"') ? parsed(line) : undefined;
  const { _aws: head } = document ?? {};
  if (document === undefined || head === undefined) return [];
  try {
    const { Timestamp, CloudWatchMetrics } = Object(head) as {
      Timestamp?: unknown;
      CloudWatchMetrics?: unknown;
    };
    const isInRange = Number(Timestamp) >= nowMs - OLDEST_MS && Number(Timestamp) <= nowMs + EARLIEST_MS;
    must(isInRange, `Expected a Timestamp from two weeks ago to two hours ahead, received ${Timestamp}.`);
    return listIn(CloudWatchMetrics, 'CloudWatchMetrics').flatMap((each) =>
      ofDirective(document, Object(each), Number(Timestamp)),
    );
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    return { flaw: error.message };
  }
};

const ofDirective = (
  document: Record<string, unknown>,
  { Namespace, Dimensions, Metrics }: Directive,
  atMs: number,
): Measured[] => {
  must(typeof Namespace === 'string' && Namespace !== '', `Expected a Namespace such as ${NAMESPACE}.`);
  const metrics = listIn(Metrics, 'Metrics');
  must(metrics.length <= METRICS_MAX, `Expected at most ${METRICS_MAX} metrics, received ${metrics.length}.`);
  return listIn(Dimensions, 'Dimensions').flatMap((set) => {
    const dimensions = dimensionsOf(document, listIn(set, 'each of Dimensions'));
    return metrics.map((metric): Measured => {
      const { Name: name, StorageResolution = 60 } = Object(metric);
      const values = [document[name]].flat();
      const areNumbers = values.length > 0 && values.every((value) => Number.isFinite(value));
      must(areNumbers && values.length <= VALUES_MAX, `Expected 1 to ${VALUES_MAX} numbers as ${name}.`);
      // A standard metric has one value a minute, whenever in it something was measured.
      const toMs = StorageResolution * 1000;
      return {
        namespace: String(Namespace),
        name,
        dimensions,
        atMs: Math.floor(atMs / toMs) * toMs,
        values: values as number[],
      };
    });
  });
};

const dimensionsOf = (document: Record<string, unknown>, names: unknown[]): Record<string, string> => {
  must(
    names.length <= DIMENSIONS_MAX,
    `Expected at most ${DIMENSIONS_MAX} dimensions, received ${names.length}.`,
  );
  return Object.fromEntries(
    names.map((name) => {
      const value = document[String(name)];
      const isFit = typeof value === 'string' && value !== '' && value.length <= DIMENSION_CHARACTERS_MAX;
      must(isFit, `Expected a text of 1 to ${DIMENSION_CHARACTERS_MAX} characters as ${name}.`);
      return [String(name), String(value)];
    }),
  );
};

const parsed = (line: string): Record<string, unknown> | undefined => {
  try {
    return Object(JSON.parse(line));
  } catch {
    return undefined;
  }
};
