// Which folder of src may import which. One table: the linter enforces it, a test proves that it does.

/** From the top down. A folder may import folders of lower rows only, never of its own row or above. */
export const layers = [
  ['cli'],
  ['config', 'report'],
  ['stages'],
  ['sources', 'providers', 'stores', 'backup', 'aof', 'target', 'compare'],
  ['rdb', 'resp'],
  ['engine'],
];

/** Files of src itself that every folder may import; they import nothing but each other. */
export const everywhere = ['errors', 'context'];

const all = layers.flat();

/** Rule options that refuse imports of `folders` from a file `up` ("../" from a folder, "./" from src itself). */
function refuse(folders, why) {
  const path = `^(\\./|(\\.\\./)+)(${folders.join('|')})/`;
  return {
    'no-restricted-imports': [
      'error',
      {
        paths: [{ name: 'node:process', message: 'Say process.x: the rules about process see only that.' }],
        patterns: [
          { regex: path, message: why },
          { regex: '^redferry(/|$)', message: 'Import the file itself: the package is what users see.' },
        ],
      },
    ],
    'no-restricted-syntax': [
      'error',
      { selector: `ImportExpression > Literal[value=/${path.replaceAll('/', '\\u002F')}/]`, message: why },
    ],
  };
}

/** One ESLint config object per folder of src, and one for the files of src itself. */
export function layerConfigs() {
  const configs = layers.flatMap((row, rank) =>
    row.map((folder) => {
      const refused = layers.slice(0, rank + 1).flat().filter((other) => other !== folder);
      const why = `src/${folder} may import only the folders below it (scripts/config/layers.js).`;
      return { files: [`src/${folder}/**/*.ts`], rules: refuse(refused, why) };
    }),
  );
  return [
    ...configs,
    { files: everywhere.map((name) => `src/${name}.ts`), rules: refuse(all, 'What every folder imports may import no folder.') },
    { files: ['src/index.ts'], rules: refuse(['cli', 'config', 'report'], 'The library is what stands below the command line.') },
  ];
}
