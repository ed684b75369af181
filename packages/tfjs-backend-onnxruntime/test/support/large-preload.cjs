// More than a thread of 16 MB can hold.
globalThis.kept = Array.from({ length: 400_000 }, (_, index) => ({ index, name: `x${index}` }));
