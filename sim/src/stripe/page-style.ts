// How the stand-in's pages look: one column, light and dark, for a thumb.

export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1f2733; --dim: #5d6878; --paper: #fff; --ground: #f3f5f8; --line: #d9dfe7;
  --accent: #4f46c8; --on-accent: #fff; --soft: #efeefb; --warn-ink: #6b4a00; --warn: #fdf0cf; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --dim: #a2acba; --paper: #1b2028; --ground: #12161c;
  --line: #343c48; --accent: #a9a3ff; --on-accent: #17143d; --soft: #262544; --warn-ink: #f6dd9c; --warn: #3a2f12; --bad: #ff9a92; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.banner { background: var(--warn); color: var(--warn-ink); text-align: center; padding: .6rem 1rem; font-weight: 600; font-size: .9rem; }
main { max-width: 27rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 .4rem; letter-spacing: -.01em; }
.lead { color: var(--dim); margin: 0 0 1.25rem; }
fieldset { border: 0; margin: 0; padding: 0; }
fieldset + fieldset { margin-top: 1.25rem; }
legend { font-weight: 600; padding: 0; margin-bottom: .5rem; }
.cards { background: var(--paper); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
label { display: grid; grid-template-columns: 1.5rem 1fr auto; gap: .1rem .75rem; align-items: center; padding: .7rem 1rem;
  min-height: 44px; cursor: pointer; border-top: 1px solid var(--line); }
label:first-child { border-top: 0; }
label:has(:checked) { background: var(--soft); }
label:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: -3px; }
input { accent-color: var(--accent); width: 1.2rem; height: 1.2rem; margin: 0; grid-row: span 2; }
.name { font-weight: 600; }
.digits { color: var(--dim); font-variant-numeric: tabular-nums; white-space: nowrap; }
.says { grid-column: 2 / -1; color: var(--dim); font-size: .875rem; }
button, .button { display: block; width: 100%; margin-top: 1.25rem; min-height: 48px; padding: .75rem; border: 0; border-radius: 12px;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
button.quiet { background: transparent; color: var(--accent); border: 1px solid var(--line); margin-top: .75rem; }
/* The list of cards is long. */
button:not([name]) { position: sticky; bottom: .75rem; }
.cancel { display: block; padding: .9rem; text-align: center; color: var(--dim); }
.bad { border: 1px solid var(--bad); color: var(--bad); border-radius: 12px; padding: .7rem 1rem; margin: 0 0 1rem; }
`;
