// Counterparties on jspurefix, a FIX engine that we did not write: a router that sends orders, and
// a venue that answers them. Both check all they receive against jspurefix's own dictionaries.
import 'reflect-metadata';
import jspurefix from 'jspurefix';
import { beginString, dictionaryFile } from './dictionary.mjs';
import { VenueBook } from './venue_book.mjs';
import { waitFor } from './wait.mjs';

const { AsciiSession, EmptyLogFactory, SessionLauncher } = jspurefix;

class Party extends AsciiSession {
  constructor(config, owner) {
    super(config);
    this.checkMsgIntegrity = true; // an initiator would not, by default
    this.owner = owner;
  }
  onReady() {
    this.owner.session = this;
    this.owner.ready = true;
  }
  onLogon() {
    return true;
  }
  onStopped(error) {
    this.owner.ready = false;
    this.owner.stopped.push(error?.message ?? 'logged out');
  }
  onApplicationMsg(type, view) {
    this.owner.receive(type, view);
  }
  onDecoded(type, text) {
    if (type === '3' || type === '5') this.owner.told.push(text);
  }
  onEncoded(type, text) {
    if (type === '3') this.owner.complaints.push(text);
  }
}

class Launcher extends SessionLauncher {
  constructor(initiator, acceptor, owner) {
    super(initiator, acceptor, new EmptyLogFactory());
    this.owner = owner;
  }
  makeFactory() {
    return { makeSession: (config) => new Party(config, this.owner) };
  }
}

// What router and venue have in common.
class Owner {
  ready = false;
  session = null;
  stopped = []; // why each session ended
  told = []; // rejects and logouts received: text with | for SOH
  complaints = []; // rejects that jspurefix sent: what it received was wrong by its dictionary

  launch(description, { acceptor = false } = {}) {
    this.launcher = new Launcher(
      acceptor ? null : description, acceptor ? description : null, this,
    );
    this.running = this.launcher.run().catch(() => {});
  }
  send(type, fields) {
    return new Promise((resolve, reject) => {
      this.session.send(type, fields, (error) => (error ? reject(error) : resolve()));
    });
  }
  async stop() {
    if (this.ready) this.session.done();
    await waitFor('a jspurefix session to log out', () => !this.ready)
      .finally(() => this.launcher.stop());
  }
}

function description({ version, dir, port, compId, logon, reset, acceptor, heartbeat = 30 }) {
  return {
    application: {
      type: acceptor ? 'acceptor' : 'initiator',
      name: compId.ours,
      tcp: { host: '127.0.0.1', port },
      protocol: 'ascii',
      dictionary: dictionaryFile(version, dir),
      reconnectSeconds: 1,
    },
    BeginString: beginString(version),
    SenderCompId: compId.ours,
    TargetCompID: compId.theirs,
    HeartBtInt: heartbeat,
    ResetSeqNumFlag: reset ?? false,
    Logon: version === 'FIX.5.0SP2' ? { ...logon, DefaultApplVerID: '9' } : logon,
  };
}

// One message in words that both versions share.
export function report(type, view) {
  const text = (tag) => view.getString(tag) ?? undefined;
  return {
    type, clOrdId: text(11), origClOrdId: text(41), orderId: text(37), execId: text(17),
    execType: text(150), status: text(39), symbol: text(55), side: text(54), quantity: text(38),
    price: text(44), last: Number(text(32) ?? 0), lastPrice: Number(text(31) ?? 0),
    filled: Number(text(14) ?? 0), open: Number(text(151) ?? 0), text: text(58),
  };
}

export class Router extends Owner {
  reports = [];

  constructor({ version, onReport = () => {} }) {
    super();
    this.version = version;
    this.onReport = onReport;
  }
  receive(type, view) {
    const received = report(type, view);
    this.reports.push(received);
    this.onReport(received);
  }
  order(order) {
    return this.send('D', newOrder(this.version, order));
  }
  replace(order) {
    return this.send('G', { ...newOrder(this.version, order), OrigClOrdID: order.replaces });
  }
  cancel({ clOrdId, order }) {
    const { HandlInst, OrdType, Price, TimeInForce, ...same } = newOrder(this.version, order);
    return this.send('F', { ...same, ClOrdID: clOrdId, OrigClOrdID: order.clOrdId });
  }
}

function newOrder(version, order) {
  const { clOrdId, account, symbol, side, quantity, price, parent, parties, hints } = order;
  const common = {
    ClOrdID: clOrdId, Account: account, HandlInst: '1', Side: side, TransactTime: new Date(),
    OrdType: '2', Price: price, TimeInForce: '0', ParentID: parent,
    ...(hints && { NoHints: hints.map(([HintName, HintValue]) => ({ HintName, HintValue })) }),
  };
  if (version === 'FIX.4.2') return { ...common, Symbol: symbol, OrderQty: quantity };
  return {
    ...common,
    ...(parties && { Parties: { NoPartyIDs: parties } }),
    Instrument: { Symbol: symbol },
    OrderQtyData: { OrderQty: quantity },
  };
}

export async function startRouter({ onReport, ...settings }) {
  const router = new Router({ version: settings.version, onReport });
  router.launch(description(settings));
  await waitFor(`router ${settings.compId.ours} to log on`, () => router.ready);
  return router;
}

export class Venue extends Owner {
  received = []; // { type, clOrdId, ... } of each order, replace and cancel
  sent = []; // each report, in the shape of report()

  constructor({ seed }) {
    super();
    this.book = new VenueBook(seed);
  }
  receive(type, view) {
    const request = report(type, view);
    this.received.push(request);
    for (const answer of this.book.answer(request)) {
      this.sent.push(answer);
      this.session.send(answer.type, onTheWire(answer));
    }
  }
  async stop() {
    // The other side logs out first.
    await waitFor('the venue to be left alone', () => !this.ready)
      .finally(() => this.launcher.stop());
  }
}

function onTheWire(answer) {
  const common = {
    OrderID: answer.orderId, ClOrdID: answer.clOrdId, OrigClOrdID: answer.origClOrdId,
    OrdStatus: answer.status, Text: answer.text,
  };
  if (answer.type === '9')
    return { ...common, CxlRejResponseTo: answer.respondsTo, CxlRejReason: 1 };
  return {
    ...common, ExecID: answer.execId, ExecType: answer.execType, Side: answer.side,
    Instrument: { Symbol: answer.symbol }, OrderQtyData: { OrderQty: answer.quantity },
    Price: answer.price, LastQty: answer.last, LastPx: answer.lastPrice, LeavesQty: answer.open,
    CumQty: answer.filled, AvgPx: answer.filled ? answer.price : 0, TransactTime: new Date(),
  };
}

// Listens at once; `ready` turns true when its counterparty has logged on. In FIX 4.2 the venue is
// ordermatch instead.
export function startVenue({ seed, ...settings }) {
  const venue = new Venue({ seed });
  venue.launch(description({ ...settings, acceptor: true }), { acceptor: true });
  return venue;
}
