// A desk for the console's tests and pictures: the real gateway between three routers and three
// venues, armed by two people; orders come when they are asked for.
import fs from 'node:fs';
import path from 'node:path';
import { hash, people, rearm, runGateway } from '../interop/gateway.mjs';
import { timestamp } from '../interop/fix.mjs';
import { makePlace } from '../interop/place.mjs';
import { freePort } from '../interop/tap.mjs';
import { waitFor } from '../interop/wait.mjs';
import { Peer, Venue, fieldsOf, get, version } from '../faults/peer.mjs';

export const root = path.join(import.meta.dirname, '../..');
export const tokens = { ...people, 'v.cole': 'token of v.cole' }; // who may only look
export const symbols = ['NVDA', 'MSFT', 'AAPL', 'KO', 'PFE', 'F'];
export const routers = ['R1', 'R2', 'R3'];
export const venues = ['XNAS', 'XNYS', 'BATS'];
const rights = ['view', 'kill', 'rearm', 'declare', 'limits', 'acknowledge', 'release'];
const ended = { kind: '4', status: '4' };

// The limits are those of the demo, but for what these tests fill up.
function policy() {
  const text = fs.readFileSync(path.join(root, 'cli/samples/demo.toml'), 'utf8');
  const from = text.indexOf('[firm]');
  const [before] = text.slice(from).split('[account.DESK]');
  const set = (all, scope, key, value) => {
    const at = all.indexOf(`[${scope}]`);
    const changed = all.slice(at).replace(new RegExp(`^${key} = .*$`, 'm'), `${key} = ${value}`);
    return all.slice(0, at) + changed;
  };
  return [
    ['defaults.router', 'max_open_orders', '40'], ['defaults.account', 'max_open_orders', '60'],
    ['defaults.account', 'max_net_notional', '"2 M USD"'],
    ['defaults.router', 'max_rejects', '"500 / 1 s"'], ['parent', 'exhausted_grace', '"1 min"'],
    ['parent', 'exhausted_refusals', '1_000_000'], ['parent', 'max_child_messages', '100_000'],
    ['defaults.router', 'max_child_messages', '100_000'],
  ].reduce((all, [scope, key, value]) => set(all, scope, key, value), before);
}

function configuration({ ports, venuePorts, hardware }) {
  const table = (name, values) => `[[${name}]]\n${Object.entries(values)
    .map(([key, value]) => `${key} = ${value}\n`).join('')}`;
  const text = (value) => JSON.stringify(value);
  const people = Object.keys(tokens).map((name) =>
    table('person', { name: text(name), may: JSON.stringify(name === 'v.cole' ? ['view'] : rights) }));
  const fix = (id) => ({ id: text(id), begin_string: text(version) });
  const ids = (theirs) => `{ ours = "GATE", theirs = "${theirs}" }`;
  return `schema = 1
[node]
name = "gw-03.ny4"
environment = "test"
currency = "USD"
state_dir = "state"
secrets = "secrets.toml"
${policy()}
[account.7731]
${symbols.map((name) => `[symbol.${name}]\n`).join('')}
[prices]
file = "prices.txt"
max_age = "24 h"
max_age_pre_open = "24 h"
max_age_closed = "24 h"
[day]
roll = "17:00"
zone = "America/New_York"
[alerts]
acknowledge_within = "none"
[stale]
journal = "5 s"
tee = "none"
drop_copy = "none"
[kill]
on_start = "killed"
cancel_timeout = "1 min"
hardware_rearm = ${text(hardware)}
${table('kill.button', { id: '"desk-2"', scope: '"everything"', on_loss: '"kill"', sim: '{ socket = "desk-2.sock" }' })}
${table('kill.button', { id: '"rack-a4"', scope: '"everything"', on_loss: '"kill"', sim: '{ socket = "rack-a4.sock" }' })}
[stop]
cancel_open = false
drain = "1 s"
[audit]
dir = "audit"
segment = "4 MiB"
[http]
console = "127.0.0.1:${ports.console}"
metrics = "127.0.0.1:${ports.metrics}"
${people.join('')}
${routers.map((id) => table('router', { ...fix(id), listen: text(`127.0.0.1:${ports.router}`), comp_id: ids(id),
    parent_id_tag: 526, orders_without_parent: '"reject"', on_disconnect: '"keep"' })).join('')}
${venues.map((id, index) => table('venue', { ...fix(id), connect: `["127.0.0.1:${venuePorts[index]}"]`,
    comp_id: ids(id), on_disconnect: '"keep"', reconnect: '"1 s"' })).join('')}
${routers.map((id, index) => table('route', { router: text(id), venue: text(venues[index]) })).join('')}`;
}

