// A figure as a picture, its table as CSV. Nothing leaves the machine: files are made here.
const save = (() => {
  const MARGIN = 24;
  const SCALE = 2;
  const plain = (text) => text.replace(/\u00a0/g, " ").replace(/\s+/g, " ").trim();
  const stem = (id) => `${document.documentElement.dataset.name || "report"}-${id}`.replace(/[^\w.-]+/g, "-");

  const hand = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  // A spreadsheet takes a text with such a first letter for a formula; an apostrophe stops it.
  const guarded = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const field = (cell) => {
    const { value } = cell.dataset;
    const counted = value !== undefined && value !== "" && Number.isFinite(Number(value));
    return quoted(counted ? value : guarded(value || plain(cell.textContent)));
  };
  const head = (cell) => quoted(guarded(cell.dataset.csv || plain(cell.textContent)));
  // Where the numbers come from: columns of each file, the last line of each picture.
  const made = () => new Date(document.lastModified).toISOString().replace(".000Z", "Z");
  const origin = () => Object.entries({ ...JSON.parse(document.documentElement.dataset.origin || "{}"), Made: made() });
  const file = (rows) => {
    const [names, facts] = [0, 1].map((at) => origin().map((fact) => quoted(guarded(fact[at]))));
    const lines = rows.map((row, i) => [...row, ...(i ? facts : names)].join(","));
    return `\ufeff${lines.join("\r\n")}\r\n`;
  };
  const csv = (section) => {
    const table = section.querySelector("table");
    const rows = [[...table.tHead.rows[0].cells].map(head)];
    for (const row of table.tBodies[0].rows) rows.push([...row.cells].map(field));
    return file(rows);
  };

  // What the charts of a figure show just now, a point a row: of a map x, y and z, of flows from and to.
  const label = (axis) => (axis && axis.title && axis.title.text) || "";
  const points = (trace) => {
    const at = (list, i) => (list && list[i] !== undefined && list[i] !== null ? list[i] : "");
    if (trace.type === "sankey") {
      const { source, target, value } = trace.link;
      return Array.from(value, (amount, i) => [trace.node.label[source[i]], trace.node.label[target[i]], amount, "", ""]);
    }
    if (trace.z) {
      return Array.from(trace.y).flatMap((y, i) => Array.from(trace.x, (x, j) => [x, y, at(trace.z[i], j), "", ""]));
    }
    const bar = trace.error_x || {};
    return Array.from(trace.x || [], (x, i) => (bar.array
      ? [x, at(trace.y, i), "", x - at(bar.arrayminus, i), x + at(bar.array, i)] : [x, at(trace.y, i), "", "", ""]));
  };
  const drawn = (section) => {
    const rows = [["Chart", "Series", "x", "y", "z", "low", "high", "Axes and unit"]];
    const unit = plain(section.querySelector(".unit").textContent);
    for (const panel of section.querySelectorAll(".panel")) {
      const place = panel.querySelector(".chart");
      if (panel.querySelector(".frame").hidden || !place.data) continue;
      const heading = panel.querySelector("h3");
      const axes = [label(place.layout.xaxis), label(place.layout.yaxis), unit].filter((word) => word).join("; ");
      for (const trace of place.data) {
        if (trace.visible === false || trace.visible === "legendonly") continue;
        for (const point of points(trace)) rows.push([heading ? plain(heading.textContent) : "", trace.name || "", ...point, axes]);
      }
    }
    return file(rows.map((row) => row.map((cell) => quoted(typeof cell === "number" ? String(cell) : guarded(plain(String(cell)))))));
  };

  const lines = (pen, text, width) => {
    const found = [""];
    for (const word of text.split(" ")) {
      const longer = `${found[found.length - 1]} ${word}`.trim();
      if (pen.measureText(longer).width > width && found[found.length - 1]) found.push(word);
      else found[found.length - 1] = longer;
    }
    return found;
  };
  const loaded = async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    return image;
  };
  // What is shown: the scenario and what is chosen in the figure.
  const chosen = (section) => {
    const told = [...section.querySelectorAll("form.choices .choice")].map((choice) => {
      const select = choice.querySelector("select");
      const value = select ? select.selectedOptions[0].textContent : choice.querySelector("output").textContent;
      return `${plain(choice.querySelector("span").textContent)}: ${plain(value)}`;
    });
    return [document.documentElement.dataset.name, ...told].join(" · ");
  };
  const picture = async (section) => {
    const style = getComputedStyle(document.documentElement);
    const tone = (name) => style.getPropertyValue(name).trim();
    const family = getComputedStyle(document.body).fontFamily;
    const parts = [{ text: plain(section.querySelector("h2").textContent), font: `600 20px ${family}`, step: 28 }];
    parts.push({ text: chosen(section), font: `13px ${family}`, step: 22 });
    let width = 0;
    for (const panel of section.querySelectorAll(".panel")) {
      const place = panel.querySelector(".chart");
      if (panel.querySelector(".frame").hidden || !place.clientWidth) continue;
      const size = { width: place.clientWidth, height: place.clientHeight };
      const heading = panel.querySelector("h3");
      if (heading) parts.push({ text: plain(heading.textContent), font: `600 14px ${family}`, step: 26 });
      const source = await Plotly.toImage(place, { format: "png", scale: SCALE, ...size });
      parts.push({ image: await loaded(source), ...size, step: size.height + 8 });
      width = Math.max(width, size.width);
    }
    parts.push({ text: plain(section.querySelector("figcaption").textContent), font: `13px ${family}`, step: 18 });
    const facts = origin().map((fact) => fact.join(": ")).join(" · ");
    if (facts) parts.push({ text: facts, font: `11px ${family}`, step: 16 });
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const told = parts.flatMap((part) => {
      if (part.image) return [part];
      pen.font = part.font;
      return lines(pen, part.text, width).map((text) => ({ ...part, text }));
    });
    canvas.width = (width + 2 * MARGIN) * SCALE;
    canvas.height = (told.reduce((sum, part) => sum + part.step, 0) + 2 * MARGIN) * SCALE;
    pen.scale(SCALE, SCALE);
    pen.fillStyle = tone("--paper");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = tone("--ink");
    let top = MARGIN;
    for (const part of told) {
      pen.font = part.font || "";
      if (part.image) pen.drawImage(part.image, MARGIN, top, part.width, part.height);
      else pen.fillText(part.text, MARGIN, top + part.step * 0.7);
      top += part.step;
    }
    return new Promise((done) => { canvas.toBlob(done, "image/png"); });
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-save]");
    if (!button) return;
    const section = button.closest("section");
    const text = { csv, drawn }[button.dataset.save];
    if (text) {
      const mark = text === drawn ? "-drawn" : "";
      hand(new Blob([text(section)], { type: "text/csv;charset=utf-8" }), `${stem(section.id)}${mark}.csv`);
      return;
    }
    hand(await picture(section), `${stem(section.id)}.png`);
  });

  return { csv, drawn, picture, chosen, stem };
})();
