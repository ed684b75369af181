import { z } from 'zod';
import { configSchema } from './schema.ts';

/** One thing that a configuration can say. */
export interface ConfigOption {
  /** With dots; a member of a union stands in brackets behind its field, `[]` stands for the entries of a list. */
  readonly path: string;
  /** Values that it takes: `number`, `adamw | sgd`, ... */
  readonly type: string;
  /** Undefined where leaving it out means something of its own, which the description says. */
  readonly default: unknown;
  /** One line. */
  readonly description: string;
}

/** Every option of the configuration, in the order of the schema. */
export function configOptions(): ConfigOption[] {
  return optionsOf(configSchema, { path: '', default: undefined, description: '' });
}

type Known = Pick<ConfigOption, 'path' | 'default' | 'description'>;

function optionsOf(schema: z.core.$ZodType, outer: Known): ConfigOption[] {
  const own = z.globalRegistry.get(schema)?.description;
  const known = { ...outer, description: outer.description || (own ?? '') };
  if (schema instanceof z.ZodDefault) {
    return optionsOf(schema.def.innerType, { ...known, default: known.default ?? schema.def.defaultValue });
  }
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return optionsOf(schema.def.innerType, known);
  }
  // A value that may be null is an option itself: whether it is there.
  if (schema instanceof z.ZodNullable) {
    const inner = optionsOf(schema.def.innerType, { ...known, default: undefined, description: '' });
    const isLeaf = inner.length === 1 && inner[0]!.path === known.path;
    return [{ ...known, type: `${isLeaf ? inner[0]!.type : 'object'} | null` }, ...(isLeaf ? [] : inner)];
  }
  if (schema instanceof z.ZodPipe) return optionsOf(schema.def.out, known);
  if (schema instanceof z.ZodDiscriminatedUnion) return unionOptions(schema, known.path);
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject) {
    const entries = optionsOf(schema.element, { path: `${known.path}[]`, default: undefined, description: '' });
    return [{ ...known, type: 'list' }, ...entries];
  }
  // A loose object takes what others check: it is one option.
  if (schema instanceof z.ZodObject && !(schema.def.catchall instanceof z.ZodUnknown)) {
    return Object.entries<z.core.$ZodType>(schema.shape).flatMap(([key, inner]) =>
      optionsOf(inner, { path: known.path === '' ? key : `${known.path}.${key}`, default: undefined, description: '' }),
    );
  }
  return [{ ...known, type: typeOf(schema) }];
}

function unionOptions(schema: z.ZodDiscriminatedUnion, path: string): ConfigOption[] {
  const tag = schema.def.discriminator;
  const members = (schema.options as z.ZodObject[]).map(({ shape }) => ({
    literal: shape[tag] as z.ZodLiteral,
    fields: Object.entries<z.core.$ZodType>(shape).filter(([key]) => key !== tag),
  }));
  const nameOf = (literal: z.ZodLiteral) => String([...literal.values][0]);
  const descriptions = members.map(({ literal }) => `${nameOf(literal)}: ${literal.description ?? ''}`);
  return [
    {
      path: `${path}.${tag}`,
      type: members.map(({ literal }) => nameOf(literal)).join(' | '),
      default: (configDefault(path) as Record<string, unknown>)[tag],
      description: descriptions.join('; '),
    },
    ...members.flatMap(({ literal, fields }) =>
      fields.flatMap(([key, inner]) =>
        optionsOf(inner, { path: `${path}[${nameOf(literal)}].${key}`, default: undefined, description: '' }),
      ),
    ),
  ];
}

/** The value of an empty configuration at a path. */
function configDefault(path: string): unknown {
  const whole: unknown = configSchema.parse({});
  return path.split('.').reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], whole);
}

function typeOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodEnum) return schema.options.join(' | ');
  if (schema instanceof z.ZodUnion) return schema.options.map(typeOf).join(' | ');
  if (schema instanceof z.ZodTemplateLiteral) return schema.def.parts.map(partText).join('');
  if (schema instanceof z.ZodArray) return `list of ${typeOf(schema.element)}s`;
  if (schema instanceof z.ZodRecord) return 'object';
  if (schema instanceof z.ZodNumber) return schema.isInt ? 'whole number' : 'number';
  return schema._zod.def.type;
}

/** Text of a part: a placeholder where it varies. */
function partText(part: z.core.$ZodTemplateLiteralPart): string {
  return typeof part === 'object' && part !== null ? 'N' : String(part);
}
