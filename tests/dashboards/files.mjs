// What dashboards/ and docs/ say: expressions, alerts and the metrics that they name.
import fs from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');
export const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');

export const dashboard = JSON.parse(read('dashboards/gateway.json'));
export const rules = read('dashboards/rules.yml');

// Every expression that Grafana would ask, with its variables filled in.
export function dashboardExpressions() {
  const found = dashboard.annotations.list.map(({ name, expr }) => ({ of: name, expr }));
  for (const panel of dashboard.panels)
    for (const target of panel.targets ?? []) found.push({ of: panel.title, expr: target.expr });
  return found.map(({ of, expr }) => ({
    of,
    expr: expr.replaceAll('$__rate_interval', '10s').replaceAll('$instance', '.*'),
  }));
}

// { name, url } of each alert, in the order of the file.
export function alerts() {
  return [...rules.matchAll(/- alert: (\w+)\n([\s\S]*?)(?=\n *- alert:|$)/g)].map(
    ([, name, body]) => ({ name, url: body.match(/runbook_url: (\S+)/)?.[1] }),
  );
}

export const metricsIn = (text) => new Set(text.match(/\binterlock_[a-z_0-9]+/g));
