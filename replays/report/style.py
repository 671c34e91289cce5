"""The page's look. The two players are orange and blue as in the viewer, which colour-blind readers tell
apart; dark where wanted."""

from __future__ import annotations

from typing import Final

CSS: Final = """
:root {
  --ground: #f7f8fa; --card: #ffffff; --ink: #1c2430; --soft: #5d6878; --line: #d9dee6;
  --p0: #c24e00; --p1: #0068ad; --p0-soft: #fde3cd; --p1-soft: #d8e7fb;
  --good: #1b7f46; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --card: #1a2029; --ink: #e6eaf0; --soft: #9aa5b5; --line: #313a47;
    --p0: #f08a45; --p1: #56b4e9; --p0-soft: #4a2e15; --p1-soft: #1d3554;
    --good: #5fcf8f; --bad: #f2877f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 1340px; margin: 0 auto; padding: 20px 24px 48px; }
h1 { font-size: 26px; margin: 0 0 2px; line-height: 1.25; }
h2 { font-size: 18px; margin: 34px 0 10px; }
.meta { color: var(--soft); margin: 0 0 16px; }
.note { color: var(--soft); font-size: 13px; margin: 4px 0 0; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 16px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; }
.b0 { --side: #0f8f8a; } .b1 { --side: #d1495b; } .b2 { --side: #6f8f1f; } .b3 { --side: #b05fc4; }
.b4 { --side: #c7a11c; } .b5 { --side: #7b8796; }
.player { border-top: 4px solid var(--side); }
.p0 { --side: var(--p0); --side-soft: var(--p0-soft); }
.p1 { --side: var(--p1); --side-soft: var(--p1-soft); }
.player h3 { margin: 0 0 8px; font-size: 19px; overflow-wrap: anywhere; }
.player h3 .race { color: var(--soft); font-weight: 400; }
.badge { float: right; font-size: 13px; padding: 2px 10px; border-radius: 999px; border: 1px solid currentColor; }
.badge.Win { color: var(--good); } .badge.Loss { color: var(--bad); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 8px 14px; margin: 0; }
.facts dt { color: var(--soft); font-size: 12.5px; } .facts dd { margin: 0; font-weight: 600; }
.name { color: var(--side); font-weight: 600; }
ol.moments { list-style: none; margin: 0; padding: 0; }
ol.moments li { display: grid; grid-template-columns: 28px 54px 1fr; gap: 8px; padding: 6px 10px;
  border-left: 4px solid var(--side, var(--line)); border-bottom: 1px solid var(--line); }
ol.moments li:last-child { border-bottom: 0; }
ol.moments .time { font-variant-numeric: tabular-nums; font-weight: 600; }
.number { display: inline-block; min-width: 20px; height: 20px; border-radius: 10px; text-align: center;
  font-size: 12px; line-height: 20px; background: var(--ink); color: var(--card); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(520px, 100%), 1fr)); gap: 16px; }
figure { margin: 0; }
figure.chart { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; }
figcaption { font-weight: 600; } .unit { color: var(--soft); font-weight: 400; font-size: 13px; }
svg { width: 100%; height: auto; display: block; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 0 0 10px; color: var(--soft); font-size: 13.5px; }
.legend i { display: inline-block; width: 22px; height: 0; border-top: 3px solid var(--side); vertical-align: middle; }
.legend i.cap { border-top: 2px dashed var(--side); }
.legend i.block { height: 12px; border: 0; background: var(--side); opacity: .28; }
.grid { stroke: var(--line); stroke-width: 1; }
.tick, .axis { fill: var(--soft); font-size: 11px; }
.line { fill: none; stroke: var(--side); stroke-width: 2; stroke-linejoin: round; }
.dot { fill: var(--side); fill-opacity: .75; }
.line.cap { stroke-width: 1.2; stroke-dasharray: 4 3; }
.shade { fill: var(--side); opacity: .22; }
.mark line { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; opacity: .75; }
.mark text { fill: var(--soft); font-size: 10px; }
.map { max-width: 620px; border-radius: 6px; }
.ground { fill: #20262e; }
.heat rect { fill: var(--side); }
.heat.p0, .fight.p0, .base.p0 { --side: #f59a45; } .heat.p1, .fight.p1, .base.p1 { --side: #5aa0f5; }
.mineral { fill: #59c3e8; } .geyser { fill: #55b860; }
.fight circle { fill: var(--side); fill-opacity: .16; stroke: var(--side); stroke-width: 1.6; }
.fight text { fill: #ffffff; font-size: 12px; font-weight: 700; }
.base rect { fill: var(--side); stroke: #ffffff; stroke-width: 1; }
.base text { fill: #10151b; font-size: 11px; font-weight: 700; }
.base.gone rect { fill: #20262e; stroke: var(--side); stroke-dasharray: 3 2; } .base.gone text { fill: var(--side); }
.with-map { display: grid; grid-template-columns: minmax(300px, 620px) minmax(280px, 1fr); gap: 18px; }
@media (max-width: 820px) { .with-map { grid-template-columns: 1fr; } }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: 12.5px; }
td, th { padding: 3px 8px; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.cancelled td { color: var(--soft); } tr.cancelled .what { text-decoration: line-through; }
tr.destroyed .what, .bad { color: var(--bad); }
.tag { color: var(--soft); font-size: 12px; }
.scroll { overflow-x: auto; }
footer { color: var(--soft); font-size: 13px; margin-top: 34px; border-top: 1px solid var(--line); padding-top: 10px; }
"""
