(() => {
  const page = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 640;
  const SHEET = 680; // CSS pixels between the margins of an A4 page
  const SCALES = {
    loss: {
      light: [[0, "#f4f5f7"], [0.02, "#fde6d2"], [0.25, "#f7b37a"], [0.55, "#d9681a"], [1, "#7a2c00"]],
      dark: [[0, "#20252c"], [0.02, "#4a2c17"], [0.25, "#8a4312"], [0.55, "#d9681a"], [1, "#ffd9b0"]],
    },
    cover: {
      light: [[0, "#7a2c00"], [0.2, "#d9681a"], [0.6, "#fbe3cd"], [0.8, "#e3eef6"], [1, "#7fb5d8"]],
      dark: [[0, "#ffc68f"], [0.2, "#d9681a"], [0.6, "#4a3426"], [0.8, "#1f2f3b"], [1, "#2f6f9c"]],
    },
    difference: {
      light: [[0, "#0072b2"], [0.5, "#f4f5f7"], [1, "#c24f00"]],
      dark: [[0, "#4aa3dd"], [0.5, "#20252c"], [1, "#f08030"]],
    },
  };
  const CONFIG = {
    responsive: true, displaylogo: false, displayModeBar: "hover", showSendToCloud: false, scrollZoom: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  };
  let figures = {};
  let paper = false;

  const unpack = async (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };

  const chosen = (id) => {
    const picked = {};
    const form = document.querySelector(`form[data-figure="${id}"]`);
    if (!form) return picked;
    for (const input of form.querySelectorAll("[data-choice]")) {
      picked[input.dataset.choice] = input.type === "range"
        ? input.dataset.values.split(",")[Number(input.value)] : input.value;
    }
    return picked;
  };

  const matches = (trace, names, picked) => {
    const meta = trace.meta || {};
    return names.every((name) => meta[name] === undefined || meta[name] === picked[name]) && filter.shows(meta, names);
  };

  const put = (object, path, value) => {
    const steps = path.split(".");
    const last = steps.pop();
    let at = object;
    for (const step of steps) at = at[step] = { ...at[step] };
    at[last] = value;
  };

  // A line where the chosen week is.
  const marked = (layout) => {
    const shapes = (layout.shapes || []).filter((shape) => shape.name !== "week");
    if (!filter.state.week || !layout.xaxis || layout.xaxis.type !== "date") return shapes;
    const tone = getComputedStyle(page).getPropertyValue("--accent").trim();
    const x = filter.state.week;
    return [...shapes, {
      name: "week", type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line: { width: 2, color: tone },
    }];
  };

  const dressed = (chart, traces, narrow) => {
    const style = getComputedStyle(page);
    const tone = (name) => style.getPropertyValue(name).trim();
    const layout = {
      ...chart.layout,
      font: { family: getComputedStyle(document.body).fontFamily, size: narrow ? 11 : 13, color: tone("--ink") },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      hoverlabel: { bgcolor: tone("--panel"), bordercolor: tone("--line"), font: { color: tone("--ink") } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: tone("--quiet"), activecolor: tone("--accent") },
    };
    for (const key of Object.keys(layout)) {
      if (!/^[xy]axis/.test(key)) continue;
      layout[key] = { gridcolor: tone("--grid"), linecolor: tone("--line"), zerolinecolor: tone("--line"), ...layout[key] };
    }
    const heads = traces.flatMap((trace) => (trace.meta && trace.meta.annotations) || []);
    if (heads.length) layout.annotations = heads;
    layout.shapes = marked(layout);
    if (traces.length === 1 && traces[0].meta && traces[0].meta.rows && traces[0].meta.rows.length === 1) {
      layout.height = Math.min(layout.height, 190);
    }
    if (chart.most) layout.height *= (traces.length + 1.5) / (chart.most + 1.5);
    if (narrow) for (const [path, value] of Object.entries(chart.narrow)) put(layout, path, value);
    return layout;
  };

  const painted = (trace, shade, narrow) => {
    const scale = trace.meta && SCALES[trace.meta.scale];
    if (!scale) return trace;
    return { ...trace, colorscale: scale[shade], showscale: !narrow };
  };

  const draw = (place) => {
    const figure = figures[place.dataset.figure];
    const chart = figure.charts[Number(place.dataset.chart)];
    const narrow = !paper && place.clientWidth < NARROW && !place.parentElement.classList.contains("wide");
    const picked = chosen(place.dataset.figure);
    const shade = dark.matches && !paper ? "dark" : "light";
    const traces = chart.traces.filter((trace) => matches(trace, figure.choices, picked))
      .map(filter.cut).filter((trace) => trace)
      .slice(0, chart.most || Infinity)
      .map((trace) => painted(trace, shade, narrow));
    const panel = place.closest(".panel");
    panel.querySelector(".none").hidden = traces.length > 0;
    panel.querySelector(".frame").hidden = traces.length === 0;
    if (!traces.length) return null;
    const layout = dressed(chart, traces, narrow);
    if (paper) Object.assign(layout, { width: SHEET, autosize: false });
    place.style.height = `${layout.height}px`;
    const named = { ...CONFIG, toImageButtonOptions: { filename: save.stem(place.dataset.figure), scale: 2 } };
    const drawn = Plotly.react(place, traces, layout, named);
    if (!place.dataset.heard) {
      place.dataset.heard = "yes";
      place.on("plotly_click", filter.clicked);
      place.on("plotly_legendclick", (event) => filter.legend(event, figure.choices));
    }
    return drawn;
  };

  const places = () => [...document.querySelectorAll(".chart")];
  const redraw = () => places().forEach(draw);
  const mark = () => {
    for (const place of places()) {
      if (place.layout && place.layout.xaxis && place.layout.xaxis.type === "date") {
        Plotly.relayout(place, { shapes: marked(place.layout) });
      }
    }
  };

  // Flows are drawn in a movement that would not end before the print: they are scaled instead.
  const moves = (place) => place.querySelector(".sankey") !== null;
  const scaled = (place, on) => {
    for (const drawing of place.querySelectorAll(".main-svg")) {
      const size = `0 0 ${drawing.getAttribute("width")} ${drawing.getAttribute("height")}`;
      if (on) drawing.setAttribute("viewBox", size);
      else drawing.removeAttribute("viewBox");
    }
  };
  const forPaper = (on) => {
    paper = on;
    if (on) page.dataset.paper = "yes";
    else delete page.dataset.paper;
    for (const place of places()) {
      if (moves(place)) scaled(place, on);
      else draw(place);
    }
  };
  const breathe = () => new Promise((done) => { setTimeout(done, 0); });

  const listen = () => {
    for (const form of document.querySelectorAll("form.choices")) {
      form.addEventListener("submit", (event) => event.preventDefault());
      const redrawn = () => {
        places().filter((place) => place.dataset.figure === form.dataset.figure).forEach(draw);
      };
      form.addEventListener("change", (event) => {
        if (event.target.tagName === "SELECT") redrawn();
        else if (event.target.dataset.choice === "week") mark();
      });
      form.addEventListener("input", (event) => {
        const input = event.target;
        if (input.type !== "range") return;
        const label = input.dataset.labels.split("|")[Number(input.value)];
        input.setAttribute("aria-valuetext", label);
        input.parentElement.querySelector("output").textContent = label;
        if (input.dataset.choice === "week") filter.slide(input.dataset.values.split(",")[Number(input.value)]);
        redrawn();
      });
    }
    filter.listen(redraw);
    dark.addEventListener("change", redraw);
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if ((width < NARROW) !== (window.innerWidth < NARROW)) redraw();
      width = window.innerWidth;
    });
    let closed = [];
    window.addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      closed.forEach((details) => { details.open = true; });
      forPaper(true);
    });
    window.addEventListener("afterprint", () => {
      closed.forEach((details) => { details.open = false; });
      forPaper(false);
    });
  };

  const start = async () => {
    const [library, data] = await Promise.all([unpack("library"), unpack("figures")]);
    const script = document.createElement("script");
    script.textContent = library;
    document.head.append(script);
    figures = JSON.parse(data);
    filter.start();
    listen();
    for (const place of places()) {
      await draw(place);
      await breathe();
    }
    page.dataset.drawn = "yes";
  };

  start().catch((error) => {
    page.dataset.drawn = "failed";
    for (const panel of document.querySelectorAll(".panel .none")) {
      panel.hidden = false;
      panel.textContent = "This browser cannot draw the figure. The numbers are in the table below.";
    }
    console.error(error);
  });
})();
