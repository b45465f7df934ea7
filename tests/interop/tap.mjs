// A relay that keeps every byte of both directions, to stand on one leg of a FIX connection.
import net from 'node:net';
import { once } from 'node:events';
import { frames } from './fix.mjs';

export async function startTap(to) {
  const recorded = { toServer: [], toClient: [] };
  const sockets = new Set();
  const server = net.createServer((client) => {
    const upstream = net.connect({ ...to, noDelay: true });
    client.setNoDelay(true);
    join(client, upstream, recorded.toServer);
    join(upstream, client, recorded.toClient);
  });

  function join(from, other, kept) {
    sockets.add(from);
    from.on('data', (bytes) => {
      kept.push(bytes);
      other.write(bytes);
    });
    from.on('error', () => other.destroy());
    from.on('close', () => {
      sockets.delete(from);
      other.destroySoon();
    });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    toServer: () => frames(Buffer.concat(recorded.toServer)).found,
    toClient: () => frames(Buffer.concat(recorded.toClient)).found,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

// A port that was free a moment ago, for programs that cannot be told "any": below the kernel's
// ephemeral range, so that no connection of anybody takes it before, and none twice in one process.
const [firstPort, ports] = [20_000, 12_000];
let offset = (process.pid * 97) % ports;
export async function freePort() {
  for (let tries = 0; tries < ports; ++tries) {
    offset = (offset + 1) % ports;
    const server = net.createServer().listen(firstPort + offset, '127.0.0.1');
    const isFree = await new Promise((done) => {
      server.once('listening', () => server.close(() => done(true)));
      server.once('error', () => done(false));
    });
    if (isFree) return firstPort + offset;
  }
  throw new Error('no free port');
}
