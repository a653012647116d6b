import { parseXml, type XmlDocument, XmlElement } from '@rgrove/parse-xml';
import type { Place } from './aws.ts';
import { callAsOperator, operatorSigner } from './operator-call.ts';

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
const ask = async (place: Place & { region: string }, form: Record<string, string>): Promise<XmlDocument> => {
  const { region, endpoint } = endpointOf(place.region);
  const { keys } = await operatorSigner(place);
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const body = new URLSearchParams({ ...form, Version: '2010-05-08' }).toString();
  const signer = { region, keys, endpoint: place.endpoint ?? endpoint };
  const { status, text } = await callAsOperator('iam', { headers, body }, signer);
  if (status === 200) return parseXml(text);
  throw refusalIn(status, text);
};

/** What stands before AWS may refuse, too, and then there is no XML. */
const refusalIn = (status: number, text: string): Error => {
  try {
    const said = parseXml(text);
    return new Error(`${textOf(said, 'Code') ?? status}: ${textOf(said, 'Message') ?? ''}`);
  } catch {
    return new Error(`status ${status}`);
  }
};

/** The elements of a name, however deep. */
const named = ({ children }: XmlDocument | XmlElement, name: string): XmlElement[] =>
  children.flatMap((child) =>
    child instanceof XmlElement ? [...(child.name === name ? [child] : []), ...named(child, name)] : [],
  );
const textOf = (xml: XmlDocument | XmlElement, name: string): string | undefined => named(xml, name)[0]?.text;

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
    for (const role of named(xml, 'member')) {
      const name = textOf(role, 'RoleName');
      if (name?.startsWith(PREFIX)) found.push({ name, arn: textOf(role, 'Arn') ?? '' });
    }
    marker = textOf(xml, 'IsTruncated') === 'true' ? textOf(xml, 'Marker') : undefined;
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
  const decision = textOf(xml, 'EvalDecision');
  if (decision === undefined) throw new Error('an answer without a decision');
  return decision === 'allowed';
};
