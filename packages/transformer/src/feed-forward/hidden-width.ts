const multiple = 16;

/**
 * The gated hidden width that gives a gated block (three matrices) the parameters of a plain one (two matrices) four
 * times as wide: 2/3 x 4 x width (Shazeer, arXiv 2002.05202), rounded to a multiple of 16, which matrix kernels like.
 */
export function defaultFeedForwardHidden(width: number): number {
  return Math.max(multiple, Math.round((8 * width) / (3 * multiple)) * multiple);
}

/** The hidden width of a plain block with exactly as many matrix parameters as the gated one of `gatedHidden`. */
export function plainHidden(gatedHidden: number): number {
  return (3 * gatedHidden) / 2;
}
