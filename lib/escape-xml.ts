const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader makes a blank of a line break in an attribute, and one of two in a text, unless it is written so.
  '\r': '&#xD;',
  '\n': '&#xA;',
};

/** Text as it may stand in an XML element, or in an attribute between double quotes, and comes out of it as it was. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"\r\n]/g, (character) => ESCAPES[character]!);
