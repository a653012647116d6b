import { escapeXml } from '../lib/escape-xml.ts';
import { evaluate, type Statement } from './iam.ts';
import { type Call, type Reply, type Service, xml } from './service.ts';

export type IamOptions = {
  accountId: string;
  /** Statements of each role by its name, as it was put there by hand; read at each call. */
  roles: () => Record<string, Statement[]>;
};

const NAMESPACE = 'https://iam.amazonaws.com/doc/2010-05-08/';
/** Where CloudWatch makes its roles for sharing. */
const PATH = '/service-role/';

/** `ListRoles` and `SimulatePrincipalPolicy` of IAM, in its query protocol, for roles that somebody shares dashboards by. */
export const iamService = ({ accountId, roles }: IamOptions): Service => {
  const arnOf = (name: string): string => `arn:aws:iam::${accountId}:role${PATH}${name}`;
  const memberOf = (name: string): string =>
    `<member><Path>${PATH}</Path><RoleName>${escapeXml(name)}</RoleName><RoleId>AROALOCAL</RoleId>` +
    `<Arn>${escapeXml(arnOf(name))}</Arn><AssumeRolePolicyDocument>%7B%7D</AssumeRolePolicyDocument></member>`;
  const operations: Record<string, (form: URLSearchParams) => Reply> = {
    ListRoles: (form) => {
      const names = Object.keys(roles());
      const from = Number(form.get('Marker') ?? 0);
      const to = from + Number(form.get('MaxItems') ?? 100);
      const more = to < names.length ? `<Marker>${to}</Marker>` : '';
      const members = names.slice(from, to).map(memberOf).join('');
      return reply('ListRoles', `<IsTruncated>${more !== ''}</IsTruncated>${more}<Roles>${members}</Roles>`);
    },
    SimulatePrincipalPolicy: (form) => {
      const [, statements] =
        Object.entries(roles()).find(([name]) => arnOf(name) === form.get('PolicySourceArn')) ?? [];
      if (statements === undefined) return refusal(404, 'NoSuchEntity', 'The role cannot be found.');
      const action = form.get('ActionNames.member.1') ?? '';
      const resource = form.get('ResourceArns.member.1') ?? '*';
      const { allowed } = evaluate(statements, [], { action, resource, context: {} });
      return reply(
        'SimulatePrincipalPolicy',
        `<IsTruncated>false</IsTruncated><EvaluationResults><member><EvalActionName>${escapeXml(action)}</EvalActionName>` +
          `<EvalDecision>${allowed ? 'allowed' : 'implicitDeny'}</EvalDecision></member></EvaluationResults>`,
      );
    },
  };
  const formOf = (call: Call) => new URLSearchParams(call.body.toString('utf8'));
  const operation = (call: Call): string | undefined => {
    const action = formOf(call).get('Action') ?? '';
    return Object.hasOwn(operations, action) ? action : undefined;
  };
  return {
    name: 'iam',
    operations: Object.keys(operations),
    operation,
    demands: (call) => [
      { action: `iam:${operation(call)}`, resource: formOf(call).get('PolicySourceArn') ?? '*', context: {} },
    ],
    handle: async (call) => operations[operation(call) ?? '']!(formOf(call)),
    error: refusal,
  };
};

const reply = (action: string, result: string): Reply =>
  xml(
    200,
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result></${action}Response>`,
  );

const refusal = (status: number, code: string, message: string): Reply =>
  xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${escapeXml(code)}</Code>` +
      `<Message>${escapeXml(message)}</Message></Error></ErrorResponse>`,
  );
