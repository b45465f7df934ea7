// A router by hand, for what a FIX engine would never send: bytes out, frames in, no rules.
import net from 'node:net';
import { once } from 'node:events';
import { frames, message, timestamp, value } from './fix.mjs';
import { waitFor } from './wait.mjs';

export async function connectRaw({ port, version, compId }) {
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
  let bytes = Buffer.alloc(0);
  let closed = false;
  socket.on('data', (more) => { bytes = Buffer.concat([bytes, more]); });
  socket.on('error', () => {});
  socket.on('close', () => { closed = true; });
  await once(socket, 'connect');
  let sequence = 0;
  const client = {
    closed: () => closed,
    received: () => frames(bytes).found,
    send: (raw) => socket.write(raw),
    // A whole message with the next sequence number, or the one in `header`.
    say(type, pairs, header = {}) {
      const { number = ++sequence, sender = compId.ours, target = compId.theirs } = header;
      socket.write(message(version, [
        [35, type], [49, sender], [56, target], [34, number], [52, timestamp()], ...pairs,
      ]));
    },
    logOn({ Username, Password }, more = [], header = {}) {
      client.say('A', [[98, 0], [108, 30], ...more, [553, Username], [554, Password]], header);
    },
    answer: (type) => waitFor(`a ${type} for a raw client`,
      () => client.received().find((frame) => value(frame, 35) === type)),
    gone: () => waitFor('the gateway to hang up', () => closed),
    close: () => socket.destroy(),
  };
  return client;
}
