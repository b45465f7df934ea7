// Pictures of dashboards/*.json: their expressions asked of a Prometheus, drawn by Grafana's own panels.
import path from 'node:path';
import { build } from 'esbuild';
import { dashboards } from '../dashboards/files.mjs';

const here = import.meta.dirname;
const icons = path.join(here, 'node_modules/@grafana/ui/dist/public');
const fonts = '/usr/share/fonts/opentype/inter'; // of fonts-inter
const origin = 'http://pictures.invalid'; // there is no server: the browser's requests are answered here
const width = 1440;
const page = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/panels.css">
<div id="page" style="width: ${width}px; padding: 8px 16px"><div id="dashboard"></div></div>
<script src="/panels.js"></script>`;

async function bundle() {
  const { outputFiles } = await build({ entryPoints: [path.join(here, 'panels.jsx')], bundle: true, write: false,
    outdir: 'out', format: 'iife', jsx: 'automatic', logLevel: 'error', loader: { '.ttf': 'empty' },
    define: { 'process.env.NODE_ENV': '"production"' } });
  return Object.fromEntries(outputFiles.map(({ path: name, text }) => [path.basename(name), text]));
}

async function open(browser, files) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, timezoneId: 'UTC' });
  const tab = await context.newPage();
  tab.wrong = [];
  tab.on('pageerror', (error) => tab.wrong.push(error.stack));
  tab.on('console', (said) => { if (said.type() === 'error') tab.wrong.push(said.text()); });
  await tab.route(`${origin}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') return route.fulfill({ body: page, contentType: 'text/html' });
    if (files[name]) return route.fulfill({ body: files[name] });
    const font = name.match(/^public\/fonts\/inter\/(.*)\.woff2$/)?.[1];
    return route.fulfill({ path: font ? path.join(fonts, `${font}.otf`)
      : path.join(icons, name.replace(/^public\/build\//, '')) });
  });
  await tab.goto(`${origin}/`);
  return tab;
}

// What Grafana asks for a panel: the variables stand for everything, a point is a pixel or a scrape.
async function answersOf(prometheus, { targets = [] }, { from, to, step }) {
  return Promise.all(targets.map(async ({ expr, instant }) => {
    const filled = expr.replaceAll('$__rate_interval', `${Math.max(step + 1, 4)}s`)
      .replaceAll('$__range', `${to - from}s`).replaceAll(/\$(instance|control|session)\b/g, '.*');
    const query = `query=${encodeURIComponent(filled)}`;
    const { result } = await prometheus.ask(instant ? `query?${query}&time=${to}`
      : `query_range?${query}&start=${from}&end=${to}&step=${step}`);
    return result;
  }));
}

// { name, png } of each, from `begin` (ms) until now.
export async function shootDashboards(browser, prometheus, begin) {
  const [from, to] = [begin, Date.now()].map((ms) => Math.floor(ms / 1000));
  const time = { from, to, step: Math.ceil((to - from) / 700) };
  const asked = [];
  for (const { panels } of dashboards)
    asked.push(await Promise.all(panels.map((panel) => answersOf(prometheus, panel, time))));
  const files = await bundle();
  const shots = [];
  for (const [index, dashboard] of dashboards.entries()) {
    const tab = await open(browser, files);
    await tab.evaluate(([...words]) => window.draw(...words), [dashboard, asked[index], time]);
    await tab.setViewportSize({ width, height: await tab.locator('#page').evaluate((all) => all.offsetHeight) });
    await tab.waitForLoadState('networkidle'); // the icons
    if (dashboard.panels.some(({ type }) => type === 'table')) await tab.getByRole('gridcell').first().waitFor();
    shots.push({ name: `dashboard-${dashboard.name}`, png: await tab.screenshot() });
    if (tab.wrong.length > 0) throw new Error(`${dashboard.name}: ${tab.wrong.join('\n')}`);
  }
  return shots;
}