// Keeps orders below 10.00 working, fills the others; `mute` keeps it from answering cancels.
function trades(venue) {
  const working = new Map();
  const heard = venue.onFrame;
  venue.onOrder = (order) => {
    venue.acknowledge(order);
    if (Number(order.price) >= 10) return venue.fill(order);
    working.set(order.id, order);
    return undefined;
  };
  venue.onFrame = (frame, type) => {
    heard(frame, type);
    if (type !== 'F' || venue.mute) return;
    const order = working.get(get(frame, 41));
    if (order) venue.report({ ...order, id: get(frame, 11) }, { ...ended, done: 0 });
  };
  return venue;
}

export async function startFloor(t, { hardware = 'anywhere', armed = true } = {}) {
  const { dir, atEnd, close } = t.after ? makePlace(t) : t;
  const all = {};
  for (const id of venues) {
    all[id] = trades(await new Venue({ ours: id, theirs: 'GATE' }).listen());
    atEnd(async () => all[id].stop());
  }
  const ports = { router: await freePort(), console: await freePort(), metrics: await freePort() };
  const secrets = Object.entries(tokens).map(([name, token]) =>
    `[person."${name}"]\ntoken = "${hash(token)}"\n`);
  fs.writeFileSync(path.join(dir, 'secrets.toml'), secrets.join(''), { mode: 0o600 });
  fs.writeFileSync(path.join(dir, 'prices.txt'), symbols.map((name) => `${name} 10.00\n`).join(''));
  fs.writeFileSync(path.join(dir, 'gateway.toml'), configuration({
    ports, hardware, venuePorts: venues.map((id) => all[id].port) }));
  const gateway = await runGateway({ dir, atEnd, ports });
  await waitFor('the venues to be logged on', async () => (await gateway.ask('GET', '/api/v1/sessions'))
    .sessions.filter(({ side, state }) => side === 'venue' && state === 'on').length === venues.length);
  if (armed) await rearm(gateway);
  let numbered = 0;
  const floor = {
    dir, atEnd, close, gateway, venues: all, routers: {},
    url: `http://127.0.0.1:${ports.console}`, metrics: `http://127.0.0.1:${ports.metrics}`,
    state: () => gateway.ask('GET', '/api/v1/state'),
    declare: (parent, symbol, side, size) => gateway.ask('POST', '/api/v1/parents',
      { parent, account: '7731', symbol, side, size: String(size) }),
    async logOn(id) {
      const router = await new Peer(id, 'GATE').connect(ports.router);
      router.logOn([]);
      await waitFor(`${id} to be on`, () => router.on);
      atEnd(async () => router.close());
      floor.routers[id] = router;
      return router;
    },
    // Below 10.00 it stays open.
    order(id, { parent, symbol, side = '1', quantity = 100, price = '10.00' }) {
      const name = `${id}-${++numbered}`;
      floor.routers[id].say('D', fieldsOf([[11, name], [526, parent], [1, '7731'], [55, symbol],
        [54, side], [60, timestamp()], [38, quantity], [40, 2], [44, price], [59, 0]]));
      return name;
    },
    openOrders: (count) => waitFor(`${count} open orders`,
      async () => (await floor.state()).open_orders === count),
  };
  return floor;
}
