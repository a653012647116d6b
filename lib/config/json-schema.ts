import * as z from 'zod';
import { configSchema } from './schema.ts';

type Node = {
  properties?: Record<string, Node>;
  items?: Node;
  anyOf?: Node[];
  description?: string;
};

/** What is said of a field of the object that the field `holder` holds; `''` is the configuration itself, `servers` a server. */
export type Describe = (holder: string, field: string) => string | undefined;

/**
 * The shape of a configuration for editors, as a JSON schema of draft 7, which they know best. It lets through more than is
 * taken: what judges a value, such as an address, and the rules between values are not in it.
 */
export const jsonSchemaOf = (describe: Describe): object => {
  const schema = z.toJSONSchema(configSchema(true), {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  }) as Node;
  annotate(schema, '', describe);
  const $schema = {
    type: 'string',
    description: 'Where this schema lies: an editor completes the file by it.',
  };
  Object.assign(schema.properties ?? {}, { $schema });
  return { title: 'A configuration of Switchover', ...schema };
};

const annotate = (node: Node, holder: string, describe: Describe): void => {
  for (const [field, value] of Object.entries(node.properties ?? {})) {
    const description = describe(holder, field);
    if (description !== undefined) value.description = description;
    for (const one of [value, ...(value.anyOf ?? [])])
      for (const inner of [one, one.items]) if (inner !== undefined) annotate(inner, field, describe);
  }
};
