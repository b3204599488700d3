"use strict";
// What the reader has picked: a sector, a region, a firm, a week. Kept in the address after #.
const filter = (() => {
  const state = { sector: "", region: "", company: "", week: "" };
  const LINKED = { sector: "sector", place: "sector", region: "region", destination: "region", segment: "company" };
  const bar = document.querySelector(".filter");
  const chips = () => [...document.querySelectorAll(".chip[data-pick]")];
  const chip = (name, value) => chips().find((one) => one.dataset.pick === name && one.dataset.value === value);
  let redraw = () => {};

  const spoken = (week) => new Date(`${week}T00:00:00Z`).toLocaleDateString("en-GB", {
    day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
  });
  const known = (name, value) => {
    if (!bar || !value) return false;
    if (name !== "week") return chip(name, value) !== undefined;
    return /^\d{4}-\d\d-\d\d$/.test(value) && value >= bar.dataset.first && value <= bar.dataset.last;
  };
  const active = () => Object.values(state).some((value) => value);

  const read = () => {
    const asked = new URLSearchParams(window.location.hash.slice(1));
    for (const name of Object.keys(state)) {
      const value = asked.get(name) || "";
      state[name] = known(name, value) ? value : "";
    }
  };
  const write = () => {
    const kept = Object.entries(state).filter(([, value]) => value);
    const here = window.location.href.split("#")[0];
    const mark = kept.length ? `#${new URLSearchParams(kept)}` : "";
    if (mark || window.location.hash.includes("=")) window.history.replaceState(null, "", here + mark);
  };

  const fitSelects = (names) => {
    for (const select of document.querySelectorAll("form.choices select")) {
      const name = LINKED[select.dataset.choice];
      if (!name || !names.includes(name)) continue;
      const options = [...select.options];
      const wanted = options.find((option) => state[name] && option.value === state[name]);
      select.value = (wanted || options.find((option) => option.defaultSelected) || options[0]).value;
    }
    for (const slider of document.querySelectorAll("form.choices input[type=range]")) {
      if (!names.includes("week") || slider.dataset.choice !== "week") continue;
      const starts = slider.dataset.values.split(",");
      const last = starts.filter((start) => start <= state.week).length - 1;
      slider.value = state.week ? Math.max(0, last) : slider.defaultValue;
      const label = slider.dataset.labels.split("|")[Number(slider.value)];
      slider.setAttribute("aria-valuetext", label);
      slider.parentElement.querySelector("output").textContent = label;
    }
  };
  const fitRows = () => {
    for (const row of document.querySelectorAll("tr[data-of]")) {
      const [sector, region] = row.dataset.of.split("/");
      row.hidden = Boolean((state.sector && sector && sector !== state.sector)
        || (state.region && region && region !== state.region));
    }
  };
  const say = () => {
    const parts = ["company", "sector", "region"].filter((name) => state[name])
      .map((name) => chip(name, state[name]).textContent.trim());
    if (state.week) parts.push(`week of ${spoken(state.week)}`);
    const line = document.querySelector(".showing");
    line.hidden = !active();
    line.querySelector("span").textContent = active() ? `Showing: ${parts.join(", ")}. Sentences tell of the whole run.` : "";
    for (const one of chips()) one.setAttribute("aria-pressed", String(state[one.dataset.pick] === one.dataset.value));
    for (const one of document.querySelectorAll(".filter .all")) one.disabled = !active();
    for (const cell of document.querySelectorAll("button.cell")) {
      const same = (name) => !state[name] || !cell.dataset[name] || cell.dataset[name] === state[name];
      const picked = (state.sector || state.region) && same("sector") && same("region");
      cell.parentElement.classList.toggle("picked", Boolean(picked));
    }
  };
  const fit = (names) => {
    if (!bar) return;
    fitSelects(names);
    fitRows();
    say();
  };

  // Picks what is given; picking the same again lets go of it.
  const pick = (wanted) => {
    const given = Object.entries(wanted).filter(([name, value]) => known(name, value));
    if (!given.length) return;
    const again = given.every(([name, value]) => state[name] === value);
    for (const [name, value] of given) state[name] = again ? "" : value;
    const left = given.some(([name]) => name === "sector" || name === "region") && !wanted.company;
    if (left) state.company = "";
    fit([...given.map(([name]) => name), ...(left ? ["company"] : [])]);
    write();
    redraw();
  };
  const clear = () => {
    for (const name of Object.keys(state)) state[name] = "";
    fit(Object.keys(state));
    write();
    redraw();
  };
  const slide = (week) => {
    if (!known("week", week)) return;
    state.week = week;
    say();
    write();
  };

  const shows = (meta, choices) => ["sector", "region", "segment"].every((name) => {
    const wanted = state[name === "segment" ? "company" : name];
    return !wanted || meta[name] === undefined || choices.includes(name) || meta[name] === wanted;
  });
  const only = (trace, axis, codes, at) => {
    const next = { ...trace, meta: { ...trace.meta, [codes]: [trace.meta[codes][at]] }, [axis]: [trace[axis][at]] };
    for (const field of ["z", "text", "customdata"]) {
      if (!trace[field]) continue;
      next[field] = axis === "y" ? [trace[field][at]] : trace[field].map((row) => [row[at]]);
    }
    return next;
  };
  const faded = (trace) => {
    const here = trace.meta.places.map((place) => place === state.region);
    if (!here.includes(true)) return trace;
    const color = trace.link.color.map((shade, i) => (
      here[trace.link.source[i]] || here[trace.link.target[i]] ? shade.replace("0.38", "0.7") : "rgba(138,143,152,0.15)"
    ));
    return { ...trace, link: { ...trace.link, color } };
  };
  // The part of a trace that the filter leaves: rows and columns of maps, links of flows.
  const cut = (trace) => {
    const meta = trace.meta || {};
    let left = trace;
    for (const [codes, axis, name] of [["rows", "y", "region"], ["columns", "x", "sector"]]) {
      if (!meta[codes] || !state[name]) continue;
      const at = meta[codes].indexOf(state[name]);
      if (at < 0) return null;
      left = only(left, axis, codes, at);
    }
    return meta.places && state.region ? faded(left) : left;
  };

  const clicked = (event) => {
    const point = event.points[0];
    const meta = (point.data && point.data.meta) || {};
    const day = /^\d{4}-\d\d-\d\d/.test(point.x) ? String(point.x).slice(0, 10) : "";
    if (event.points.length > 1) return pick({ week: day });
    const [row, column] = Array.isArray(point.pointNumber) ? point.pointNumber : [0, 0];
    return pick({
      sector: meta.columns ? meta.columns[column] : meta.sector,
      region: meta.rows ? meta.rows[row] : meta.region,
      week: day,
    });
  };
  const legend = (event, choices) => {
    const meta = event.data[event.curveNumber].meta || {};
    if (!bar || !meta.sector || choices.includes("sector")) return true;
    pick({ sector: meta.sector });
    return false;
  };

  // A firm stands in a sector and a region, which are picked with it.
  const market = ({ dataset }) => (
    dataset.pick === "company" ? { sector: dataset.sector, region: dataset.region } : {}
  );

  const listen = (draw) => {
    if (!bar) return;
    redraw = draw;
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.classList.contains("all")) clear();
      else if (button.dataset.pick) pick({ [button.dataset.pick]: button.dataset.value, ...market(button) });
      else if (button.classList.contains("cell")) pick({ ...button.dataset });
    });
    window.addEventListener("hashchange", () => {
      if (!window.location.hash.includes("=")) return;
      read();
      fit(Object.keys(state));
      redraw();
    });
  };
  const start = () => {
    read();
    if (active()) fit(Object.keys(state).filter((name) => state[name]));
  };

  return { state, start, listen, shows, cut, slide, clicked, legend };
})();
