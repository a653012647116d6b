import { type Html, html } from '../lambda/core/view/html.ts';

/** What every view has in common. */
export type Shell = {
  title: string;
  deployment: string;
  /** Where the deployment is: `this machine`, or a region. */
  where: string;
  /** How people call a command. */
  called: string;
  /** A path below `/`, whose name the way back shows; absent on the view of all sites. */
  back?: boolean;
};

/** A whole page around its parts. There is no style and no script in it: both are files of their own, as its policy demands. */
export const page = ({ title, deployment, where, called, back }: Shell, main: Html): string =>
  `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script src="/live.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="home" href="/"><span class="mark" aria-hidden="true"></span>Switchover</a>
<span class="place">${deployment}, ${where}</span>
<nav class="back" aria-label="Views">${back && html`<a href="/">All sites</a> `}<a href="/doctor">Doctor</a> <a href="/dashboard">Dashboard</a></nav>
<span class="live" id="live" hidden>live</span>
</header>
<main id="main" tabindex="-1">
${main}
</main>
<div id="say" class="vh" role="status" aria-live="polite"></div>
<footer>Times are UTC. Everything here can be done on the command line: <code>${called} help</code>.</footer>
</body>
</html>`.markup
  }\n`;
