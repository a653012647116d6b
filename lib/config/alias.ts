import { CLOUDFRONT_ZONE, LOAD_BALANCER_ZONES, S3_WEBSITE_ZONES } from './alias-zones.ts';
import { canonicalName, nameRefusal } from './names.ts';
import { expected } from './problems.ts';

/** What is known of an alias target by its name: the hosted zone it lies in, and whether it may have IPv6 addresses. */
export type AliasTarget = { zoneId: string; ipv6: boolean };

/** `NAME.REGION.elb…` is an Application (or Classic) Load Balancer, `NAME.elb.REGION…` a Network Load Balancer. */
const APPLICATION = /^[a-z0-9.-]+\.([a-z0-9-]+)\.elb\.amazonaws\.com$/;
const NETWORK = /^[a-z0-9.-]+\.elb\.([a-z0-9-]+)\.amazonaws\.com$/;
/** Older regions have a hyphen, newer ones a dot. The bucket is not part of it: S3 finds it by the name that visitors type. */
const S3_WEBSITE = /^s3-website[.-]([a-z0-9-]+)\.amazonaws\.com$/;

/** The AWS resource of this name (canonical), or undefined for one that is not in the tables. */
export const aliasTarget = (name: string): AliasTarget | undefined => {
  const found = (zoneId: string | undefined, ipv6: boolean) => zoneId && { zoneId, ipv6 };
  if (/^[a-z0-9]+\.cloudfront\.net$/.test(name)) return { zoneId: CLOUDFRONT_ZONE, ipv6: true };
  const region = (pattern: RegExp) => pattern.exec(name)?.[1] ?? '';
  return (
    found(LOAD_BALANCER_ZONES[region(APPLICATION)]?.[0], true) ||
    found(LOAD_BALANCER_ZONES[region(NETWORK)]?.[1], true) ||
    // A website endpoint of S3 has no IPv6 addresses.
    found(S3_WEBSITE_ZONES[region(S3_WEBSITE)], false) ||
    undefined
  );
};

const WHAT =
  'the name of a CloudFront distribution, load balancer or S3 website endpoint such as d111111abcdef8.cloudfront.net';

/** What is wrong with `value` as an alias target, as a sentence. */
export const aliasRefusal = (value: unknown): string | undefined => {
  const refusal = nameRefusal(value, WHAT);
  if (refusal !== undefined) return refusal;
  const name = canonicalName(value as string);
  if (/(^|\.)s3-website[.-][a-z0-9-]+\.amazonaws\.com$/.test(name) && !S3_WEBSITE.test(name)) {
    return expected(
      WHAT,
      value,
      "leave out the bucket: S3 finds the one that is named like the visitors' host by itself",
    );
  }
  return undefined;
};
