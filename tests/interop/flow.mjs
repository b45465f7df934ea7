// Thousands of orders from one router, the same for the same seed, and their accounting: every
// order answered once, every share of it where both ends say it is.
import assert from 'node:assert/strict';
import { random } from './random.mjs';

const unansweredMax = 64; // orders on the wire at a time

// Orders of both sides around one price, so that they cross, and in parts. Of twenty, one lies far
// from the market and is cancelled later, another is cancelled at once, in a race with its fill.
// With `replaces`, of thirty, one is replaced at once. The last order rests: venues answer in
// order, so once its answer is here, everything is.
export function script({ seed, count, symbols, account, prefix = 'R', replaces = false }) {
  const dice = random(seed);
  const steps = [];
  const resting = [];
  const cancel = (order) => ({ kind: 'cancel', clOrdId: `C${order.clOrdId}`, order });
  for (let number = 1; number < count; ++number) {
    const order = near(dice, `${prefix}${number}`, dice.pick(symbols), account);
    steps.push({ kind: 'order', order });
    if (dice.chance(5)) resting.push(farAway(order));
    else if (dice.chance(5)) steps.push(cancel(order));
    else if (replaces && dice.chance(3)) steps.push(larger(order));
    if (resting.length > 20) steps.push(cancel(resting.shift()));
  }
  steps.push(...resting.map(cancel));
  const last = farAway(near(dice, `${prefix}${count}`, symbols[0], account));
  return [...steps, { kind: 'order', order: last }];
}

function near(dice, clOrdId, symbol, account) {
  const side = dice.pick(['1', '2']);
  return {
    clOrdId, account, symbol, side, quantity: 100 * (1 + dice.below(10)),
    price: (995 + dice.below(11)) / 100, parent: parentOf(symbol, side),
  };
}

function farAway(order) {
  return Object.assign(order, { price: order.side === '1' ? 9 : 11 });
}

export function parentOf(symbol, side) {
  return `P-${symbol}-${side === '1' ? 'BUY' : 'SELL'}`;
}

function larger(order) {
  const [clOrdId, quantity] = [`G${order.clOrdId}`, order.quantity + 100];
  return { kind: 'replace', order: { ...order, clOrdId, quantity, replaces: order.clOrdId } };
}

// Sends the script as fast as its answers come, until the last order is answered. How long it took.
export async function play(router, steps) {
  const started = process.hrtime.bigint();
  const unanswered = new Set();
  let wake = () => {};
  router.onReport = ({ clOrdId }) => {
    unanswered.delete(clOrdId);
    wake();
  };
  const answersUntil = async (left) => {
    while (unanswered.size > left) await new Promise((resolve) => { wake = resolve; });
  };
  for (const { kind, order, clOrdId } of steps) {
    await answersUntil(unansweredMax - 1);
    if (kind === 'order') unanswered.add(order.clOrdId);
    await router[kind](kind === 'cancel' ? { clOrdId, order } : order);
  }
  await answersUntil(0);
  router.onReport = () => {};
  return Number(process.hrtime.bigint() - started) / 1e6;
}

// Follows each order of the script through the reports of one end, in their order. Throws at the
// first that is lost, doubled or does not add up. The totals show a test that all cases came.
export function account(steps, reports) {
  const orders = new Map(); // by each ClOrdID that an order has had
  const totals = {
    orders: 0, acknowledged: 0, fills: 0, parts: 0, filled: 0, cancelled: 0, replaced: 0,
    tooLate: 0,
  };
  for (const { kind, order: { clOrdId, quantity } } of steps)
    if (kind === 'order') orders.set(clOrdId, { quantity, filled: 0, acknowledged: 0, end: null });
  totals.orders = orders.size;
  const seen = new Set();
  for (const report of reports) {
    if (report.type === '9') {
      ++totals.tooLate;
      continue;
    }
    assert.equal(report.type, '8', JSON.stringify(report));
    assert.ok(!seen.has(report.execId), `ExecID ${report.execId} came twice`);
    seen.add(report.execId);
    const order = orders.get(report.origClOrdId ?? report.clOrdId);
    assert.ok(order, `a report for an order never sent: ${JSON.stringify(report)}`);
    follow(order, report, orders, totals);
  }
  for (const [clOrdId, { acknowledged }] of orders)
    assert.equal(acknowledged, 1, `${clOrdId} was acknowledged ${acknowledged} times`);
  return totals;
}

function follow(order, report, orders, totals) {
  const what = JSON.stringify({ order, report });
  assert.equal(order.end, null, `a report after the end: ${what}`);
  switch (report.execType) {
    case '0':
      ++order.acknowledged;
      ++totals.acknowledged;
      break;
    case '1':
    case '2':
    case 'F':
      order.filled += report.last;
      ++totals.fills;
      if (report.status === '1') ++totals.parts;
      totals.filled += report.last;
      break;
    case '4':
      order.end = 'cancelled';
      ++totals.cancelled;
      break;
    case '5':
      order.quantity = Number(report.quantity);
      orders.set(report.clOrdId, order);
      ++totals.replaced;
      break;
    default:
      assert.fail(`unexpected ${what}`);
  }
  if (order.filled === order.quantity) order.end = 'filled';
  assert.equal(report.filled, order.filled, `CumQty is not the sum of the fills: ${what}`);
  const open = order.end === 'cancelled' ? 0 : order.quantity - order.filled;
  assert.equal(report.open, open, `LeavesQty is not what is left: ${what}`);
}

// Both ends saw the same reports in the same order; else the first difference is shown.
export function assertSame(ours, theirs) {
  const [left, right] = [ours.map(line), theirs.map(line)];
  const at = left.findIndex((text, index) => text !== right[index]);
  assert.equal(left[at], right[at], `report ${at} differs`);
  assert.equal(left.length, right.length);
}

function line(report) {
  const { type, clOrdId, origClOrdId, execId, execType, status, last, lastPrice, filled, open } =
    report;
  const ids = `${type} ${clOrdId} ${origClOrdId} ${status}`;
  return type === '9' ? ids : `${ids} ${execId} ${execType} ${last}@${lastPrice} ${filled} ${open}`;
}
