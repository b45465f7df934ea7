// How the jspurefix venue treats an order: acknowledged, then filled at once, filled in parts, or
// left to rest until it is replaced or cancelled. It crosses nothing; ordermatch does that.
import { random } from './random.mjs';

export class VenueBook {
  #orders = new Map(); // by the ClOrdID that names the order now
  #random;
  #orderIds = 0;
  #execIds = 0;

  constructor(seed) {
    this.#random = random(seed);
  }

  // The reports that answer one order, replace or cancel.
  answer(request) {
    if (request.type === 'D') return this.#enter(request);
    const order = this.#orders.get(request.origClOrdId);
    if (!order || order.open === 0) return [this.#tooLate(request, order)];
    return request.type === 'G' ? this.#replace(order, request) : this.#cancel(order, request);
  }

  #enter(request) {
    const quantity = Number(request.quantity);
    const order = {
      orderId: `V${++this.#orderIds}`, clOrdId: request.clOrdId, symbol: request.symbol,
      side: request.side, price: Number(request.price), quantity, filled: 0, open: quantity,
    };
    this.#orders.set(order.clOrdId, order);
    return [this.#report(order, '0', '0'), ...this.#trade(order)];
  }

  // An order far from 10 rests. Of ten others four fill at once, three in two parts, two in part,
  // one not at all.
  #trade(order) {
    if (Math.abs(order.price - 10) > 0.5) return [];
    const kind = this.#random.below(10);
    if (kind < 4) return [this.#fill(order, order.open)];
    if (kind < 9 && order.open > 1) {
      const part = this.#fill(order, 1 + this.#random.below(order.open - 1));
      return kind < 7 ? [part, this.#fill(order, order.open)] : [part];
    }
    return [];
  }

  #fill(order, quantity) {
    order.filled += quantity;
    order.open -= quantity;
    const status = order.open === 0 ? '2' : '1';
    return this.#report(order, 'F', status, { last: quantity, lastPrice: order.price });
  }

  #replace(order, request) {
    const origClOrdId = order.clOrdId;
    this.#orders.delete(origClOrdId);
    Object.assign(order, { clOrdId: request.clOrdId, price: Number(request.price) });
    order.quantity = Math.max(Number(request.quantity), order.filled);
    order.open = order.quantity - order.filled;
    this.#orders.set(order.clOrdId, order);
    const status = order.open === 0 ? '2' : order.filled > 0 ? '1' : '0';
    return [this.#report(order, '5', status, { origClOrdId })];
  }

  #cancel(order, request) {
    order.open = 0;
    return [this.#report(order, '4', '4', {
      clOrdId: request.clOrdId, origClOrdId: order.clOrdId,
    })];
  }

  #tooLate(request, order) {
    return {
      type: '9', orderId: order?.orderId ?? 'NONE', clOrdId: request.clOrdId,
      origClOrdId: request.origClOrdId, status: endOf(order),
      respondsTo: request.type === 'F' ? '1' : '2', text: 'too late',
    };
  }

  #report(order, execType, status, particulars = {}) {
    return {
      type: '8', ...order, execId: `E${++this.#execIds}`, execType, status, last: 0, lastPrice: 0,
      ...particulars,
    };
  }
}

function endOf(order) {
  if (!order) return '8';
  return order.filled === order.quantity ? '2' : '4';
}
