import * as z from 'zod';
import { isPointer } from '../../lambda/core/base/json-pointer.ts';
import type { HeaderRule, StatusRule } from '../../lambda/core/probe/request.ts';
import { fineSeconds, judged, judgedAs, list, object, say, text, whole } from './fields.ts';
import type { HeaderInput } from './probe-input.ts';
import {
  authorityRefusal,
  expectedHeaderRefusal,
  redirectHostRefusal,
  sentHeaderRefusal,
  statusRefusal,
} from './probe-values.ts';
import { expected, received } from './problems.ts';
import { patternRefusal, urlRefusal } from './values.ts';

/** An object of header names in any case, each once; `refusal` judges one header. */
const headersOf = <T>(refusal: (name: string, value: unknown) => string | undefined, instance: string) =>
  z
    .custom<Record<string, T>>()
    .meta({ type: 'object' })
    .superRefine((value, context) => {
      const add = (message: string, path: string[] = []) =>
        context.addIssue({ code: 'custom', message, path, input: value });
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        const what = typeof value === 'string' ? 'text' : received(value);
        add(
          `Expected an object of header names and values, received ${what}; write ${instance}, for example.`,
        );
        return;
      }
      const seen = new Set<string>();
      for (const [name, one] of Object.entries(value)) {
        const wrong = seen.has(name.toLowerCase())
          ? expected(
              'each header once',
              name,
              'header names do not tell capitals from small letters, so drop one',
            )
          : refusal(name, one);
        seen.add(name.toLowerCase());
        if (wrong !== undefined) add(wrong, [name]);
      }
    });

/** Characters that no name, no page and no check of ours needs more of. */
const needle = (wayOut: string) => text(/^[\s\S]{1,1000}$/, 'text of 1 to 1000 characters', wayOut);

/** A hundred and fifty probes with their bodies are one event for a prober, and Lambda takes no more than 6 MB. */
const BODY_BYTES_MAX = 4096;

const bodyRefusal = (value: unknown): string | undefined => {
  const allowed = `text of at most ${BODY_BYTES_MAX} bytes`;
  if (typeof value !== 'string') return expected(allowed, value, 'put it in quotes');
  const bytes = Buffer.byteLength(value);
  return bytes <= BODY_BYTES_MAX
    ? undefined
    : `Expected ${allowed}, received ${bytes}; ask for less, a probe is sent every few seconds.`;
};

const pointerRefusal = (value: unknown): string | undefined =>
  typeof value === 'string' && isPointer(value)
    ? undefined
    : expected(
        'a JSON pointer such as /status or /checks/0/name',
        value,
        'begin each step with /, and write ~1 for a / and ~0 for a ~ in a name',
      );

const scalarRefusal = (value: unknown): string | undefined =>
  value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
    ? undefined
    : expected(
        'text, a number, true, false or null',
        value,
        'point to one value of the document and write what it must be',
      );

export const jsonShape = {
  pointer: judged(pointerRefusal),
  equals: judgedAs<string | number | boolean | null>(scalarRefusal),
};

/** What a good server answers. */
const answerShape = {
  expectStatus: list(
    judgedAs<StatusRule>(statusRefusal).meta({ type: ['integer', 'string'] }),
    'a list of one or more HTTP statuses',
    'write [200], for example',
    1,
  ).optional(),
  expectHeaders: headersOf<HeaderRule>(expectedHeaderRefusal, "{ 'x-role': 'primary' }").optional(),
  bodyIncludes: needle('choose a short piece that every good answer contains, or drop the field').optional(),
  bodyExcludes: needle('choose a short piece that only a bad answer contains, or drop the field').optional(),
  bodyMatches: judged(patternRefusal).optional(),
  bodyJson: object(jsonShape).optional(),
  slowIs: z
    .literal(
      ['passed', 'failed'],
      say("'passed' or 'failed'", 'a slow answer passes unless you want a failover for it'),
    )
    .optional(),
  blockedIs: z
    .literal(
      ['failed', 'unknown'],
      say("'failed' or 'unknown'", "'unknown' moves nothing while a firewall keeps probes out"),
    )
    .optional(),
};

export const probeShape = (local: boolean) => ({
  url: judged((value) => urlRefusal(value, local)).optional(),
  method: text(
    /^(GET|HEAD|OPTIONS|POST)$/i,
    'one of GET, HEAD, OPTIONS and POST',
    'a probe is repeated every few seconds, and must change nothing',
  )
    // A JSON schema has no way to say that small letters will do.
    .meta({ pattern: '^[A-Za-z]+$' })
    .optional(),
  headers: headersOf<HeaderInput>(sentHeaderRefusal, "{ 'x-check': '1' }").optional(),
  body: judged(bodyRefusal).optional(),
  ...answerShape,
  slowAfterSeconds: fineSeconds(
    1,
    58,
    local,
    'drop the field if slow answers are as good as fast ones',
  ).optional(),
  followRedirects: whole(0, 5, 'a whole number from 0 to 5', 'the default is 0').optional(),
  redirectHosts: list(
    judged((value) => redirectHostRefusal(value, local)),
    'a list of host names',
    'put brackets around it',
  ).optional(),
  ca: judgedAs<string | { file: string }>(authorityRefusal)
    .meta({ type: ['string', 'object'] })
    .optional(),
  minTls: z
    .literal(['1.2', '1.3'], say("'1.2' or '1.3'", 'write it in quotes; older ones are never offered'))
    .optional(),
  http: z
    .literal(['auto', 1, 2], say("'auto', 1 or 2", 'drop the field: a browser speaks both too'))
    .optional(),
  timeoutSeconds: fineSeconds(1, 59, local, 'a server that needs longer is not up').optional(),
});
