/** The build for browsers is the same parser; its types are those of the package. */
declare module 'yargs-parser/browser' {
  export { default } from 'yargs-parser';
}
