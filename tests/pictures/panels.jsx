// A dashboard's panels, drawn by the components that Grafana draws its own with: `draw(dashboard,
// answers, time)` in the browser. `answers` are by panel and target what Prometheus said.
import 'uplot/dist/uPlot.min.css';
import { firstValueFrom } from 'rxjs';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import {
  FieldType, ThemeContext, VizOrientation, applyFieldOverrides, createDataFrame, createTheme, dateTime,
  getDisplayValueAlignmentFactors, getFieldDisplayValues, identityOverrideProcessor,
  standardFieldConfigEditorRegistry, standardTransformers, standardTransformersRegistry,
  thresholdsOverrideProcessor, transformDataFrame,
} from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { defaultOptions as barDefaults }
  from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import { defaultOptions as statDefaults }
  from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import {
  BarGauge, BigValue, GlobalStyles, Icon, PanelChrome, TimeRangeLabel, TimeSeries, VizRepeater,
} from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';

const theme = createTheme({ colors: { mode: 'dark' } });
const cell = 30, gap = 8, columns = 24; // of Grafana's grid

// Which keys of `fieldConfig` there are, and that they mean what they say.
const standard = ['unit', 'decimals', 'min', 'max', 'color', 'thresholds', 'mappings', 'noValue'];
const custom = ['lineWidth', 'fillOpacity', 'showPoints', 'stacking', 'thresholdsStyle'];
const property = (path, isCustom) => ({ id: isCustom ? `custom.${path}` : path, name: path, path, isCustom,
  process: path === 'thresholds' ? thresholdsOverrideProcessor : identityOverrideProcessor,
  shouldApply: () => true });
standardFieldConfigEditorRegistry.setInit(() =>
  [...standard.map((path) => property(path, false)), ...custom.map((path) => property(path, true))]);
standardTransformersRegistry.setInit(() => [{ id: 'organize', name: 'organize',
  transformation: async () => standardTransformers.organizeFieldsTransformer }]);

function seriesName({ legendFormat, expr }, labels) {
  if (legendFormat) return legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (all, label) => labels[label] ?? '');
  return expr;
}

// A quantile of nothing is NaN, and no point.
const figure = (text) => (Number.isFinite(Number(text)) ? Number(text) : null);

// One frame a series, and of a table one of all.
function framesOf(target, series, { step }) {
  const at = ([seconds]) => seconds * 1000;
  if (target.format === 'table') {
    const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))];
    return [createDataFrame({ refId: target.refId, fields: [
      { name: 'Time', type: FieldType.time, values: series.map(({ value }) => at(value)) },
      ...labels.map((name) => ({ name, type: FieldType.string, values: series.map(({ metric }) => metric[name]) })),
      { name: 'Value', type: FieldType.number, values: series.map(({ value }) => figure(value[1])) },
    ] })];
  }
  return series.map(({ metric, value, values = [value] }) => createDataFrame({ refId: target.refId, fields: [
    { name: 'Time', type: FieldType.time, config: { interval: step * 1000 }, values: values.map(at) },
    { name: 'Value', type: FieldType.number, labels: metric,
      config: { displayNameFromDS: seriesName(target, metric) }, values: values.map(([, text]) => figure(text)) },
  ] }));
}

// A key that is not known here would be drawn as if it were not there.
function checkKeys({ title, fieldConfig: { defaults, overrides } }) {
  const keys = Object.keys(defaults).filter((key) => key !== 'custom')
    .concat(Object.keys(defaults.custom ?? {}).map((key) => `custom.${key}`))
    .concat(overrides.flatMap(({ properties }) => properties.map(({ id }) => id)));
  for (const key of keys)
    if (!standardFieldConfigEditorRegistry.getIfExists(key)) throw new Error(`${title}: nobody draws ${key}`);
}

// JSON cannot say where the first threshold begins.
function withBase(fieldConfig) {
  const overridden = fieldConfig.overrides.flatMap(({ properties }) => properties)
    .filter(({ id }) => id === 'thresholds').map(({ value }) => value);
  for (const { steps } of [fieldConfig.defaults.thresholds ?? { steps: [{}] }, ...overridden])
    steps[0].value = -Infinity;
  return fieldConfig;
}

