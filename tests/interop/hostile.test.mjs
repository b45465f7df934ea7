// Connections that no FIX engine would make. The gateway stays up, tells them nothing, passes
// nothing on, and the good session goes on trading next to each.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { once } from 'node:events';
import { message, timestamp, value } from './fix.mjs';
import { startFloor } from './floor.mjs';
import { account, compIds, logon, symbols } from './gateway.mjs';
import { parentOf, play, script } from './flow.mjs';
import { random } from './random.mjs';
import { connectRaw } from './raw_client.mjs';
import { field } from './record.mjs';
import { received } from './venue_log.mjs';

const version = 'FIX.4.2';
const order = [
  [11, 'EVIL'], [1, account], [21, 1], [55, 'ACME'], [54, 1], [60, timestamp()], [38, 100], [40, 2],
  [44, 10], [5001, parentOf('ACME', '1')],
];
const noise = (seed, length) => {
  const dice = random(seed);
  return Buffer.from(Array.from({ length }, () => dice.below(256)));
};
const goodLogon = () => message(version, [
  [35, 'A'], [49, 'R2'], [56, 'GATE'], [34, 1], [52, timestamp()], [98, 0], [108, 30],
  [553, logon.Username], [554, logon.Password],
]);

// What each does after it has connected; where it names itself, as R2, whose venue is never up.
// All of them end with the gateway hanging up.
const attacks = {
  'a wrong password': (client) => client.logOn({ ...logon, Password: 'wrong' }),
  'no password': (client) => client.say('A', [[98, 0], [108, 30]]),
  'an unplanned reset, 141=Y': (client) => client.logOn(logon, [[141, 'Y']]),
  'an unknown CompID': (client) => client.logOn(logon, [], { sender: 'NOBODY' }),
  'a CompID of the gateway that it has not': (client) => client.logOn(logon, [], { target: 'X' }),
  'a session that is on already': (client) => client.logOn(logon, [], { sender: 'R1' }),
  'an order before any Logon': (client) => client.say('D', order),
  'a Logon with an order behind it, and a wrong password': (client) => {
    client.logOn({ ...logon, Password: 'wrong' });
    client.say('D', order);
  },
  'a web browser': (client) => client.send('GET / HTTP/1.1\r\nHost: gate\r\n\r\n'),
  'noise': (client) => client.send(noise(7, 100_000)),
  'a BodyLength of a gigabyte': (client) => client.send('8=FIX.4.2\x019=1000000000\x0135=A\x01'),
  'a BodyLength that never ends': (client) => client.send(`8=FIX.4.2\x019=${'1'.repeat(100_000)}`),
  'a wrong CheckSum': (client) => client.send(
    Buffer.concat([goodLogon().subarray(0, -4), Buffer.from('999\x01')])),
  'half a Logon and silence': (client) => client.send(goodLogon().subarray(0, 40)),
  'silence': () => {},
};

test('hostile connections are turned away while the good session trades on', { timeout: 240_000 },
  async (t) => {
    const floor = await startFloor(t, { version, second: 'XNONE' });
    const router = await floor.router('R1');
    const steps = script({ seed: 5, count: 40 * Object.keys(attacks).length, symbols, account });
    let from = 0;
    for (const [what, attack] of Object.entries(attacks)) {
      await t.test(what, async () => {
        const client = await connectRaw({ port: floor.gateway.port, version, compId: compIds.R2 });
        attack(client);
        const to = nthOrder(steps, from, 40);
        await play(router, steps.slice(from, to));
        from = to;
        await client.gone();
        const answers = client.received().map((frame) => value(frame, 35));
        assert.ok(!answers.includes('A'), 'it got a Logon');
        assert.ok(floor.gateway.alive());
      });
    }
    await floor.close();
    assert.ok(!received(floor.venue).some(({ clOrdId }) => clOrdId === 'EVIL'));
    assert.deepEqual(router.complaints, []);
    const refused = floor.gateway.journal()
      .filter((record) => field(record, 'event') === 'refused logon');
    assert.ok(refused.length >= 8, `${refused.length} refused logons in the journal`);
  });

test('a logged-on router that sends rubbish is told so, and the other one trades on',
  { timeout: 120_000 }, async (t) => {
    const floor = await startFloor(t, { version, second: 'XNONE' });
    const router = await floor.router('R1');
    const client = await connectRaw({ port: floor.gateway.port, version, compId: compIds.R2 });
    client.logOn(logon);
    await client.answer('A');
    client.send(noise(8, 50_000));
    client.send('8=FIX.4.2\x019=5\x0135=D\x0110=000\x01');
    client.say('D', [...order.filter(([tag]) => tag !== 55), [9999, 'undeclared']]);
    const reject = await client.answer('3');
    assert.equal(value(reject, 372), 'D');
    client.send('8=FIX.4.2\x019=120\x0135=D\x0149=R2\x01'); // and cut off within the frame
    client.close();
    await play(router, script({ seed: 6, count: 100, symbols, account }));
    assert.ok(floor.gateway.alive());
    await floor.close();
    assert.ok(!received(floor.venue).some(({ clOrdId }) => clOrdId === 'EVIL'));
  });

test('forty connections that say nothing keep no router out', { timeout: 60_000 }, async (t) => {
  const floor = await startFloor(t, { version, second: 'XNONE' });
  const router = await floor.router('R1');
  const idle = Array.from({ length: 40 }, () =>
    net.connect({ host: '127.0.0.1', port: floor.gateway.port }).on('error', () => {}));
  await Promise.all(idle.map((socket) => once(socket, 'close')));
  await play(router, script({ seed: 9, count: 100, symbols, account }));
  const client = await connectRaw({ port: floor.gateway.port, version, compId: compIds.R2 });
  client.logOn(logon);
  await client.answer('A');
  client.close();
  await floor.close();
});

// The index in `steps` behind the `count`th order from `from` on.
function nthOrder(steps, from, count) {
  let left = count;
  let at = from;
  while (at < steps.length && left > 0) if (steps[at++].kind === 'order') --left;
  return at;
}
