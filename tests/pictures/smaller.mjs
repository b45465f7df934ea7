// Pictures of a screen as PNG with a palette: a third of what the browser writes. Both ends are the PNG
// specification's: colour type 2 in, 3 out, 8 bits each.
import zlib from 'node:zlib';

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([length, body, check]);
}

function* chunksOf(png) {
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    yield [png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + png.readUInt32BE(at))];
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((near) => Math.abs(guess - near));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

// The bytes of red, green and blue, row by row.
function pixelsOf(filtered, width, height) {
  const row = width * 3, pixels = Buffer.alloc(row * height);
  for (let at = 0; at < pixels.length; ++at) {
    const line = Math.floor(at / row), first = at % row < 3;
    const left = first ? 0 : pixels[at - 3], up = line === 0 ? 0 : pixels[at - row];
    const corner = first || line === 0 ? 0 : pixels[at - row - 3];
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filtered[line * (row + 1)]];
    pixels[at] = filtered[at + line + 1] + guess;
  }
  return pixels;
}

const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
const apart = (one, other) => (((one >> 16) - (other >> 16)) ** 2)
  + ((((one >> 8) & 255) - ((other >> 8) & 255)) ** 2) + (((one & 255) - (other & 255)) ** 2);

// The 128 most frequent, and as many others as bring each colour as near to one of them as can be.
function paletteOf(counts) {
  const colours = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  for (let near = 0; ; ++near) {
    const palette = colours.slice(0, 128);
    for (const colour of colours.slice(128))
      if (palette.length <= 256 && palette.every((taken) => apart(taken, colour) > near ** 2)) palette.push(colour);
    if (palette.length <= 256) return palette;
  }
}

export function smaller(png) {
  const chunks = [...chunksOf(png)];
  const header = Buffer.from(chunks.find(([type]) => type === 'IHDR')[1]);
  if (header[8] !== 8 || header[9] !== 2 || header[12] !== 0) throw new Error('not a PNG of 8 bits a colour');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const data = Buffer.concat(chunks.filter(([type]) => type === 'IDAT').map(([, part]) => part));
  const pixels = pixelsOf(zlib.inflateSync(data), width, height);

  const counts = new Map();
  for (let at = 0; at < pixels.length; at += 3) {
    const colour = pixels.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = paletteOf(counts);
  const places = new Map([...counts.keys()].map((colour) => [colour, palette.reduce((best, other, place) =>
    (apart(colour, other) < apart(colour, palette[best]) ? place : best), 0)]));

  const rows = Buffer.alloc((width + 1) * height); // each begins with filter 0
  for (let at = 0; at < pixels.length; at += 3)
    rows[at / 3 + Math.floor(at / 3 / width) + 1] = places.get(pixels.readUIntBE(at, 3));
  header[9] = 3;
  return Buffer.concat([signature, chunk('IHDR', header), chunk('PLTE', Buffer.from(palette.flatMap(parts))),
    chunk('IDAT', zlib.deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
