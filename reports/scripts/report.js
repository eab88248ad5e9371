(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* Colours: those of the system until the reader chooses. */
  const scheme = byId("scheme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const remembered = (value) => {
    try {
      if (value) localStorage.setItem("ddcheck-scheme", value);
      return localStorage.getItem("ddcheck-scheme");
    } catch {
      return null; /* a browser may forbid a file to remember anything */
    }
  };
  const isDark = () => (root.dataset.scheme ? root.dataset.scheme === "dark" : system.matches);
  const tellScheme = () => scheme.setAttribute("aria-pressed", String(isDark()));
  const chosen = remembered();
  if (chosen === "dark" || chosen === "light") root.dataset.scheme = chosen;
  scheme.addEventListener("click", () => {
    root.dataset.scheme = isDark() ? "light" : "dark";
    remembered(root.dataset.scheme);
    tellScheme();
  });
  system.addEventListener("change", tellScheme);
  tellScheme();
  scheme.hidden = false;

  /* Findings: shown if their outcome is among those chosen (or none is) and they hold the text. */
  const findings = all("article.finding");
  const groups = all("section.group");
  const buttons = all("#filter [data-show]");
  const text = byId("filter-text");
  const told = byId("filter-told");
  const spelled = new Map();
  const words = (finding) => {
    if (!spelled.has(finding)) spelled.set(finding, finding.textContent.toLowerCase().replace(/\s+/g, " "));
    return spelled.get(finding);
  };
  const filter = () => {
    const states = new Set(buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.show));
    const wanted = text.value.toLowerCase().trim().replace(/\s+/g, " ");
    let shown = 0;
    for (const finding of findings) {
      const fits = (!states.size || states.has(finding.dataset.state)) && (!wanted || words(finding).includes(wanted));
      finding.classList.toggle("out", !fits);
      shown += fits;
    }
    for (const group of groups) group.classList.toggle("out", !group.querySelector("article.finding:not(.out)"));
    told.textContent = told.dataset.told.replace("{shown}", shown).replace("{all}", findings.length);
  };
  const showAll = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", "false");
    text.value = "";
    filter();
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }
  text.addEventListener("input", filter);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") showAll();
  });
  const fold = (open) => {
    for (const part of all("article.finding:not(.out) > details")) part.open = open;
  };
  byId("open-all").addEventListener("click", () => fold(true));
  byId("fold-all").addEventListener("click", () => fold(false));
  byId("show-all").addEventListener("click", showAll);
  showAll();
  byId("filter").hidden = false;

  /* A link into something folded or filtered away opens the way to it. */
  const reveal = () => {
    let target = null;
    try {
      target = byId(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return; /* not the name of a place */
    }
    if (!target) return;
    if (target.closest(".out")) showAll();
    for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    const own = target.matches("article.finding") && target.querySelector("details");
    if (own) own.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) reveal(); /* no hash changes */
  });
  if (location.hash) reveal();

  /* The keyboard stops only at what is wider than its frame. */
  const frames = all(".drawing[tabindex], .scroll[tabindex]");
  const measure = () => {
    for (const frame of frames) frame.tabIndex = frame.scrollWidth > frame.clientWidth + 1 ? 0 : -1;
  };
  window.addEventListener("resize", measure);
  measure();

  /* Paper shows what adverse findings rest on, as the PDF does. */
  let opened = [];
  window.addEventListener("beforeprint", () => {
    const adverse = ["fail", "presumed", "warn"];
    opened = all("details.more:not([open])").filter((part) => adverse.includes(part.parentElement.dataset.state));
    for (const part of opened) part.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
  });
})();
