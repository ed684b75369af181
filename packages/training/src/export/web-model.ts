import type { Tokenizer } from '@dynact/data/tokens';

/** model.json beside an exported page: what the page knows of the model. */
export interface WebModel {
  /** One line for whoever sees the page. */
  readonly about: string;
  readonly layers: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  readonly context: number;
  readonly vocabularySize: number;
  readonly endOfText: number;
  readonly tokenizer: {
    readonly encoding: Tokenizer['encoding'];
    /** Where text is cut into the pieces that byte pairs are merged within. */
    readonly pattern: { readonly source: string; readonly flags: string };
    /** The bytes of each rank, as a list or as the text they encode. */
    readonly tokens: readonly (string | readonly number[])[];
  };
}
