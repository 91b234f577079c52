extension ReportPage {
    /// How the page looks: colours by name, so that light, dark and paper differ in these alone.
    static let style = """
        :root { color-scheme: light dark; --page: #fbfaf8; --card: #ffffff; --ink: #1f2328;
          --soft: #59636e; --line: #d9d5cd; --bar: #2f6f9f; --bar2: #b5651d; --link: #1a5d92;
          --code: #f1eee8; }
        @media (prefers-color-scheme: dark) { :root { --page: #16191d; --card: #1f2429;
          --ink: #e8e6e1; --soft: #a4adb6; --line: #3a4149; --bar: #6fb1e0; --bar2: #e0a15e;
          --link: #8cc4f0; --code: #2a3037; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 68rem; padding: 1.5rem; background: var(--page);
          color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
        header p { color: var(--soft); margin: 0.25rem 0 0.75rem; }
        h1 { font-size: 1.8rem; line-height: 1.2; margin: 0; }
        h2 { font-size: 1.25rem; margin: 0 0 0.25rem; }
        nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.9rem; }
        a { color: var(--link); }
        section { margin: 2rem 0; }
        .lead { color: var(--soft); margin: 0 0 0.75rem; max-width: 46rem; }
        .note { border-left: 3px solid var(--line); color: var(--soft); margin: 0.75rem 0;
          padding: 0.1rem 0.75rem; }
        .figures { display: grid; gap: 0.75rem;
          grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); }
        .figure, figure, .wide { background: var(--card); border: 1px solid var(--line);
          border-radius: 0.5rem; padding: 0.75rem 0.9rem; break-inside: avoid; }
        .label { color: var(--soft); font-size: 0.85rem; }
        .value { font-size: 1.7rem; font-weight: 600; line-height: 1.25; }
        .value sup { color: var(--bar2); font-size: 0.7rem; font-weight: 400; margin-left: 0.3rem; }
        .detail, .links { font-size: 0.8rem; color: var(--soft); }
        figure, .wide { margin: 0.75rem 0; }
        .wide { overflow-x: auto; }
        figcaption, caption { font-weight: 600; font-size: 0.95rem; text-align: left;
          margin-bottom: 0.5rem; }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font: 12px system-ui, "DejaVu Sans", sans-serif; }
        svg .strong { fill: var(--ink); paint-order: stroke; stroke: var(--card);
          stroke-width: 4; }
        svg .bar { fill: var(--bar); }
        svg .axis { stroke: var(--line); stroke-width: 1; }
        svg .mark { stroke: var(--bar2); stroke-width: 1.5; stroke-dasharray: 4 3; }
        svg .flow { stroke: var(--bar); fill: none; }
        svg .tip { fill: var(--bar); }
        svg .node { fill: var(--card); stroke: var(--bar2); stroke-width: 1.5; }
        table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
        th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.6rem 0.3rem 0;
          text-align: left; vertical-align: top; overflow-wrap: anywhere; }
        th { color: var(--soft); font-weight: 600; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .name { white-space: nowrap; }
        .matrix td { background: color-mix(in srgb, var(--bar) var(--weight), transparent);
          padding-right: 0.6rem; }
        code { background: var(--code); border-radius: 0.25rem; font-size: 0.85em;
          padding: 0.1rem 0.35rem; }
        @media print { :root { --page: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444;
          --line: #bbbbbb; --bar: #33658a; --bar2: #a4561a; --link: #000000; --code: #eeeeee; }
          body { max-width: none; padding: 0; font-size: 11pt; }
          nav { display: none; } a { text-decoration: none; }
          h2, .lead { break-after: avoid; } tr { break-inside: avoid; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }

        """
}
