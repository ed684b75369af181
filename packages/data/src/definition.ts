import { z } from 'zod';

/**
 * What a corpus is and how it becomes documents: the schema of datasets/*.json, one file per corpus. Unknown keys are
 * refused, so that a misspelt option is not silently without effect.
 */

const names = z.array(z.string().min(1)).min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 is 64 hexadecimal digits in lower case');

/** Where the files come from. */
const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('npm'),
    /** An installed npm package. */
    package: z.string().min(1),
    /** Paths inside the package; `*`, `**` and `?` are wildcards. */
    files: names,
  }),
  z.strictObject({
    kind: z.literal('files'),
    /** Paths, relative to the manifest's folder, with the same wildcards; `${NAME}` is an environment variable. */
    files: names,
  }),
  z.strictObject({
    kind: z.literal('huggingface'),
    /** A data set repository, `owner/name`. */
    repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'use owner/name'),
    /** A branch, a tag or (so that nothing changes unnoticed) a commit. */
    revision: z.string().min(1).default('main'),
    /** Paths inside the repository, with the same wildcards. */
    files: names,
  }),
  z.strictObject({
    kind: z.literal('http'),
    files: z.array(z.strictObject({ url: z.url({ protocol: /^https?$/ }), sha256 })).min(1),
  }),
]);

/** How a file holds documents. Without it the file's ending decides: .jsonl, .ndjson, .parquet, else text. */
const formatSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    /** How bytes become text. `utf-8-or-latin-1` takes a file that is not valid UTF-8 as Latin-1. */
    encoding: z.enum(['utf-8', 'utf-8-or-latin-1', 'latin-1']).default('utf-8'),
    /** A line that stands between two documents; without one the file is one document. */
    separator: z
      .string()
      .regex(/^[^\r\n]+$/, 'use one line')
      .optional(),
  }),
  z.strictObject({
    kind: z.literal('jsonl'),
    /** The field of each line's object that holds a document's text. */
    field: z.string().min(1).default('text'),
  }),
  z.strictObject({
    kind: z.literal('parquet'),
    /** The column of texts. */
    column: z.string().min(1).default('text'),
    /** Whether each row is a document, or a stretch of the one document that the file is. */
    documents: z.enum(['row', 'file']).default('row'),
  }),
]);

/** Whitespace at both ends of a document is always dropped. */
const normalisationSchema = z.strictObject({
  /** `lf` turns CR LF and CR into LF. */
  newlines: z.enum(['lf', 'keep']).default('lf'),
  /** Joins the lines of a paragraph by a space; paragraphs end at empty lines. */
  joinWrappedLines: z.boolean().default(false),
});

const share = z.number().gt(0).lt(0.5);

const splitsSchema = z
  .discriminatedUnion('by', [
    z.strictObject({
      /** Documents of these names (a text file's document has the file's name without its ending); the rest trains. */
      by: z.literal('name'),
      validation: names,
      test: names,
    }),
    z.strictObject({
      /**
       * Files of these names or wildcards. Without `train` every other file trains; without `test` half of the
       * validation documents, drawn by the sha256 of their text, test.
       */
      by: z.literal('file'),
      train: names.optional(),
      validation: names,
      test: names.optional(),
    }),
    z.strictObject({
      /** A share of the documents, drawn by the sha256 of their text: equal documents come into the same split. */
      by: z.literal('hash'),
      validation: share,
      test: share,
    }),
    z.strictObject({
      /** The last parts of the token stream, as shares of it: for text without documents. */
      by: z.literal('position'),
      validation: share,
      test: share,
    }),
  ])
  .superRefine((splits, context) => {
    if (splits.by !== 'name' && splits.by !== 'file') return;
    const train = splits.by === 'file' ? (splits.train ?? []) : [];
    const all = [...train, ...splits.validation, ...(splits.test ?? [])];
    const twice = all.find((name, index) => all.indexOf(name) !== index);
    if (twice !== undefined)
      context.addIssue({ code: 'custom', message: `the splits overlap: "${twice}" stands twice` });
  });

export const datasetDefinitionSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, 'use letters, digits, dots, dashes and underscores'),
  description: z.string().min(1),
  licence: z.string().min(1),
  homepage: z.url().optional(),
  /** Size of the source files, for people: what a download or a disk has to hold. */
  bytes: z.number().int().positive().optional(),
  source: sourceSchema,
  format: formatSchema.optional(),
  normalisation: normalisationSchema.default({ newlines: 'lf', joinWrappedLines: false }),
  splits: splitsSchema,
});

export type DatasetDefinition = z.infer<typeof datasetDefinitionSchema>;
export type SourceFormat = NonNullable<DatasetDefinition['format']>;
export type SplitRule = DatasetDefinition['splits'];
