import { drawing, type Html } from './html.ts';

/** The look of a widget, in the colours of the dashboard's theme. CloudWatch allows a `<style>`, and no file of ours. */
export const widgetStyle = (theme: 'light' | 'dark'): Html => {
  const [bad, warn, hand, fine, ink, dim, line] =
    theme === 'dark'
      ? ['#ff9ba6', '#f2c56e', '#c0b8ff', '#82d9a3', '#e5eaf1', '#9fabba', '#2d3642']
      : ['#a3162a', '#774900', '#44379b', '#1a6638', '#1b2430', '#55606f', '#dce1e8'];
  return drawing(`<style>
.sw{color:${ink};font-size:14px;line-height:1.45}
.sw .bad{color:${bad}}.sw .warn{color:${warn}}.sw .hand{color:${hand}}.sw .fine{color:${fine}}
.sw .dim{color:${dim}}.sw b{font-weight:700}
.sw .counts span{margin-right:14px}
.sw .cell{display:inline-block;min-width:24px;line-height:22px;text-decoration:none;text-align:center;margin:1px;border:1px solid ${line};border-radius:4px}
.sw .item{border-left:4px solid ${line};padding:2px 8px;margin:6px 0}
.sw svg{max-width:100%;height:auto}
.sw svg text{fill:${ink};font-size:13px}
.sw svg .end{display:none}.sw svg .tick{stroke:${line}}.sw svg .move{stroke:${ink}}
.sw svg .h-up{fill:${fine};opacity:.55}.sw svg .h-down{fill:${bad}}.sw svg .h-unknown{fill:${dim};opacity:.4}
.sw svg .s-on{fill:${dim};opacity:.3}.sw svg .caches{fill:${warn}}.sw svg .hand{fill:${hand}}
.sw svg .vote.ok{fill:${fine}}.sw svg .vote.no{fill:${bad}}.sw svg .mail{fill:none;stroke:${ink}}
</style>`);
};
