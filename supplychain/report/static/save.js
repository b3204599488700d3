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
  const csv = (section) => {
    const table = section.querySelector("table");
    const rows = [[...table.tHead.rows[0].cells].map(head)];
    for (const row of table.tBodies[0].rows) rows.push([...row.cells].map(field));
    return `\ufeff${rows.map((row) => row.join(",")).join("\r\n")}\r\n`;
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
    if (button.dataset.save === "csv") {
      hand(new Blob([csv(section)], { type: "text/csv;charset=utf-8" }), `${stem(section.id)}.csv`);
      return;
    }
    hand(await picture(section), `${stem(section.id)}.png`);
  });

  return { csv, picture, chosen, stem };
})();
