import type { z } from 'zod';
import { InputError } from './input-error.ts';

/**
 * A text of JSON, checked and with the schema's defaults.
 * @param path names it in the error @param advice what to do about it
 * @throws InputError in one line, for a text that is no JSON or not what the schema says
 */
export function checkedJson<Schema extends z.ZodType>(
  text: string,
  path: string,
  schema: Schema,
  advice: string,
): z.output<Schema> {
  const value = parseJson(text, path, advice);
  let parsed: z.ZodSafeParseResult<z.output<Schema>>;
  try {
    parsed = schema.safeParse(value);
  } catch (error) {
    // Schemas of values within values follow the file into its depth.
    if (error instanceof RangeError) throw new InputError('file', `${path} is nested too deeply; ${advice}`);
    throw error;
  }
  if (!parsed.success) throw new InputError('file', `${path}: ${firstIssue(parsed.error)}; ${advice}`);
  return parsed.data;
}

/** @throws InputError in one line, which quotes the text where JavaScript does */
function parseJson(text: string, path: string, advice: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = oneLine(error instanceof Error ? error.message : String(error));
    throw new InputError('file', `${path} is not valid JSON (${reason}); ${advice}`);
  }
}

/** The first complaint of zod as one line: `paired[0].n: expected number, received string`. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'is not what was expected';
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const message = issue.message.replace(/^Invalid input: /, '');
  return oneLine(path === '' ? message : `${path.replace(/^\./, '')}: ${message}`);
}

/** Text that quotes a file may hold the file's line breaks; a message is one line. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
