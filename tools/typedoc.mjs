// The documentation site: pages and docstrings, searched offline. `pnpm site` writes it into site/.
import { Converter, OptionDefaults, ReflectionKind } from 'typedoc';

/** `nn/src` is `@dynact/nn`, `activations/src/layers` is `@dynact/activations/layers`. */
const importName = (name) => `@dynact/${name.replace('/src', '')}`;

/** Gives pages the name of their first heading, and modules that of their import. */
function names(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const heading = document.content.map(({ text }) => /^# (.+)$/m.exec(text)?.[1]).find(Boolean);
    if (heading !== undefined) document.name = heading;
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) module.name = importName(module.name);
  });
}

export default {
  name: 'dynact',
  plugin: [names],
  tsconfig: 'tsconfig.json',
  entryPoints: ['../packages/*/src/index.ts', '../packages/activations/src/{chart,layers,registry}.ts'],
  readme: '../README.md',
  projectDocuments: [
    '../docs/*.md',
    '../{examples,apps/*,apps/studies/*,packages/*}/README.md',
    '../packages/{activations,tfjs-backend-onnxruntime}/docs/*.md',
    '../results/*.md',
    '../{CONTRIBUTING,SECURITY,CHANGELOG}.md',
  ],
  out: '../site',
  excludePrivate: true,
  skipErrorChecking: true,
  disableGit: true,
  sourceLinkTemplate: '../{path}',
  blockTags: [...OptionDefaults.blockTags, '@nocollapse'],
  highlightLanguages: ['typescript', 'javascript', 'json', 'bash', 'python', 'diff'],
  // Files and headings are checked by test/house; links to folders are none of TypeDoc's.
  validation: { invalidLink: true, invalidPath: false, notExported: false, notDocumented: false },
  treatWarningsAsErrors: true,
};
