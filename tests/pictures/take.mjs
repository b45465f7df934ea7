// scripts/pictures: the console while orders flow, when limits are nearly full, and killed; then the
// dashboards, from a Prometheus that scraped the same gateway all the while.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { interlock, startPrometheus } from '../dashboards/live.mjs';
import { waitFor } from '../interop/wait.mjs';
import { holdPointer, openConsole, startBrowser, wordIs } from '../page/browser.mjs';
import { routers, startFloor, symbols } from '../page/floor.mjs';
import { shootDashboards } from './dashboards.mjs';
import { smaller } from './smaller.mjs';

const [to, before] = process.argv.slice(2); // of flow before the first picture
const endings = [];
const t = { after: (close) => endings.push(close) };
const seconds = (count) => new Promise((resolve) => { setTimeout(resolve, count * 1000); });

// Parents of different sizes; children of each fill and rest, a second for a second.
const sizes = [12_000, 50_000, 8_000, 120_000, 15_000, 40_000, 9_000, 22_000];
const parents = sizes.map((size, index) => ({
  parent: `P-00${417 + 11 * index}`, symbol: symbols[index % symbols.length], size,
  router: routers[index % routers.length],
}));

function child({ parent, symbol, router }, quantity, price = '10.00') {
  return [router, { parent, symbol, quantity, price }];
}

async function flow(floor, forSeconds, each) {
  for (let tick = 0; tick < forSeconds * 5; ++tick) {
    const every = parents[tick % parents.length];
    for (let more = 0; more < 2 + Math.round(2 + 2 * Math.sin(tick / 19)); ++more)
      floor.order(...child(every, Math.max(1, Math.round(every.size / 8_000))));
    each?.(tick);
    await seconds(0.2);
  }
}

// While nothing can trade.
async function drill(floor, button) {
  const told = async () => (await floor.state()).buttons.find(({ id }) => id === button);
  await floor.gateway.ask('POST', '/api/v1/button', { button });
  for (const hand of ['press', 'release']) {
    const words = ['button', hand, button, '--socket', path.join(floor.dir, 'state/interlock.sock')];
    const { status, stderr } = spawnSync(interlock, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  }
  await waitFor(`the drill of ${button} to pass`, async () => (await told()).drill.startsWith('passed'));
}

async function take() {
  const floor = await startFloor(t);
  const prometheus = await startPrometheus(t, new URL(floor.metrics).host);
  const begin = Date.now() - 5_000; // of its scrapes
  for (const id of routers) await floor.logOn(id);
  for (const { parent, symbol, size } of parents) await floor.declare(parent, symbol, 'buy', size);
  const browser = await startBrowser(t);
  const page = await openConsole(browser, floor.url);
  const shots = [];
  const shoot = async (name) => shots.push({ name: `console-${name}`, png: await page.screenshot() });
  const { alerts } = await floor.gateway.ask('GET', '/api/v1/alerts');
  for (const { id } of alerts.filter(({ acknowledged_by: by }) => by === ''))
    await floor.gateway.ask('POST', '/api/v1/alerts', { action: 'acknowledge', id, reason: 'seen' });

  for (const [index, share] of [0.1, 0.55, 0.3, 0.5, 0.15, 0.17, 0, 0.04].entries()) {
    const { size } = parents[index];
    if (share > 0) floor.order(...child(parents[index], Math.round(size * share)));
    for (let rest = 0; rest < 1 + (index % 3) * 2; ++rest)
      floor.order(...child(parents[index], Math.round(size * 0.01), '9.90'));
  }
  await flow(floor, Number(before ?? 600));
  floor.order('R1', { parent: parents[0].parent, symbol: parents[0].symbol, quantity: 100, price: '11.20' });
  await flow(floor, 3);
  await shoot('armed');

  const [full, near] = parents;
  floor.order(...child(near, Math.round(near.size * 0.2)));
  for (let rest = 0; rest < 33; ++rest) floor.order(...child({ ...parents[2], router: 'R2' }, 10, '9.90'));
  await flow(floor, 6, (tick) => {
    if (tick === 1) floor.order(...child(full, Math.floor(full.size * 0.7)));
    if (tick % 3 === 0) floor.order(...child(full, 400));
  });
  await shoot('warning');

  floor.venues.XNYS.mute = true;
  await page.getByLabel('Everything').check();
  await holdPointer(page, 650);
  await wordIs(page, 'Killed');
  await flow(floor, 5);
  await page.getByLabel('Cause').fill('Router R2 went on although its limit of open orders was full.');
  await page.mouse.move(700, 500);
  await shoot('killed');
  for (const id of ['desk-2', 'rack-a4']) await drill(floor, id);
  await flow(floor, 15);
  shots.push(...await shootDashboards(browser, prometheus, begin));
  if (page.wrong.length > 0) throw new Error(page.wrong.join('\n'));
  for (const { name, png } of shots) fs.writeFileSync(path.join(to, `${name}.png`), smaller(png));
}

try {
  await take();
} finally {
  for (const close of endings.reverse()) await close();
}
