import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html } from '../../../../../lambda/core/view/html.ts';

test('what is put into a page is escaped, unless it is a piece of one', () => {
  const evil = `<script>alert('x')</script>"&`;
  const escaped = '&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;';
  assert.equal(html`<p title="${evil}">${evil}</p>`.markup, `<p title="${escaped}">${escaped}</p>`);
  assert.equal(html`<p>${html`<b>${'a<b'}</b>`}</p>`.markup, '<p><b>a&lt;b</b></p>');
});

test('lists follow each other, and what is nothing leaves nothing', () => {
  assert.equal(html`${[1, 'a', html`<i></i>`]}${false}${null}${undefined}${0}`.markup, '1a<i></i>0');
});
