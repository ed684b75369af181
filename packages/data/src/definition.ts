import { z } from 'zod';

/**
 * What a corpus is and how it becomes documents: the schema of datasets/*.json, one file per corpus. Unknown keys are
 * refused, so that a misspelt option is not silently without effect.
 */

/** Where the files come from. */
const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('npm'),
    /** An installed npm package. */
    package: z.string().min(1),
    /** Paths or globs inside the package. */
    files: z.array(z.string().min(1)).min(1),
  }),
  z.strictObject({
    kind: z.literal('files'),
    /** Paths or globs, relative to the manifest's folder; `${NAME}` stands for an environment variable. */
    files: z.array(z.string().min(1)).min(1),
  }),
]);

const formatSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    /** How bytes become text. `utf-8-or-latin-1` takes a file that is not valid UTF-8 as Latin-1. */
    encoding: z.enum(['utf-8', 'utf-8-or-latin-1', 'latin-1']).default('utf-8'),
    /** A line that stands between two documents; without one the file is one document. */
    separator: z.string().min(1).optional(),
  }),
]);

const normalisationSchema = z.strictObject({
  /** `lf` turns CR LF and CR into LF. */
  newlines: z.enum(['lf', 'keep']).default('lf'),
  /** Joins the lines of a paragraph by a space; paragraphs end at empty lines. */
  joinWrappedLines: z.boolean().default(false),
});

const share = z.number().gt(0).lt(0.5);

const splitsSchema = z.discriminatedUnion('by', [
  z.strictObject({
    /** Documents of these names; every other document trains. */
    by: z.literal('name'),
    validation: z.array(z.string().min(1)).min(1),
    test: z.array(z.string().min(1)).min(1),
  }),
  z.strictObject({
    /** The last parts of the token stream, as shares of it: for text without documents. */
    by: z.literal('position'),
    validation: share,
    test: share,
  }),
]);

export const datasetDefinitionSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, 'use letters, digits, dots, dashes and underscores'),
  description: z.string().min(1),
  licence: z.string().min(1),
  homepage: z.url().optional(),
  /** Size of the source files, for people: what a download or a disk has to hold. */
  bytes: z.number().int().positive().optional(),
  source: sourceSchema,
  format: formatSchema.default({ kind: 'text', encoding: 'utf-8' }),
  normalisation: normalisationSchema.default({ newlines: 'lf', joinWrappedLines: false }),
  splits: splitsSchema,
});

export type DatasetDefinition = z.infer<typeof datasetDefinitionSchema>;
