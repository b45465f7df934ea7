// What the console says and does, in a real browser against the real gateway.
import assert from 'node:assert/strict';
import test, { after, before, beforeEach } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { rearm } from '../interop/gateway.mjs';
import { waitFor } from '../interop/wait.mjs';
import { heldFor, holdPointer, openConsole, signIn, startBrowser, word, wordIs } from './browser.mjs';
import { startFloor, tokens } from './floor.mjs';

let floor;
let browser;
const tabs = [];

// A console that is closed after the test.
async function look(person, more) {
  const page = await openConsole(browser, floor.url, person, more);
  tabs.push(page);
  return page;
}

const kills = async () => (await floor.state()).kills;
const killed = (count) => waitFor(`${count} kills`, async () => {
  const found = await kills();
  return found.length === count && found;
});

const endings = [];
after(async () => {
  for (const close of endings.reverse()) await close();
});

// Two seconds later by the page's own clock, too.
async function nothingWasSent(page) {
  await page.clock.runFor(2_000);
  assert.equal(await page.locator('#told').textContent(), '');
  assert.deepEqual(await kills(), []);
}

before(async () => {
  const suite = { after: (close) => endings.push(close) };
  floor = await startFloor(suite);
  for (const id of ['R1', 'R2', 'R3']) await floor.logOn(id);
  await floor.declare('P-417', 'NVDA', 'buy', 1_000);
  await floor.declare('P-409', 'MSFT', 'buy', 1_000);
  await floor.declare('P-500', 'KO', 'buy', 100_000);
  await floor.declare('P-600', 'F', 'buy', 100_000);
  browser = await startBrowser(suite);
});

// All that a test left alive is cancelled, and the gate opened.
beforeEach(async () => {
  for (const venue of Object.values(floor.venues)) venue.mute = false;
  for (const { kill_id: id, residual } of await kills())
    if (residual > 0) await floor.gateway.ask('POST', '/api/v1/cancel', { kill_id: id });
  await waitFor('nothing to be alive', async () => (await kills()).every(({ residual }) => residual === 0));
  if ((await kills()).length > 0) await rearm(floor.gateway);
});

const end = async (t) => t.after(async () => {
  for (const page of tabs.splice(0)) {
    assert.deepEqual(page.wrong, [], 'errors in the browser');
    await page.context().close();
  }
});

test('held for 200 ms the button does nothing, for 650 ms it kills', async (t) => {
  end(t);
  const page = await look('m.ortiz', { clock: true });
  await heldFor(page, 200, () => page.mouse.down(), () => page.mouse.up());
  await nothingWasSent(page);
  await heldFor(page, 650, () => page.mouse.down(), () => page.mouse.up());
  const [kill] = await killed(1);
  assert.deepEqual([kill.scope, kill.level, kill.actor, kill.source], ['firm', 'kill', 'm.ortiz', 'http']);
  await page.clock.resume();
  await wordIs(page, 'Killed');
  assert.match(await page.locator('#told').textContent(), /^Killed: (gate shut in [\d.]+ ms|the gate is not confirmed shut), 0 cancels sent$/);
});

test('a pointer that slides off lets go', async (t) => {
  end(t);
  const page = await look('m.ortiz', { clock: true });
  await heldFor(page, 300, () => page.mouse.down(), () => page.mouse.move(5, 5));
  await page.mouse.up();
  await nothingWasSent(page);
});

for (const key of ['Space', 'Enter']) {
  test(`Ctrl+K reaches the button, and ${key} held for half a second kills`, async (t) => {
    end(t);
    const page = await look('m.ortiz', { clock: true });
    await page.keyboard.press('Control+k');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'kill');
    await heldFor(page, 200, () => page.keyboard.down(key), () => page.keyboard.up(key));
    await nothingWasSent(page);
    await page.keyboard.down(key);
    for (let repeated = 0; repeated < 5; ++repeated) { // as a held key repeats
      await page.clock.runFor(130);
      await page.keyboard.down(key);
    }
    await page.keyboard.up(key);
    await killed(1);
  });
}

