import type { PluginRecord } from './schemas.ts';

type Digests = Pick<PluginRecord, 'sha256' | 'codeSha256'>;

/** Whether two files are one plugin: they are equal, or differ in comments, types and white space only. */
export function isSamePlugin(one: Digests, other: Digests): boolean {
  if (one.sha256 === other.sha256) return true;
  return one.codeSha256 !== undefined && one.codeSha256 === other.codeSha256;
}
