import type { Call, Demand, Reply, Service } from './service.ts';

export type SsmOptions = {
  accountId: string;
  /** Values by name, the same in every region; asked for each call, so that a change is seen at once. */
  parameters: () => Record<string, string>;
};

/** The header `x-amz-target` names an operation after this and a dot. */
const TARGET = 'AmazonSSM';
/** Names in one call (Systems Manager API reference, GetParameters). */
const NAMES_MAX = 10;

type Asked = { names: string[]; decrypt: boolean };

/** `GetParameter` and `GetParameters` of Systems Manager's parameter store; every parameter is a SecureString. */
export const ssmService = ({ accountId, parameters }: SsmOptions): Service => {
  const arnOf = (name: string, { region }: Call) =>
    `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`;
  const shown = (call: Call, name: string, value: string, decrypt: boolean) => ({
    Name: name,
    Type: 'SecureString',
    // Without decryption the store hands out what it keeps, which nobody without the key can read.
    Value: decrypt ? value : Buffer.from(`encrypted ${value.length}`).toString('base64'),
    Version: 1,
    LastModifiedDate: 0,
    ARN: arnOf(name, call),
    DataType: 'text',
  });
  const operations: Record<string, (call: Call, asked: Asked) => Reply> = {
    GetParameter: (call, { names: [name = ''], decrypt }) => {
      const value = heldIn(parameters(), name);
      return value === undefined
        ? refusal(400, 'ParameterNotFound', '')
        : reply({ Parameter: shown(call, name, value, decrypt) });
    },
    GetParameters: (call, { names, decrypt }) => {
      if (names.length < 1 || names.length > NAMES_MAX) return badNames(names);
      const known = parameters();
      const found = names.flatMap((name) => {
        const value = heldIn(known, name);
        return value === undefined ? [] : [shown(call, name, value, decrypt)];
      });
      const InvalidParameters = names.filter((name) => heldIn(known, name) === undefined);
      return reply({ Parameters: found, InvalidParameters });
    },
  };
  const operation = (call: Call): string | undefined => {
    const [service, name = ''] = (call.headers['x-amz-target'] ?? '').split('.');
    return service === TARGET && Object.hasOwn(operations, name) ? name : undefined;
  };
  return {
    name: 'ssm',
    operations: Object.keys(operations),
    operation,
    demands: (call): Demand[] =>
      askedOf(call).names.map((name) => ({
        action: `ssm:${operation(call)}`,
        resource: arnOf(name, call),
        context: {},
      })),
    handle: async (call) => operations[operation(call) ?? '']!(call, askedOf(call)),
    error: refusal,
  };
};

const heldIn = (parameters: Record<string, string>, name: string): string | undefined =>
  Object.hasOwn(parameters, name) ? parameters[name] : undefined;

const askedOf = (call: Call): Asked => {
  const nothing = { names: [], decrypt: false };
  try {
    const { Name, Names, WithDecryption } = Object(JSON.parse(call.body.toString('utf8')));
    const names: unknown[] = Array.isArray(Names) ? Names : [Name];
    return {
      names: names.filter((name) => typeof name === 'string'),
      decrypt: WithDecryption === true,
    };
  } catch {
    return nothing;
  }
};

const badNames = (names: string[]): Reply =>
  refusal(
    400,
    'ValidationException',
    `1 validation error detected: Value '[${names.join(', ')}]' at 'names' failed to satisfy constraint: ` +
      `Member must have length ${names.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${NAMES_MAX}`}`,
  );

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.1' };

const reply = (body: object): Reply => ({ status: 200, headers: JSON_TYPE, body: JSON.stringify(body) });

const refusal = (status: number, code: string, message: string): Reply => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify({ __type: code, ...(message !== '' && { message }) }),
});
