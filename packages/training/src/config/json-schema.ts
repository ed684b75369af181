import { z } from 'zod';
import { commentKey, schemaKey } from './parse.ts';
import { configSchema } from './schema.ts';

/** The JSON schema of configuration files, for editors that complete them. */
export function configJsonSchema(): object {
  const override = (context: Parameters<typeof allowDefaultName>[0]) => {
    allowDefaultName(context);
    allowComment(context.jsonSchema);
  };
  const schema = z.toJSONSchema(configSchema, { io: 'input', override });
  return { ...schema, properties: { [schemaKey]: { type: 'string' }, ...schema.properties } };
}

function allowComment(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.properties !== undefined) schema.properties = { [commentKey]: { type: 'string' }, ...schema.properties };
}

/** Lets the name of an optimizer or a schedule be left out where it is the default one. */
function allowDefaultName({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodType;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  if (!(zodSchema instanceof z.ZodPrefault)) return;
  const { data } = z.safeParse(zodSchema, undefined);
  for (const member of jsonSchema.oneOf ?? []) {
    const name = member.properties?.name;
    const isDefault = typeof name === 'object' && name.const === (data as { name?: unknown }).name;
    if (isDefault) delete member.required;
  }
}