test('only what is chosen is stopped, and the button says what that is', async (t) => {
  end(t);
  const page = await look('m.ortiz');
  await page.getByLabel('One router').check();
  await page.getByLabel('Which router').selectOption('R2');
  await page.getByText('Router R2: refuses new orders and cancels').waitFor();
  assert.match(await page.locator('#kill').textContent(), /router R2\s*hold half a second/);
  await holdPointer(page, 650);
  const [kill] = await killed(1);
  assert.deepEqual([kill.scope, kill.id], ['router', 'R2']);
  await page.getByText('But router R2 killed by m.ortiz').waitFor();
  assert.equal(await word(page), 'Armed');
  assert.match(await page.title(), /^ARMED in part/);
});

test('a name that nobody has kills nothing, and says so', async (t) => {
  end(t);
  const page = await look('m.ortiz');
  await page.getByLabel('One symbol').check();
  await page.evaluate(() => {
    document.getElementById('which-symbol').append(new Option('NOBODY'));
    document.getElementById('which-symbol').value = 'NOBODY';
  });
  await holdPointer(page, 650);
  await page.getByText("NOT killed: no symbol 'NOBODY'").waitFor();
  assert.deepEqual(await kills(), []);
});

test('a token that nobody has shows nothing, and signing out forgets the right one', async (t) => {
  end(t);
  const page = await look(null);
  await page.getByLabel('Your token').fill('nobody');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No person has this token.').waitFor();
  assert.ok(await page.locator('#desk').isHidden());
  await signIn(page, 'v.cole');
  await page.reload(); // the tab keeps it
  await page.locator('#desk').waitFor({ state: 'visible' });
  await page.getByRole('button', { name: 'sign out' }).click();
  await page.reload();
  await page.getByLabel('Your token').waitFor();
  assert.ok(await page.locator('#desk').isHidden());
});

test('who may only look is told that nothing was killed', async (t) => {
  end(t);
  const page = await look('v.cole');
  await holdPointer(page, 650);
  await page.getByText('NOT killed: v.cole may not do this').waitFor();
  assert.deepEqual(await kills(), []);
});

test('without a script, the form kills, and only with a token, the right and the tick', async (t) => {
  end(t);
  const page = await look(null, { javaScriptEnabled: false });
  await page.getByRole('link', { name: 'Kill without one' }).click();
  const send = async (token) => {
    await page.getByLabel('Your token').fill(token);
    await page.getByLabel('Stop it now').check();
    await page.getByRole('button', { name: 'KILL' }).click();
  };
  for (const token of ['nobody', tokens['v.cole']]) {
    await send(token);
    await page.getByRole('heading', { name: 'Nothing was killed' }).waitFor();
  }
  assert.deepEqual(await kills(), []);
  await page.getByLabel('Your token').fill(tokens['m.ortiz']);
  await page.getByRole('button', { name: 'KILL' }).click(); // not ticked: the browser keeps it
  assert.deepEqual(await kills(), []);
  await page.getByLabel('What to stop').selectOption('router');
  await page.getByLabel('Its name').fill('R3');
  await send(tokens['m.ortiz']);
  await page.getByRole('heading', { name: 'Killed: router R3' }).waitFor();
  await send(tokens['m.ortiz']);
  await page.getByRole('heading', { name: 'Killed: everything' }).waitFor();
  const found = await killed(2);
  assert.deepEqual(found.map(({ actor }) => actor), ['m.ortiz', 'm.ortiz']);
});

test('with seven tabs open, the kill is answered at once', async (t) => {
  end(t);
  const first = await look('m.ortiz');
  for (let tab = 1; tab < 7; ++tab) {
    const page = await first.context().newPage();
    await page.goto(floor.url);
    await signIn(page, 'm.ortiz');
  }
  await first.bringToFront();
  await first.waitForFunction(() => document.getElementById('age').textContent.includes('live'));
  await holdPointer(first, 650);
  await killed(1);
  await wordIs(first, 'Killed');
  const took = await first.evaluate(() => performance.getEntriesByType('resource')
    .find(({ name }) => name.endsWith('/api/v1/kill')).duration);
  t.diagnostic(`from the request to its answer, in the browser: ${took.toFixed(1)} ms`);
  assert.ok(took < 1_000, `${took} ms`);
});

