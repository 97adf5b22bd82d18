/** Function libraries: one FUNCTION LOAD each, outside of the pipeline. */

import type { RespConnection } from '../resp/connection.js';
import { classifyError, errorForVerdict, serverWords } from '../resp/replies.js';

/** Loads a library; resolves to null, or to the server's words where it refused this one. Throws what ends the run. */
export async function loadFunction(connection: RespConnection, source: Uint8Array, replace: boolean): Promise<string | null> {
  const reply = await connection.call(['FUNCTION', 'LOAD', ...(replace ? ['REPLACE'] : []), source]);
  if (reply.kind !== 'error') return null;
  const verdict = classifyError(reply.text);
  if (verdict.outcome === 'retryable' || verdict.outcome === 'auth') throw errorForVerdict(verdict, `${connection.where}: FUNCTION LOAD`);
  return serverWords(reply.text);
}
