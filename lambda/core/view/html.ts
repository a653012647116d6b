/** Markup that may stand in a page as it is. Only `html` makes it, so that nothing of a configuration or a server gets in unescaped. */
export type Html = { readonly markup: string };

type Value = Html | string | number | null | undefined | false | readonly Value[];

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

const markupOf = (value: Value): string => {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(markupOf).join('');
  return (value as Html).markup;
};

/** A drawing of our own, in which what came from elsewhere was escaped by who drew it. */
export const drawing = (svg: string): Html => ({ markup: svg });

/** A piece of a page: what is put in is escaped, unless it is a piece itself. */
export const html = (texts: TemplateStringsArray, ...values: Value[]): Html => ({
  markup: texts.reduce((all, text, at) => all + markupOf(values[at - 1]) + text),
});
