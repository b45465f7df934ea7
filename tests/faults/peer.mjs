// One end of a FIX session by hand: numbers its messages, answers session messages unless told not
// to, and obeys no other rule. Fast enough for a flood.
import net from 'node:net';
import { once } from 'node:events';
import { timestamp } from '../interop/fix.mjs';
import { waitFor } from '../interop/wait.mjs';

export const version = 'FIX.4.4';
const soh = '\x01';

export function get(frame, tag) {
  const at = frame.indexOf(`${soh}${tag}=`);
  if (at < 0) return undefined;
  const from = at + String(tag).length + 2;
  return frame.slice(from, frame.indexOf(soh, from));
}

export function fieldsOf(pairs) {
  return pairs.map(([tag, text]) => `${tag}=${text}${soh}`).join('');
}

export function build(inside) {
  const head = `8=${version}${soh}9=${inside.length}${soh}${inside}`;
  let sum = 0;
  for (let i = 0; i < head.length; ++i) sum += head.charCodeAt(i);
  return `${head}10=${String(sum % 256).padStart(3, '0')}${soh}`;
}

export class Peer {
  number = 1; // of the next message
  on = false;
  closed = true;
  answers = true; // session messages
  received = 0; // application messages
  onFrame = () => {};
  #in = '';

  constructor(ours, theirs) {
    Object.assign(this, { ours, theirs });
  }

  adopt(socket) {
    Object.assign(this, { socket, closed: false, on: false });
    this.#in = '';
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => { if (this.socket === socket) Object.assign(this, { closed: true, on: false }); });
    socket.on('data', (bytes) => this.#hear(bytes.toString('latin1')));
    return this;
  }

  async connect(port, localAddress) {
    const socket = net.connect({ host: '127.0.0.1', port, localAddress });
    this.adopt(socket);
    await once(socket, 'connect');
    return this;
  }

  frame(type, body, number = this.number++) {
    return build(`35=${type}${soh}49=${this.ours}${soh}56=${this.theirs}${soh}34=${number}${soh}`
      + `52=${timestamp()}${soh}${body}`);
  }
  say(type, body = '', number = undefined) {
    return this.socket.write(this.frame(type, body, number), 'latin1');
  }
  logOn(credentials, heartbeat = 30, number = undefined) {
    this.say('A', fieldsOf([[98, 0], [108, heartbeat], ...credentials]), number);
  }
  close() {
    this.socket?.destroy();
  }
  gone() {
    return waitFor(`${this.theirs} to hang up on ${this.ours}`, () => this.closed);
  }

  #hear(text) {
    this.#in += text;
    let from = 0;
    for (;;) {
      const sum = this.#in.indexOf(`${soh}10=`, from);
      if (sum < 0 || sum + 8 > this.#in.length) break;
      this.#take(this.#in.slice(from, sum + 8));
      from = sum + 8;
    }
    this.#in = this.#in.slice(from);
  }

  #take(frame) {
    const type = get(frame, 35);
    if (type === 'A') this.on = true;
    if (this.answers && type === '1') this.say('0', fieldsOf([[112, get(frame, 112)]]));
    if (this.answers && type === '2') {
      const from = Number(get(frame, 7));
      const body = fieldsOf([[43, 'Y'], [122, timestamp()], [123, 'Y'], [36, this.number]]);
      this.socket.write(this.frame('4', body, from), 'latin1');
    }
    if (this.answers && type === '5') this.say('5');
    if (!'0123456A5'.includes(type) || type === '3') ++this.received;
    this.onFrame(frame, type);
  }
}

// A venue that listens: fills each order at once, unless `onOrder` does something else.
export class Venue extends Peer {
  executions = 0;
  orders = []; // ClOrdIDs, as they came
  cancels = [];
  onOrder = (order) => this.fill(order);

  constructor(compId) {
    super(compId.ours, compId.theirs);
    this.onFrame = (frame, type) => {
      if (type === 'A') this.logOn([], get(frame, 108));
      if (type === 'F') this.cancels.push(get(frame, 41));
      if (type !== 'D') return;
      this.orders.push(get(frame, 11));
      this.onOrder({ id: get(frame, 11), symbol: get(frame, 55), side: get(frame, 54),
        quantity: get(frame, 38), price: get(frame, 44), number: Number(get(frame, 34)) });
    };
  }
  async listen(port = 0) {
    this.server = net.createServer((socket) => {
      this.socket?.destroy();
      this.adopt(socket);
    });
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    return this;
  }
  stop() {
    this.server.close();
    this.close();
  }
  reportOf({ id, symbol, side }, { kind = 'F', status = '2', last = 0, price = 10, left = 0, done = 0 }) {
    return this.frame('8', fieldsOf([[37, `v${id}`], [17, `e${++this.executions}`], [150, kind],
      [39, status], [11, id], [55, symbol], [54, side], [32, last], [31, price], [151, left],
      [14, done], [6, price]]));
  }
  report(order, what) {
    this.socket.write(this.reportOf(order, what), 'latin1');
  }
  fill(order) {
    this.report(order, { last: order.quantity, price: order.price, done: order.quantity });
  }
  acknowledge(order) {
    this.report(order, { kind: '0', status: '0', left: order.quantity });
  }
}
