// The real gateway between a good router and a good venue, R1 and XV, with room for R2 and XH, who
// are not good; and how long R1 waits for its answers.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { account, compIds, logon, startGateway } from '../interop/gateway.mjs';
import { makePlace } from '../interop/place.mjs';
import { parentOf } from '../interop/flow.mjs';
import { custom } from '../interop/dictionary.mjs';
import { freePort } from '../interop/tap.mjs';
import { timestamp } from '../interop/fix.mjs';
import { waitFor } from '../interop/wait.mjs';
import { Peer, Venue, fieldsOf, get, version } from './peer.mjs';

export const credentials = [[553, logon.Username], [554, logon.Password]];
export { compIds, get, version };

export async function startFloor(t, { edit, env, routers, hostileVenue } = {}) {
  const { dir, atEnd, close } = makePlace(t);
  const venue = await new Venue(compIds.venue).listen();
  atEnd(async () => venue.stop());
  const venues = [{ id: 'XV', port: venue.port }, { id: 'XH', port: hostileVenue ?? await freePort() }];
  const gateway = await startGateway({
    dir, atEnd, version, venues, env, edit,
    routers: routers ?? [{ id: 'R1', venue: 'XV' }, { id: 'R2', venue: 'XH' }],
  });
  const floor = {
    dir, atEnd, close, venue, gateway,
    async router(id = 'R1', heartbeat = 30) {
      const router = new Peer(compIds[id].ours, compIds[id].theirs);
      await waitFor(`${id} to be on`, async () => {
        if (!router.closed) return router.on;
        router.number = 1;
        await router.connect(gateway.port);
        router.logOn(credentials, heartbeat);
        return false;
      });
      atEnd(async () => router.close());
      return router;
    },
    // A hostile peer in a process of its own; `until` waits for what it says.
    hostile(kind, more = {}) {
      const wanted = { kind, port: gateway.port, ports: gateway.ports, ...more };
      const child = fork(new URL('./hostile.mjs', import.meta.url), [JSON.stringify(wanted)]);
      const said = [];
      const gone = once(child, 'exit');
      child.on('message', (word) => said.push(word));
      const until = (what, seconds = 60) => waitFor(`${kind} to say ${what}`, () => {
        const error = said.find((word) => word.startsWith('error'));
        if (error) throw new Error(error);
        return said.find((word) => word.startsWith(what));
      }, { seconds });
      const end = async () => {
        child.kill('SIGKILL');
        await gone;
      };
      atEnd(end);
      return { said, until, end };
    },
    session: async (id) =>
      (await gateway.ask('GET', '/api/v1/sessions')).sessions.find((each) => each.id === id),
    state: () => gateway.ask('GET', '/api/v1/state'),
  };
  return floor;
}

export function order(id, { symbol = 'ACME', side = '1', quantity = 1, price = '10.00' } = {}) {
  return fieldsOf([[11, id], [custom.parent, parentOf(symbol, side)], [1, account], [55, symbol],
    [54, side], [60, timestamp()], [38, quantity], [40, 2], [44, price]]);
}

export function cancel(id, of) {
  return fieldsOf([[11, id], [41, of], [custom.parent, parentOf('ACME', '1')], [55, 'ACME'], [54, 1],
    [60, timestamp()], [38, 1]]);
}

// The answer to an order: its first report.
export async function answered(router, id, body) {
  const before = router.onFrame;
  const answer = new Promise((resolve) => {
    router.onFrame = (frame, type) => {
      before(frame, type);
      if (type === '8' && get(frame, 11) === id) resolve(frame);
    };
  });
  router.say('D', body);
  const frame = await answer;
  router.onFrame = before;
  return frame;
}

let numbered = 0;

// Orders one after the other, for `ms` or until `done`: the milliseconds that each took.
export async function roundTrips(router, { ms = 1_000 } = {}) {
  const times = [];
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const begun = performance.now();
    const id = `t${++numbered}`;
    const frame = await answered(router, id, order(id));
    times.push(performance.now() - begun);
    if (get(frame, 39) !== '2') throw new Error(`${id} was not filled: ${frame}`);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { count: times.length, p50: at(0.5), p99: at(0.99), most: times.at(-1) };
}

export const text = ({ count, p50, p99, most }) =>
  `${count} orders, p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}, most ${most.toFixed(1)} ms`;

// How the good session fares next to it. The bound is ten times the promise. A second in which the
// machine was busy with something else is no measure: of several the best counts, or, when the fault
// goes on until `done`, the middle one.
export async function nextTo(t, router, hostile, { done } = {}) {
  const alone = await roundTrips(router);
  await hostile.begin();
  const seconds = [];
  do seconds.push(await roundTrips(router));
  while (done ? !done() : seconds.length < 5 && seconds.at(-1).p99 > alone.p99 + 10);
  seconds.sort((a, b) => a.p99 - b.p99);
  const beside = seconds[done ? Math.floor(seconds.length / 2) : 0];
  const more = beside.p99 - alone.p99;
  t.diagnostic(`alone ${text(alone)}; beside ${text(beside)}; p99 ${more.toFixed(2)} ms more`);
  if (more > 100) throw new Error(`p99 is ${more.toFixed(1)} ms more beside it`);
}
