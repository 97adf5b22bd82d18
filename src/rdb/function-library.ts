/** Function libraries as an RDB holds them: their source, which names them in its first line. */

export interface FunctionLibrary {
  name: string;
  engine: string;
  bytes: number;
}

/**
 * "#!<engine> name=<library>" opens the source (redis 7.0 src/functions.c functionExtractLibMetaData). A source without
 * it is shown as unnamed; the server will say what is wrong with it.
 */
export function describeLibrary(source: Uint8Array): FunctionLibrary {
  const firstLine = Buffer.from(source.subarray(0, 512)).toString('utf8').split('\n', 1)[0] ?? '';
  const engine = /^#!(\S+)/.exec(firstLine)?.[1] ?? 'unknown';
  const name = /\sname=(?:"([^"]*)"|'([^']*)'|(\S+))/i.exec(firstLine);
  return { name: name?.[1] ?? name?.[2] ?? name?.[3] ?? 'unnamed', engine: engine.toUpperCase(), bytes: source.length };
}
