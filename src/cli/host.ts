/** What main needs of the process it runs in: replaced by tests. */

import { processEnvironment, type Environment } from '../config/environment.js';
import { processOutput, type Output } from '../report/output.js';

export interface Host {
  env: Environment;
  output: Output;
  /** Calls back for each SIGINT and SIGTERM; returns how to stop that. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Calls back for an exception or rejection that nobody caught; returns how to stop that. */
  onCrash(listener: (error: unknown) => void): () => void;
  /** Ends the process at once. */
  exitNow(code: number): void;
}

export function processHost(): Host {
  return {
    env: processEnvironment(),
    output: processOutput(),
    onSignal(listener) {
      process.on('SIGINT', listener).on('SIGTERM', listener);
      return () => process.off('SIGINT', listener).off('SIGTERM', listener);
    },
    onCrash(listener) {
      process.on('uncaughtException', listener).on('unhandledRejection', listener);
      return () => process.off('uncaughtException', listener).off('unhandledRejection', listener);
    },
    exitNow: (code) => process.exit(code),
  };
}
