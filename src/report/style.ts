/** Colour, or none: for terminals only, and never with NO_COLOR. */

export type Paint = (text: string) => string;

export interface Style {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
}

export function styleFor(colour: boolean): Style {
  const paint = (open: number, close: number): Paint => (text) => (colour ? `\x1b[${open}m${text}\x1b[${close}m` : text);
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39) };
}
