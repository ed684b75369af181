import { encodingSplitPattern, type Tokenizer } from '@dynact/data';
import { joinedBy } from './byte-pair-merges.ts';

const endOfTextMark = '<|endoftext|>';

/**
 * The bytes 0 to 255 as the characters that GPT-2's byte-level tokenizers write them with: printable ones stand for
 * themselves, the others for U+0100 and on.
 */
function byteCharacters(): string[] {
  let next = 256;
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

/** JavaScript's `\s` in the words of the regular expressions (Oniguruma) that tokenizers uses. */
const whiteSpace = '\\t-\\r \\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}';

/** A JavaScript pattern as Oniguruma understands it: `\s` is spelled out, `$` is the end of the text only. */
export function onigurumaPattern(pattern: RegExp): string {
  let inClass = false;
  let translated = '';
  for (let at = 0; at < pattern.source.length; at++) {
    const character = pattern.source[at]!;
    if (character === '\\') {
      const escaped = pattern.source[++at]!;
      if (escaped === 's') translated += inClass ? whiteSpace : `[${whiteSpace}]`;
      else if (escaped === 'S' && !inClass) translated += `[^${whiteSpace}]`;
      else translated += `\\${escaped}`;
      continue;
    }
    if (character === '[') inClass = true;
    if (character === ']') inClass = false;
    translated += character === '$' && !inClass ? '\\z' : character;
  }
  return translated;
}

/**
 * tokenizer.json and tokenizer_config.json of Hugging Face's tokenizers, with our ids. In them the end of text written
 * in a text is the special token; our tokenizer takes it for ordinary text.
 */
export function tokenizerFiles(tokenizer: Tokenizer, context: number): { tokenizer: object; configuration: object } {
  const characters = byteCharacters();
  const written = (bytes: Uint8Array) => Array.from(bytes, (byte) => characters[byte]!).join('');
  const vocabulary: Record<string, number> = {};
  const merges: string[] = [];
  const tokens: Uint8Array[] = [];
  for (let id = 0; id < tokenizer.vocabularySize; id++) tokens.push(tokenizer.tokenBytes(id));
  const pairOf = joinedBy(tokens);
  for (const [id, bytes] of tokens.entries()) {
    if (id === tokenizer.endOfText || bytes.length === 0) continue;
    vocabulary[written(bytes)] = id;
    const pair = pairOf(id);
    if (pair !== undefined) merges.push(pair.map((part) => written(tokens[part]!)).join(' '));
  }
  vocabulary[endOfTextMark] = tokenizer.endOfText;
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [
        {
          id: tokenizer.endOfText,
          content: endOfTextMark,
          single_word: false,
          lstrip: false,
          rstrip: false,
          normalized: false,
          special: true,
        },
      ],
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          {
            type: 'Split',
            pattern: { Regex: onigurumaPattern(encodingSplitPattern(tokenizer.encoding)) },
            behavior: 'Isolated',
            invert: false,
          },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        // A piece that is a token is that token, whatever its merges are.
        ignore_merges: true,
        vocab: vocabulary,
        merges,
      },
    },
    configuration: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: endOfTextMark,
      eos_token: endOfTextMark,
      pad_token: endOfTextMark,
      // New tokens are appended on the right, so what pads a shorter text stands on its left.
      padding_side: 'left',
      clean_up_tokenization_spaces: false,
      model_max_length: context,
      // transformers 4 would add token_type_ids, which generate refuses.
      model_input_names: ['input_ids', 'attention_mask'],
    },
  };
}
