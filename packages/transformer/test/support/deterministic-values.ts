/** Parameter values that fixtures/make-gpt-fixtures.py computes the same way from a name and indices. */
export function deterministicValues(name: string, size: number): Float32Array {
  let key = 0;
  for (const character of name) key = (key * 31 + character.charCodeAt(0)) % 1000003;
  return Float32Array.from({ length: size }, (_, index) => {
    const spread = ((key * 7919 + index * 104729 + 12345) % 1000003) / 500001.5 - 1;
    if (name.endsWith('.gain') || name.endsWith('.alpha')) return 1 + 0.2 * spread;
    return (name.includes('.activation.') || name.endsWith('.bias') ? 0.3 : 0.5) * spread;
  });
}
