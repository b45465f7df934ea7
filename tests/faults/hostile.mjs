// Hostile peers, each in a process of its own, so that they take nothing from the one that measures.
import net from 'node:net';
import { Peer, Venue, fieldsOf, get } from './peer.mjs';

const wanted = JSON.parse(process.argv[2]);
const { kind, port, ports } = wanted;
const say = (word) => process.send(word);
process.on('disconnect', () => process.exit());
// Until more may be written, or the connection is gone.
async function room(peer) {
  while (!peer.closed && peer.socket.writableNeedDrain)
    await new Promise((resolve) => setTimeout(resolve, 1));
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function logOn({ ours, theirs, credentials, number = 1 }) {
  const peer = new Peer(ours, theirs);
  peer.number = number;
  await peer.connect(port);
  peer.logOn(credentials);
  while (!peer.on && !peer.closed) await turn();
  return peer;
}

// Writes what `next` builds for as long as the connection stands, and as fast as it is taken. It
// logs on again each time that it is thrown out.
async function flood(next) {
  const { ours, theirs, credentials } = wanted;
  let { number } = wanted;
  say('begun');
  for (let round = 0; ; ++round) {
    const peer = await logOn({ ours, theirs, credentials, number }).catch(() => null);
    if (!peer || peer.closed) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    while (!peer.closed) {
      for (let i = 0; i < 100 && !peer.closed && !peer.socket.writableNeedDrain; ++i)
        peer.socket.write(next(peer), 'latin1');
      await turn();
      await room(peer);
    }
    number = peer.number;
    say(`out ${round}`);
  }
}

const kinds = {
  heartbeats: () => flood((peer) => peer.frame('0', '')),
  'test requests': () => flood((peer) => peer.frame('1', fieldsOf([[112, 'x'.repeat(100)]]))),
  'resend requests': () => flood((peer) => peer.frame('2', fieldsOf([[7, 1], [16, 0]]))),
  garbage: () => flood(() => `8=FIX.4.4\x019=5\x0135=D\x0110=000\x01${'?'.repeat(200)}`),
  'refused orders': () => flood((peer) => peer.frame('D', wanted.order)),
  'wrong passwords': async () => {
    say('begun');
    for (let tries = 1; ; ++tries) {
      const peer = new Peer(wanted.ours, wanted.theirs);
      await peer.connect(port).catch(() => {});
      peer.logOn([[553, 'trader'], [554, 'wrong']]);
      while (!peer.closed) await turn();
      if (tries % 100 === 0) say(`tries ${tries}`);
    }
  },
  // 2,000 that say nothing, opened again as they are closed, and ten that say a byte a second.
  connections: async () => {
    const open = new Set();
    const dial = () => {
      const socket = net.connect({ host: '127.0.0.1', port });
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
      open.add(socket);
      return socket;
    };
    for (let i = 0; i < 10; ++i) {
      const socket = dial();
      const logon = '8=FIX.4.4\x019=100\x0135=A\x01';
      let at = 0;
      const timer = setInterval(() => socket.write(logon[at++ % logon.length]), 1_000);
      socket.on('close', () => clearInterval(timer));
    }
    for (let i = 0; i < 2_000; ++i) {
      dial();
      if (i % 100 === 0) await turn();
    }
    say('begun');
    for (;;) {
      while (open.size < 2_000) dial();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  scrapes: async () => {
    let answers = 0;
    const loop = async () => {
      for (;;) {
        const path = ports.metrics;
        await fetch(`http://127.0.0.1:${path}/metrics`).then((r) => r.text()).then(() => ++answers)
          .catch(() => {});
      }
    };
    for (let i = 0; i < 100; ++i) loop();
    say('begun');
    setInterval(() => say(`answers ${answers}`), 500);
  },
  // A venue that reports without end on the orders of a router that does not read.
  'venue of a deaf router': async () => {
    const { venueId, ours, theirs, credentials, reports, orders } = wanted;
    const venue = await new Venue(venueId).listen(wanted.venuePort);
    const entered = [];
    venue.onOrder = (order) => entered.push(order);
    while (!venue.on) await turn();
    const router = await logOn({ ours, theirs, credentials });
    for (const body of orders) router.say('D', body);
    while (entered.length < orders.length) await turn();
    router.socket.pause();
    say('begun');
    for (let done = 0; done < reports;) {
      for (let i = 0; i < 200 && done < reports; ++i, ++done) {
        const order = entered[done % entered.length];
        const filled = 1 + Math.floor(done / entered.length);
        venue.socket.write(venue.reportOf(order, {
          status: '1', last: 1, left: order.quantity - filled, done: filled,
        }), 'latin1');
      }
      await turn();
      await room(venue);
    }
    say('reported');
    while (!router.closed) {
      router.socket.resume();
      await turn();
    }
    router.socket.destroy();
    say('cut');
    // It comes again, asks for what it missed, and reads.
    const again = new Peer(ours, theirs);
    again.number = router.number;
    const seen = new Set();
    again.onFrame = (frame, type) => {
      if (type === '8') seen.add(get(frame, 17));
      if (seen.size === reports) say(`all ${seen.size}`);
    };
    await again.connect(port);
    again.logOn(credentials);
    while (!again.on) await turn();
    again.say('2', fieldsOf([[7, 1], [16, 0]]));
    setInterval(() => say(`seen ${seen.size}`), 1_000);
  },
};

kinds[kind]().catch((error) => say(`error: ${error.stack}`));