const kinds = {
  timeseries: ({ data, options, width, height, time }) => (
    <TimeSeries frames={data} width={width} height={height} timeZone="utc" options={options}
      timeRange={time.range} legend={{ calcs: [], ...options.legend }} />
  ),
  stat: ({ values, options, ...size }) => (
    <VizRepeater {...size} getValues={() => values} source={values} renderCounter={0} itemSpacing={3} autoGrid
      orientation={options.orientation ?? VizOrientation.Auto}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, count, width, height }) => (
        <BigValue {...statDefaults} {...options} theme={theme} value={value.display} count={count} width={width}
          height={height} alignmentFactors={alignmentFactors} />
      )} />
  ),
  bargauge: ({ values, options, ...size }) => (
    <VizRepeater {...barDefaults} {...size} getValues={() => values} source={values} renderCounter={0}
      itemSpacing={values.length > 10 ? 4 : 10} orientation={options.orientation}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, orientation, width, height }) => (
        <BarGauge {...barDefaults} {...options} theme={theme} value={value.display} field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex)} width={width} height={height}
          orientation={orientation} alignmentFactors={alignmentFactors} />
      )} />
  ),
  table: ({ data, options, width, height }) => (
    <TableNG data={data[0]} width={width} height={height} cellHeight={options.cellHeight}
      noHeader={!options.showHeader} enableVirtualization={false} />
  ),
  // Grafana publishes no component for it.
  'state-timeline': () => (
    <div style={{ display: 'grid', placeItems: 'center', height: '100%', color: theme.colors.text.secondary }}>
      a state timeline, which only Grafana itself draws
    </div>
  ),
};

async function contentOf(panel, answers, time) {
  checkKeys(panel);
  const frames = panel.targets.flatMap((target, index) => framesOf(target, answers[index], time));
  const fieldConfig = withBase(panel.fieldConfig);
  const common = { theme, fieldConfig, timeZone: 'utc', replaceVariables: (text) => text };
  const transformed = await firstValueFrom(transformDataFrame(panel.transformations ?? [], frames));
  const data = applyFieldOverrides({ ...common, data: transformed });
  const { reduceOptions } = panel.options;
  const values = reduceOptions && getFieldDisplayValues({ ...common, data, reduceOptions });
  return { data, values, options: panel.options, time };
}

function place({ x, y, w, h }, width) {
  const column = (width - gap * (columns - 1)) / columns;
  return { left: x * (column + gap), top: y * (cell + gap), width: w * (column + gap) - gap,
    height: h * (cell + gap) - gap };
}

function Panel({ panel, content, box }) {
  const Kind = kinds[panel.type];
  return (
    <div style={{ position: 'absolute', ...box }}>
      <PanelChrome title={panel.title} description={panel.description} width={box.width} height={box.height}>
        {(width, height) => (content.data.length === 0 && panel.type !== 'state-timeline'
          ? panel.fieldConfig.defaults.noValue ?? 'No data' : <Kind {...content} width={width} height={height} />)}
      </PanelChrome>
    </div>
  );
}

const Row = ({ panel, box }) => (
  <div style={{ position: 'absolute', ...box, ...theme.typography.h5, lineHeight: `${box.height}px` }}>
    <Icon name="angle-down" /> {panel.title}
  </div>
);

const Heading = ({ title, range }) => (
  <div style={{ display: 'flex', justifyContent: 'space-between', padding: '8px 0 12px' }}>
    <span style={theme.typography.h4}>{title}</span>
    <TimeRangeLabel value={range} timeZone="utc" />
  </div>
);

window.draw = async (dashboard, answers, { from, to, step }) => {
  await initPluginTranslations('pictures');
  const [begin, end] = [dateTime(from * 1000), dateTime(to * 1000)];
  const time = { step, range: { from: begin, to: end, raw: { from: begin, to: end } } };
  const drawn = [];
  for (const [index, panel] of dashboard.panels.entries())
    drawn.push({ panel, content: panel.type !== 'row' && await contentOf(panel, answers[index], time) });

  const root = createRoot(document.getElementById('dashboard'));
  const show = (children) => flushSync(() => root.render(
    <ThemeContext.Provider value={theme}><GlobalStyles />{children}</ThemeContext.Provider>));
  show(null);
  // Charts measure and draw their letters once.
  await Promise.all([400, 500].map((weight) => document.fonts.load(`${weight} 12px Inter`)));
  const bottom = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h));
  const width = document.getElementById('dashboard').clientWidth;
  show(
    <>
      <Heading title={dashboard.title} range={time.range} />
      <div style={{ position: 'relative', height: bottom * (cell + gap) }}>
        {drawn.map(({ panel, content }, index) => {
          const box = place(panel.gridPos, width);
          return content ? <Panel key={index} panel={panel} content={content} box={box} />
            : <Row key={index} panel={panel} box={box} />;
        })}
      </div>
    </>,
  );
};
