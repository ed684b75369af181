import { join } from 'node:path';
import { encodingSplitPattern, type Tokenizer } from '@dynact/data';
import { writeFileAtomic, writeFolderAtomic } from '@dynact/files';
import { countModel, type Gpt } from '@dynact/transformer';
import { onnxModelWithCache, type ToOnnx } from './export-onnx.ts';
import { webFiles } from './web-files.ts';
import type { WebModel } from './web-model.ts';

/**
 * Writes a folder that any static server shows, and that needs no other: index.html with its script, model.onnx with a
 * cache, model.json (sizes and tokenizer), ONNX Runtime as WebAssembly.
 * @param directory new or empty; it appears complete or not at all
 */
export async function exportWeb(model: Gpt, tokenizer: Tokenizer, directory: string, toOnnx: ToOnnx): Promise<void> {
  const files = await webFiles();
  await writeFolderAtomic(directory, (folder) => {
    for (const [name, content] of files) writeFileAtomic(join(folder, name), content);
    writeFileAtomic(join(folder, 'model.onnx'), onnxModelWithCache(model, toOnnx));
    writeFileAtomic(join(folder, 'model.json'), JSON.stringify(webModel(model, tokenizer)));
  });
}

function webModel({ config }: Gpt, tokenizer: Tokenizer): WebModel {
  const { layers, kvHeads, headWidth, context, vocabularySize, feedForwards } = config;
  const { encoding, endOfText } = tokenizer;
  const { source, flags } = encodingSplitPattern(encoding);
  const { parameters } = countModel(config);
  const block = feedForwards[0]!;
  const gate = 'own' in block ? block.own : `${block.gated ? 'gated by' : 'with'} ${block.activation.name}`;
  return {
    about: `${parameters.toLocaleString('en')} parameters, ${layers} layers (${gate}), ${context} tokens of context; it runs in this browser`,
    layers,
    kvHeads,
    headWidth,
    context,
    vocabularySize,
    endOfText,
    tokenizer: { encoding, pattern: { source, flags }, tokens: ranksOf(tokenizer) },
  };
}

/** The tokens below the end of text. Bytes that are text are written as such: shorter, and easier to read. */
function ranksOf(tokenizer: Tokenizer): (string | number[])[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Array.from({ length: tokenizer.endOfText }, (_, id) => {
    const bytes = tokenizer.tokenBytes(id);
    try {
      return decoder.decode(bytes);
    } catch {
      return Array.from(bytes);
    }
  });
}