test('with seven tabs on a gateway that hangs, the kill arrives all the same', async (t) => {
  end(t);
  const first = await look('m.ortiz');
  for (let tab = 1; tab < 7; ++tab) {
    const page = await first.context().newPage();
    await page.goto(floor.url);
    await signIn(page, 'm.ortiz');
  }
  await first.bringToFront();
  floor.gateway.signal('SIGSTOP');
  t.after(() => floor.gateway.signal('SIGCONT'));
  await first.getByText('This page does not know whether trading is on.').waitFor();
  await holdPointer(first, 650);
  floor.gateway.signal('SIGCONT');
  // One who watches the loop may have been faster.
  await first.locator('#told').getByText(/^Killed|^It was killed before/).waitFor();
  await wordIs(first, 'Killed');
});

test('a gateway that does not answer: the page says that it does not know', async (t) => {
  end(t);
  const page = await look('m.ortiz');
  await wordIs(page, 'Armed');
  floor.gateway.signal('SIGSTOP');
  t.after(() => floor.gateway.signal('SIGCONT'));
  await page.getByText('This page does not know whether trading is on.').waitFor();
  assert.equal(await word(page), 'Unknown');
  assert.match(await page.title(), /^UNKNOWN/);
  assert.ok(await page.locator('#hatch').isVisible());
  assert.match(await page.locator('#age').textContent(), /▲ [\d.]+ s old/);
  assert.ok(await page.locator('#kill').isEnabled());
  await holdPointer(page, 650); // it is sent until somebody answers
  await page.getByText(/No answer to the first try|No answer to \d+ tries/).waitFor();
  floor.gateway.signal('SIGCONT');
  await wordIs(page, 'Killed');
  await page.locator('#told').getByText(/^Killed|^It was killed before/).waitFor();
  assert.ok((await kills()).some(({ scope }) => scope === 'firm'));
});

