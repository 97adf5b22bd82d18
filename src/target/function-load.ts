/** Function libraries and scripts: one FUNCTION LOAD or SCRIPT LOAD each, outside of the pipeline. */

import type { RespConnection } from '../resp/connection.js';
import type { CommandArgument } from '../resp/encode.js';
import { classifyError, errorForVerdict, serverWords } from '../resp/replies.js';

/** Loads a library; resolves to null, or to the server's words where it refused this one. Throws what ends the run. */
export function loadFunction(connection: RespConnection, source: Uint8Array, replace: boolean): Promise<string | null> {
  return load(connection, 'FUNCTION LOAD', ['FUNCTION', 'LOAD', ...(replace ? ['REPLACE'] : []), source]);
}

/** Loads a Lua script, so that EVALSHA finds it; resolves as loadFunction. */
export function loadScript(connection: RespConnection, source: Uint8Array): Promise<string | null> {
  return load(connection, 'SCRIPT LOAD', ['SCRIPT', 'LOAD', source]);
}

async function load(connection: RespConnection, name: string, command: CommandArgument[]): Promise<string | null> {
  const reply = await connection.call(command);
  if (reply.kind !== 'error') return null;
  const verdict = classifyError(reply.text);
  if (verdict.outcome === 'retryable' || verdict.outcome === 'auth') throw errorForVerdict(verdict, `${connection.where}: ${name}`);
  return serverWords(reply.text);
}
