/** convert in this process: options with the defaults of the command line, a file in a directory of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RedferryError } from '../../src/errors.js';
import { convertStage } from '../../src/stages/convert.js';
import type { ConvertOptions } from '../../src/stages/options.js';
import type { ConvertResult } from '../../src/stages/results.js';
import { selection, stageContext } from './stages.js';
import { tempDir } from './temp-dir.js';

export function convertOptions(inputs: string[], output: string, changes: Partial<ConvertOptions> = {}): ConvertOptions {
  return {
    inputs, output, format: 'rdb', selection: selection(), split: null, onConflict: 'fail', onUnsupported: 'fail', fieldTtl: 'fail',
    functions: 'replace', write: 'auto', saveBandwidth: false, bigValue: 256 << 20, force: false, ...changes,
  };
}

export interface Converted {
  result: ConvertResult;
  /** Of each output. */
  files: Buffer[];
  message: string;
}

/** The result and the files, whether all keys could be written or some were left out; other failures have no file. Throws what is wrong with the options. */
export async function convert(inputs: (string | Uint8Array)[], changes: Partial<ConvertOptions> = {}, name = 'out.rdb'): Promise<Converted> {
  const dir = tempDir('convert');
  const paths = inputs.map((input, i) => {
    if (typeof input === 'string') return input;
    writeFileSync(join(dir, `in${i}.rdb`), input);
    return join(dir, `in${i}.rdb`);
  });
  try {
    const result = await convertStage(convertOptions(paths, join(dir, name), changes), stageContext());
    return { result, files: result.outputs.map(({ path }) => readFileSync(path)), message: '' };
  } catch (error) {
    if (!(error instanceof RedferryError) || error.result === undefined) throw error;
    if (error.exitCode === 2) throw error;
    const result = error.result as ConvertResult;
    return { result, files: result.outputs.map(({ path }) => readFileSync(path)), message: error.message };
  }
}
