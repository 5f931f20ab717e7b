import { deflateSync } from "node:zlib";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";

/** Pixels of a picture: red, green, blue, alpha. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Colours that a golden keeps: as few as leave it the same picture, at most what a palette of one byte holds. */
const paletteSizes = [48, 96, 256];

/**
 * How far a colour may be off, as pixelmatch counts (0 to 1): more than the palette and other rounding of the edges of letters
 * change, less than one mark's colour from another's. Ours.
 */
const colorThreshold = 0.12;
/** Pixels that may be off: less than a letter has. Ours. */
const mostPixelsOff = 12;

export function readPng(bytes: Uint8Array): Picture {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
  return { width, height, data };
}

export interface Difference {
  /** In words, for the failure. */
  readonly says: string;
  /** What differs, in red; null when the sizes do. */
  readonly picture: Picture | null;
}

/** Null when both look the same. */
export function differenceOf(golden: Picture, actual: Picture): Difference | null {
  const { width, height } = golden;
  if (width !== actual.width || height !== actual.height)
    return { says: `is ${actual.width} x ${actual.height}, was ${width} x ${height}`, picture: null };
  const data = new Uint8Array(width * height * 4);
  const pixels = pixelmatch(golden.data, actual.data, data, width, height, { threshold: colorThreshold });
  return pixels <= mostPixelsOff
    ? null
    : { says: `${pixels} pixels differ`, picture: { width, height, data } };
}

/** A small PNG: a palette of the colours that matter, one byte a pixel. Same picture, same bytes. */
export function writePng(picture: Picture): Buffer {
  let png = writeReduced(picture, paletteSizes[0] ?? 256);
  for (const size of paletteSizes.slice(1)) {
    if (differenceOf(readPng(png), picture) === null) break;
    png = writeReduced(picture, size);
  }
  return png;
}

function writeReduced(picture: Picture, mostColors: number): Buffer {
  const { palette, places } = reduce(picture, mostColors);
  const { width, height } = picture;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    rows.set(places.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, a palette.
  header.set([8, 3], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flat())),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

type Color = readonly [red: number, green: number, blue: number];

/** The most frequent colours, then others that are close to none of them, and for each pixel the closest. */
function reduce(
  { data, width, height }: Picture,
  mostColors: number,
): { palette: Color[]; places: Uint8Array } {
  // Those of surfaces and letters are kept whatever they are close to.
  const mostFrequent = mostColors / 3;
  const counts = new Map<number, number>();
  for (let i = 0; i < width * height * 4; i += 4) {
    const color = ((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const byCount = [...counts].toSorted(([a, ofA], [b, ofB]) => ofB - ofA || a - b);
  const palette: Color[] = [];
  // Coarser and coarser, until the rest is close to one that is kept.
  for (const apart of [24, 48, 96, 192, 400]) {
    palette.length = 0;
    for (const [place, [number]] of byCount.entries()) {
      const color = toColor(number);
      if (place < mostFrequent || palette.every((kept) => distance(kept, color) >= apart))
        palette.push(color);
      if (palette.length > mostColors) break;
    }
    if (palette.length <= mostColors) break;
  }
  palette.length = Math.min(palette.length, mostColors);
  const nearest = new Map<number, number>();
  for (const [number] of byCount) {
    const color = toColor(number);
    let best = 0;
    for (let place = 1; place < palette.length; place += 1) {
      if (distance(palette[place] ?? color, color) < distance(palette[best] ?? color, color)) best = place;
    }
    nearest.set(number, best);
  }
  const places = new Uint8Array(width * height);
  for (let pixel = 0; pixel < places.length; pixel += 1) {
    const i = pixel * 4;
    places[pixel] = nearest.get(((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0)) ?? 0;
  }
  return { palette, places };
}

function toColor(number: number): Color {
  return [number >> 16, (number >> 8) & 0xff, number & 0xff];
}

function distance(a: Color, b: Color): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

function chunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
