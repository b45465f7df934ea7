// What dashboards/ and docs/ say: expressions, alerts and the metrics that they name.
import fs from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');
export const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');

export const dashboards = ['desk', 'health', 'evidence']
  .map((name) => ({ name, ...JSON.parse(read(`dashboards/${name}.json`)) }));
export const rules = read('dashboards/rules.yml');

// Every expression that Grafana would ask, with its variables filled in.
export function dashboardExpressions() {
  const found = [];
  for (const { title, annotations, panels } of dashboards) {
    for (const { name, expr } of annotations.list) found.push({ of: `${title} / ${name}`, expr });
    for (const panel of panels)
      for (const { expr } of panel.targets ?? []) found.push({ of: `${title} / ${panel.title}`, expr });
  }
  return found.map(({ of, expr }) => ({
    of,
    expr: expr.replaceAll('$__rate_interval', '10s').replaceAll('$__range', '1m')
      .replaceAll(/\$(instance|control|session)\b/g, '.*'),
  }));
}

// { name, url, severity, team } of each alert, in the order of the file.
export function alerts() {
  return [...rules.matchAll(/- alert: (\w+)\n([\s\S]*?)(?=\n *- alert:|$)/g)].map(
    ([, name, body]) => ({
      name,
      url: body.match(/runbook_url: (\S+)/)?.[1],
      severity: body.match(/severity: (\w+)/)?.[1],
      team: body.match(/team: (\w+)/)?.[1],
    }),
  );
}

// A histogram by the name of its family.
export const metricsIn = (text) => new Set(text.match(/\binterlock_[a-z_0-9]+/g)
  ?.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
