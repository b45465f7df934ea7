// FIX bytes without a dictionary: what a wire tap, a log reader and a raw client need.
const soh = 0x01;

// Tags that belong to a session's header, and so differ from leg to leg.
const header = new Set([
  8, 9, 35, 34, 43, 49, 50, 52, 56, 57, 90, 91, 97, 115, 116, 122, 128, 129, 142, 143, 144, 145,
  212, 213, 347, 369, 370,
]);

// The complete messages in `bytes`, framed by BodyLength, and what is left over. Throws on bytes
// that are no FIX: a recording has no place for them.
export function frames(bytes) {
  const found = [];
  let at = 0;
  while (at < bytes.length) {
    const length = /^8=[^\x01]+\x019=(\d+)\x01/.exec(bytes.toString('latin1', at, at + 40));
    if (!length) {
      if (bytes.length - at < 40) break;
      throw new Error(`no FIX message at byte ${at}: ${bytes.toString('latin1', at, at + 40)}`);
    }
    const end = at + length[0].length + Number(length[1]) + '10=000\x01'.length;
    if (end > bytes.length) break;
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return { found, rest: bytes.subarray(at) };
}

// [tag, value] in the order of the wire.
export function fields(message) {
  return message.toString('latin1').split('\x01').slice(0, -1).map((field) => {
    const equals = field.indexOf('=');
    return [Number(field.slice(0, equals)), field.slice(equals + 1)];
  });
}

export function value(message, tag) {
  return fields(message).find(([known]) => known === tag)?.[1];
}

// The bytes between the last header field and CheckSum.
export function body(message) {
  let at = 0;
  for (;;) {
    const end = message.indexOf(soh, at) + 1;
    const tag = Number.parseInt(message.toString('latin1', at, at + 6), 10);
    if (end === 0 || !header.has(tag)) break;
    at = end;
  }
  return message.subarray(at, message.length - '10=000\x01'.length);
}

// A message with right BodyLength and CheckSum, from `8`'s value and [tag, value] pairs.
export function message(beginString, pairs) {
  const inside = pairs.map(([tag, text]) => `${tag}=${text}\x01`).join('');
  const bytes = Buffer.from(`8=${beginString}\x019=${inside.length}\x01${inside}`, 'latin1');
  const sum = bytes.reduce((total, byte) => (total + byte) % 256, 0);
  return Buffer.concat([bytes, Buffer.from(`10=${String(sum).padStart(3, '0')}\x01`, 'latin1')]);
}

// A UTCTimestamp with milliseconds.
export function timestamp(date = new Date()) {
  return date.toISOString().replace(/-/g, '').replace('T', '-').replace('Z', '');
}
