import { createRequire, isBuiltin } from 'node:module';
import { compileFunction } from 'node:vm';
import * as activations from '@dynact/activations';
import * as registry from '@dynact/activations/registry';
import { type ActivationCreator, type ActivationDefinition, defineActivation } from '@dynact/activations/registry';
import { InputError } from '@dynact/files';
import * as nn from '@dynact/nn';
import * as transformer from '@dynact/transformer';
import { defineFeedForward, type FeedForwardDefinition } from '@dynact/transformer';
import * as core from '@tensorflow/tfjs-core';

/** Loads what takes long only for programs that have a plugin. */
const require = createRequire(import.meta.url);

/** Definitions of a plugin, in its order. */
export interface Defined {
  readonly activations: readonly ActivationCreator[];
  readonly feedForwards: readonly FeedForwardDefinition[];
}

/**
 * Runs the code of a plugin. Whatever it defines counts, exported or not; the packages that it imports are this program's own
 * copies, wherever the file lies.
 * @throws InputError where it throws, imports a package that plugins do not get, or defines nothing
 */
export function evaluate(file: string, code: string): Defined {
  const activationsOfFile: ActivationCreator[] = [];
  const feedForwards: FeedForwardDefinition[] = [];
  const define = {
    defineActivation<Name extends string = never>(definition: ActivationDefinition<Name>) {
      const creator = defineActivation(definition);
      activationsOfFile.push(creator as ActivationCreator);
      return creator;
    },
    defineFeedForward(definition: FeedForwardDefinition) {
      feedForwards.push(defineFeedForward(definition));
      return definition;
    },
  };
  const modules: Readonly<Record<string, object>> = {
    '@dynact/activations': { ...activations, ...define },
    '@dynact/activations/registry': { ...registry, ...define },
    '@dynact/nn': nn,
    '@dynact/transformer': { ...transformer, ...define },
    '@tensorflow/tfjs': require('@tensorflow/tfjs'),
    '@tensorflow/tfjs-core': core,
  };
  const requireThere = createRequire(file);
  const requireForPlugin = (name: string): unknown => {
    if (Object.hasOwn(modules, name)) return modules[name];
    if (isBuiltin(name)) return requireThere(name);
    throw new Error(`it imports ${name}; a plugin gets ${Object.keys(modules).join(', ')}, and brings others with it`);
  };
  try {
    const run = compileFunction(code, ['require', 'module', 'exports'], { filename: file });
    const module = { exports: {} };
    run(requireForPlugin, module, module.exports);
  } catch (error) {
    const [message] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    throw new InputError('configuration', `plugin ${file}: ${message}`, { cause: error });
  }
  if (activationsOfFile.length + feedForwards.length > 0) return { activations: activationsOfFile, feedForwards };
  const how = 'call defineActivation({ name, value }) or defineFeedForward({ name, block })';
  throw new InputError('configuration', `plugin ${file}: it defines nothing; ${how}`);
}
