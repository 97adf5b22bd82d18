/** What bin/redferry runs: main, and its exit code. */

import { main } from './main.js';

/** A connection that does not close must not keep a finished command alive. */
const LINGER_MS = 1000;

const code = await main(process.argv.slice(2));
process.exitCode = code;
setTimeout(() => process.exit(code), LINGER_MS).unref();
