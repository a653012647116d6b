import { within } from '../async/deadline.ts';
import type { Place } from './aws.ts';
import { awsRequest } from './aws-request.ts';
import { systemClock } from './clock.ts';
import { LIMITS } from './limits.ts';
import { operatorSigner } from './operator-keys.ts';

/** A role that CloudWatch made for who looks at a shared dashboard. */
export type SharingRole = { name: string; arn: string };

/** Where IAM is, and the region that it is signed for, by the partition of a region (AWS General Reference, IAM endpoints). */
const endpointOf = (region: string): { region: string; endpoint: string } => {
  if (region.startsWith('cn-'))
    return { region: 'cn-north-1', endpoint: 'https://iam.cn-north-1.amazonaws.com.cn' };
  if (region.startsWith('us-gov-'))
    return { region: 'us-gov-west-1', endpoint: 'https://iam.us-gov.amazonaws.com' };
  return { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' };
};

/** Asks IAM as the operator. Rejects with its words, or with why it could not be asked. */
const ask = async (place: Place & { region: string }, form: Record<string, string>): Promise<string> => {
  const { region, endpoint } = endpointOf(place.region);
  const { keys } = await operatorSigner(place);
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const body = new URLSearchParams({ ...form, Version: '2010-05-08' }).toString();
  const signer = { region, keys, endpoint: place.endpoint ?? endpoint };
  const request = await awsRequest('iam', { headers, body }, systemClock.now(), signer);
  return within(
    systemClock,
    LIMITS.operator.callMs,
    async (signal) => {
      const response = await fetch(request.url, { method: 'POST', headers: request.headers, body, signal });
      const text = await response.text();
      if (response.ok) return text;
      throw new Error(`${first(text, 'Code') ?? response.status}: ${first(text, 'Message') ?? ''}`);
    },
    {
      late: () => new Error('no answer in time'),
      otherwise: (error) => {
        throw error;
      },
    },
  );
};

/** Texts of an element. What is read here, names and ARNs of roles and words of IAM's own, has no sign that XML escapes. */
const all = (xml: string, element: string): string[] =>
  [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text = '']) => text);
const first = (xml: string, element: string): string | undefined => all(xml, element)[0];

/** CloudWatch makes its roles for sharing under this path, with names that begin so (CloudWatch user guide, "Sharing dashboards"). */
const PATH = '/service-role/';
const PREFIX = 'CWDBSharing';

/** Pages of roles that are read at most, a thousand on each. */
const PAGES_MAX = 10;

/** The roles by which dashboards of the account are shared. It takes iam:ListRoles. */
export const sharingRoles = async (place: Place & { region: string }): Promise<SharingRole[]> => {
  const found: SharingRole[] = [];
  let marker: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const form = { Action: 'ListRoles', PathPrefix: PATH, MaxItems: '1000' };
    const xml = await ask(place, marker === undefined ? form : { ...form, Marker: marker });
    const names = all(xml, 'RoleName');
    const arns = all(xml, 'Arn');
    names.forEach((name, index) => {
      if (name.startsWith(PREFIX)) found.push({ name, arn: arns[index] ?? '' });
    });
    marker = first(xml, 'IsTruncated') === 'true' ? first(xml, 'Marker') : undefined;
    if (marker === undefined) return found;
  }
  throw new Error(`more than ${PAGES_MAX * 1000} roles under ${PATH}`);
};

/** Whether a role may call a function, by IAM's own reckoning of all its policies. It takes iam:SimulatePrincipalPolicy. */
export const mayInvoke = async (
  place: Place & { region: string },
  roleArn: string,
  functionArn: string,
): Promise<boolean> => {
  const xml = await ask(place, {
    Action: 'SimulatePrincipalPolicy',
    PolicySourceArn: roleArn,
    'ActionNames.member.1': 'lambda:InvokeFunction',
    'ResourceArns.member.1': functionArn,
  });
  const decision = first(xml, 'EvalDecision');
  if (decision === undefined) throw new Error('an answer without a decision');
  return decision === 'allowed';
};
