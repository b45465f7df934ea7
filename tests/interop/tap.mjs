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

// A port that was free a moment ago, for programs that cannot be told "any".
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
