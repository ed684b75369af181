import { z } from 'zod';
import { isTextEncoding } from './sources/text-decoder.ts';

/**
 * The schema of datasets/*.json: one corpus each, and how it becomes documents. Unknown keys are refused, so that a
 * misspelt option is not silently without effect.
 */

const names = z.array(z.string().min(1)).min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 is 64 hexadecimal digits in lower case');

const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('npm'),
    package: z
      .string()
      .regex(/^(?:@[\w.-]+\/)?\w[\w.-]*$/, 'use the name of a package')
      .describe('an installed npm package'),
    files: names.describe('paths inside the package; *, ** and ? are wildcards'),
  }),
  z.strictObject({
    kind: z.literal('files'),
    files: names.describe(
      'paths, relative to the definition; *, ** and ? are wildcards, ' + '$' + '{NAME} is an environment variable',
    ),
  }),
  z.strictObject({
    kind: z.literal('huggingface'),
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'use owner/name')
      .describe('a data set repository, owner/name'),
    revision: z
      .string()
      .min(1)
      .default('main')
      .describe('a branch, a tag or (so that nothing changes unnoticed) a commit'),
    files: names.describe('paths inside the repository; *, ** and ? are wildcards'),
  }),
  z.strictObject({
    kind: z.literal('http'),
    files: z.array(z.strictObject({ url: z.url({ protocol: /^https?$/ }), sha256 })).min(1),
  }),
]);

const formatSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    encoding: z
      .string()
      .refine(isTextEncoding, 'use a label such as utf-8, windows-1252, utf-16le or shift_jis')
      .default('utf-8')
      .describe(
        'a label of the WHATWG Encoding Standard, or latin-1; utf-8-or-windows-1252 (or another) takes a file that is ' +
          'not valid UTF-8 as that; a byte order mark says more than the label',
      ),
    separator: z
      .string()
      .regex(/^[^\r\n]+$/, 'use one line')
      .optional()
      .describe('a line that stands between two documents; without one the file is one document'),
  }),
  z.strictObject({
    kind: z.literal('jsonl'),
    field: z.string().min(1).default('text').describe("the field of each line's object that holds a document's text"),
  }),
  z.strictObject({
    kind: z.literal('parquet'),
    column: z.string().min(1).default('text').describe('the column of texts'),
    documents: z
      .enum(['row', 'file'])
      .default('row')
      .describe('whether each row is a document, or a stretch of the one document that the file is'),
  }),
]);

const normalizationSchema = z.strictObject({
  newlines: z.enum(['lf', 'keep']).default('lf').describe('lf turns CR LF and CR into LF'),
  joinWrappedLines: z
    .boolean()
    .default(false)
    .describe('joins the lines of a paragraph by a space; paragraphs end at empty lines'),
});

const share = z.number().gt(0).lt(0.5);

const splitsSchema = z
  .discriminatedUnion('by', [
    z
      .strictObject({ by: z.literal('name'), validation: names, test: names })
      .describe("documents of these names (a text file's document has the file's name without its ending)"),
    z
      .strictObject({ by: z.literal('file'), train: names.optional(), validation: names, test: names.optional() })
      .describe(
        'files of these names or wildcards; without train every other file trains, without test half of the ' +
          'validation documents, drawn by the sha256 of their text, test',
      ),
    z
      .strictObject({ by: z.literal('hash'), validation: share, test: share })
      .describe('shares of the documents, drawn by the sha256 of their text: equal documents share a split'),
    z
      .strictObject({ by: z.literal('position'), validation: share, test: share })
      .describe('the last parts of the token stream, as shares of it: for text without documents'),
  ])
  .superRefine((splits, context) => {
    if (splits.by !== 'name' && splits.by !== 'file') return;
    const train = splits.by === 'file' ? (splits.train ?? []) : [];
    const all = [...train, ...splits.validation, ...(splits.test ?? [])];
    const seen = new Set<string>();
    const twice = all.find((name) => seen.size === seen.add(name).size);
    if (twice !== undefined)
      context.addIssue({ code: 'custom', message: `the splits overlap: "${twice}" stands twice` });
  });

export const datasetDefinitionSchema = z
  .strictObject({
    $schema: z.string().optional().describe('the JSON schema, for editors'),
    name: z
      .string()
      .regex(
        /^[\p{L}\p{N}](?!.*\.json$)[\p{L}\p{M}\p{N}._-]{0,99}$/u,
        'use up to 100 letters, digits, dots, dashes and underscores, without .json',
      ),
    description: z.string().min(1),
    license: z.string().min(1),
    homepage: z.url().optional(),
    bytes: z.number().int().positive().optional().describe('size of the source files: a download, or room on a disk'),
    source: sourceSchema.describe('where the files come from'),
    format: formatSchema
      .optional()
      .describe(
        "how a file holds documents; without it the file's ending decides: .jsonl, .ndjson, .parquet, else text",
      ),
    normalization: normalizationSchema
      .default({ newlines: 'lf', joinWrappedLines: false })
      .describe('white space at both ends of a document is always dropped'),
    splits: splitsSchema,
  })
  .transform(({ $schema: _, ...definition }) => definition);

export type DatasetDefinition = z.output<typeof datasetDefinitionSchema>;
export type SourceFormat = NonNullable<DatasetDefinition['format']>;
export type SplitRule = DatasetDefinition['splits'];

/** The JSON schema of a dataset definition, for a file that `$schema` names. */
export function datasetDefinitionJsonSchema(): object {
  return z.toJSONSchema(datasetDefinitionSchema, { io: 'input' });
}