test('two people re-arm, each on their own sign-in, and not one of them twice', async (t) => {
  end(t);
  const first = await look('m.ortiz');
  await holdPointer(first, 650);
  await wordIs(first, 'Killed');
  await first.getByRole('button', { name: 'Begin to re-arm' }).click();
  await first.locator('#rearm-told').getByText('reason').waitFor(); // none was written
  await first.getByLabel('Cause').fill('tried by hand');
  await first.getByRole('button', { name: 'Begin to re-arm' }).click();
  await first.getByText('The second has to be somebody else').waitFor();
  assert.ok(await first.getByRole('button', { name: 'Approve' }).isDisabled());
  const answer = await fetch(`${floor.url}/api/v1/rearm`, { method: 'POST',
    headers: { Authorization: `Bearer ${tokens['m.ortiz']}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ action: 'approve', kill_id: (await kills())[0].kill_id }) });
  assert.equal(answer.status, 409);

  const second = await look('k.lee');
  await second.getByText('Two people agree: 1 of 2').waitFor();
  assert.equal(await second.getByLabel('Cause').inputValue(), 'tried by hand');
  await second.getByRole('button', { name: 'Approve: everything trades again' }).click();
  await wordIs(second, 'Armed');
  await wordIs(first, 'Armed');
  assert.ok(await first.locator('#resume').isHidden());
});

test('orders that nobody has confirmed dead are named, cancelled again, or signed off', async (t) => {
  end(t);
  floor.venues.XNYS.mute = true;
  const page = await look('m.ortiz');
  const orders = [1, 2].map(() => floor.order('R2', { parent: 'P-500', symbol: 'KO', price: '9.90' }));
  await floor.openOrders(2);
  await holdPointer(page, 650);
  await wordIs(page, 'Killed');
  await page.getByText('0 of 2 cancels confirmed, 2 may be alive', { exact: true }).waitFor();
  const cancels = floor.venues.XNYS.cancels.length;
  await page.getByRole('button', { name: 'Send those 2 cancels again' }).click();
  await waitFor('two more cancels', () => floor.venues.XNYS.cancels.length === cancels + 2);
  await page.getByLabel('Cause').fill('the venue does not answer');
  await page.getByRole('button', { name: 'Begin to re-arm' }).click();
  await page.locator('#rearm-told').getByText(orders[0]).waitFor();
  for (const id of orders) await page.getByLabel(`R2/${id} buy 100 KO`).check();
  await page.getByLabel('What became of the orders').fill('the venue says by phone: dead');
  await page.getByRole('button', { name: 'Begin to re-arm' }).click();
  await page.getByText('The second has to be somebody else').waitFor();
  const second = await look('k.lee');
  await second.getByRole('button', { name: 'Approve: everything' }).click();
  await wordIs(second, 'Armed');
});

test('how long orders take stands beside how many there are', async (t) => {
  end(t);
  const page = await look('m.ortiz');
  const passed = async () => (await floor.gateway.metrics()).split('\n')
    .filter((line) => /^interlock_(orders_passed_total|order_latency_seconds_count)/.test(line))
    .reduce((sums, line) => {
      sums[line.includes('latency') ? 'timed' : 'passed'] += Number(line.split(' ').at(-1));
      return sums;
    }, { passed: 0, timed: 0 });
  const before = await passed();
  for (let each = 0; each < 10; ++each) floor.order('R3', { parent: 'P-600', symbol: 'F', quantity: 1 });
  await page.locator('#latency').getByText(/^≤ \d+ (µs|ms)$/).waitFor();
  await waitFor('each of them to have been timed', async () => {
    const now = await passed();
    return now.passed >= before.passed + 10 && now.timed === now.passed;
  });
});

test('an alert is acknowledged with a reason', async (t) => {
  end(t);
  const page = await look('m.ortiz');
  for (let child = 0; child < 11; ++child) floor.order('R1', { parent: 'P-417', symbol: 'NVDA' });
  await page.getByText('P-417, full, 1 order refused').waitFor();
  await page.getByText('child 100 makes 1100 of parent P-417').waitFor();
  const open = async () => (await floor.gateway.ask('GET', '/api/v1/alerts')).alerts
    .filter(({ acknowledged_by: by }) => by === '');
  const [alert] = await waitFor('an alert', async () => {
    const found = await open();
    return found.length > 0 && found;
  });
  await page.getByRole('button', { name: `Acknowledge ${alert.kind} ${alert.id}` }).click();
  await page.getByPlaceholder('what you have found').fill('looked into it');
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).last().click();
  await waitFor('it to be acknowledged', async () => (await open()).every(({ id }) => id !== alert.id));
});

// --- what it looks like ---

async function states(page) {
  const at = {};
  at.armed = async () => wordIs(page, 'Armed');
  at.warning = async () => {
    for (let child = 0; child < 9; ++child) floor.order('R2', { parent: 'P-409', symbol: 'MSFT' });
    await page.locator('#parents .track.full').first().waitFor();
  };
  at.killed = async () => {
    await holdPointer(page, 650);
    await wordIs(page, 'Killed');
  };
  at.residual = async () => { // with all that the steps to resume can show
    await rearm(floor.gateway);
    await wordIs(page, 'Armed');
    floor.venues.XNYS.mute = true;
    for (let rest = 0; rest < 9; ++rest)
      floor.order('R2', { parent: 'P-500', symbol: 'KO', price: '9.90', quantity: 1 });
    await floor.openOrders(9);
    await holdPointer(page, 650);
    await page.getByText('0 of 9 cancels confirmed, 9 may be alive', { exact: true }).waitFor();
    floor.venues.XNYS.mute = false;
  };
  return Object.entries(at);
}

// Panels whose content does not fit, and words that are cut in half.
const clipped = (page) => page.evaluate(() => [...document.querySelectorAll('.panel, .fit, .lists')]
  .filter((box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.id || box.className}: ${box.scrollHeight} in ${box.clientHeight}`));

for (const colorScheme of ['dark', 'light']) {
  test(`${colorScheme}: 1440 x 900 without scroll, and nothing that axe finds, in each state`, async (t) => {
    end(t);
    const page = await look('m.ortiz', { colorScheme });
    for (const [state, reach] of await states(page)) {
      await reach();
      const size = await page.evaluate(() => {
        const { scrollHeight, scrollWidth } = document.documentElement;
        return [scrollWidth, scrollHeight];
      });
      assert.deepEqual(size, [1440, 900], state);
      assert.deepEqual(await clipped(page), [], state);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      assert.deepEqual(found, [], state);
    }
  });

  test(`${colorScheme}: axe finds nothing at the sign-in and at the form`, async (t) => {
    end(t);
    const page = await look(null, { colorScheme });
    for (const target of ['/', '/kill']) {
      await page.goto(floor.url + target);
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(violations.map(({ id }) => id), [], target);
    }
  });
}
