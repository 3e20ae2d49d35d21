// What JavaScript adds to pages that are complete without it: uploads with progress, photos in a viewer, and the
// mean colour of a photo while it loads. One module, no dependency. Elements are found by data attributes.

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// What is said stands in the page, in its language.

const texts = JSON.parse(document.body.dataset.texts);
const say = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (_, variable) => values[variable]);

// Placeholders: the mean colour out of a thumbhash (its first three bytes).

const meanColour = (thumbhash) => {
  const bytes = Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0));
  if (bytes.length < 5) return "";
  const header = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
  const light = (header & 63) / 63;
  const p = ((header >> 6) & 63) / 31.5 - 1;
  const q = ((header >> 12) & 63) / 31.5 - 1;
  const blue = light - (2 / 3) * p;
  const red = (3 * light - blue + q) / 2;
  const byte = (part) => Math.round(255 * Math.min(1, Math.max(0, part)));
  return `rgb(${byte(red)} ${byte(red - q)} ${byte(blue)})`;
};

for (const link of document.querySelectorAll("a[data-placeholder]")) {
  const image = link.querySelector("img");
  if (image.complete) continue;
  link.style.backgroundColor = meanColour(link.dataset.placeholder);
  image.style.backgroundColor = "transparent";
}

// Uploads: every file by itself, some at a time, through the JSON API.

const AT_A_TIME = 3;

// Statuses that may be gone when the same file is sent again: no answer, no session, too busy, no space.
const PASSING = [0, 401, 408, 409, 429, 500, 502, 503, 504, 507];

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

const inMegabytes = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
const megabytes = (bytes) => `${inMegabytes.format(bytes / 1e6)}\u00a0MB`;

const reasonOf = (request) => {
  if (request.status === 401) return say("logged-out");
  try {
    const problem = JSON.parse(request.responseText);
    return problem.errors?.map((error) => error.detail).join(" ") || problem.detail;
  } catch {
    return say("unreachable");
  }
};

class Uploads {
  constructor(form) {
    this.form = form;
    this.list = form.querySelector(".uploads");
    this.status = form.querySelector("[data-upload-status]");
    this.limit = Number(form.dataset.limit);
    this.waiting = [];
    this.running = 0;
    this.done = 0;
    this.failed = 0;
    this.listen();
  }

  listen() {
    const input = this.form.querySelector("input[type=file]");
    const take = () => {
      this.add(input.files);
      input.value = "";
    };
    input.addEventListener("change", take);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (input.files.length > 0) take();
      else input.click();
    });
    this.form.querySelector(".actions").hidden = true;
    this.form.querySelector("[data-drop-hint]").hidden = false;
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      this.form.classList.add("drop-over");
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.form.classList.remove("drop-over");
    });
    document.addEventListener("drop", (event) => {
      this.form.classList.remove("drop-over");
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      this.add(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length > 0) this.add(event.clipboardData.files);
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.running > 0) event.preventDefault();
    });
  }

  add(files) {
    this.list.hidden = false;
    for (const file of files) {
      const bar = make("progress", { max: 1, value: 0 });
      bar.setAttribute("aria-label", file.name);
      const state = make("span", { className: "soft", textContent: say("waiting") });
      const row = make("li", {}, make("span", { textContent: file.name }), state, bar);
      this.list.append(row);
      this.enqueue({ file, bar, state, row, key: newKey() });
    }
  }

  enqueue(upload) {
    if (upload.file.size > this.limit) {
      // A tenth more than allowed at least, in what is said.
      const size = Math.max(upload.file.size, this.limit + 1e5);
      const sizes = { size: megabytes(size), limit: megabytes(this.limit) };
      this.refuse(upload, say("too-large", sizes), false);
    } else {
      this.waiting.push(upload);
    }
    this.next();
  }

  next() {
    while (this.running < AT_A_TIME && this.waiting.length > 0) this.send(this.waiting.shift());
    this.status.textContent = this.summary();
    if (this.running > 0 || this.done === 0) return;
    if (this.failed === 0) location.assign(location.pathname);
    else if (!this.again) this.list.after((this.again = this.reloadLink()));
  }

  send(upload) {
    this.running += 1;
    upload.row.querySelector("button")?.remove();
    upload.bar.hidden = false;
    upload.state.className = "soft";
    const request = new XMLHttpRequest();
    request.open("POST", this.form.dataset.upload);
    request.setRequestHeader("Idempotency-Key", upload.key);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      upload.bar.value = loaded / total;
      const percent = Math.floor((100 * loaded) / total);
      upload.state.textContent = loaded < total ? say("percent", { percent }) : say("processing");
    });
    request.addEventListener("loadend", () => {
      this.running -= 1;
      if (request.status === 201) this.finish(upload);
      else this.refuse(upload, reasonOf(request), PASSING.includes(request.status));
      this.next();
    });
    const body = new FormData();
    body.append("file", upload.file);
    request.send(body);
  }

  finish(upload) {
    this.done += 1;
    upload.bar.remove();
    upload.state.textContent = say("done");
  }

  refuse(upload, reason, retry) {
    this.failed += 1;
    upload.bar.hidden = true;
    upload.state.className = "error";
    upload.state.textContent = reason;
    if (!retry) return;
    const button = make("button", { type: "button", textContent: say("retry") });
    button.addEventListener("click", () => {
      this.failed -= 1;
      this.enqueue(upload);
    });
    upload.row.append(button);
  }

  summary() {
    const counts = { done: this.done, all: this.list.children.length, failed: this.failed };
    return say(this.failed === 0 ? "progress" : "progress-failed", counts);
  }

  reloadLink() {
    return make("a", { className: "button", href: location.pathname, textContent: say("show-new") });
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) new Uploads(form);

// Viewer: the photos of a page, one at a time, over everything else.

const SWIPE = 48; // pixels

class Viewer {
  constructor(links) {
    this.links = links;
    this.at = 0;
    this.image = make("img", { alt: "" });
    this.title = make("span", { className: "viewer-title" });
    this.details = make("a", { className: "button", textContent: say("details") });
    this.close = this.button(say("close"), "×", () => this.dialog.close());
    this.close.autofocus = true;
    this.before = this.step(-1, say("previous"), "‹");
    this.after = this.step(1, say("next"), "›");
    const bar = make("div", { className: "viewer-bar" }, this.title, this.details, this.close);
    const stage = make("div", { className: "viewer-stage" }, this.image, this.before, this.after);
    this.dialog = make("dialog", { className: "viewer" }, make("div", { className: "viewer-frame" }, bar, stage));
    this.dialog.setAttribute("aria-label", say("photo"));
    this.title.setAttribute("aria-live", "polite");
    document.body.append(this.dialog);
    this.listen(stage);
  }

  button(label, text, act) {
    const button = make("button", { type: "button", textContent: text });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    return button;
  }

  step(by, label, text) {
    const button = this.button(label, text, () => this.go(by));
    button.className = "viewer-step";
    button.dataset.step = String(by);
    return button;
  }

  listen(stage) {
    this.links.forEach((link, position) => {
      link.addEventListener("click", (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        this.open(position);
      });
    });
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.go(-1);
      else if (event.key === "ArrowRight") this.go(1);
    });
    // The browser's "back" closes the viewer, as on a phone one expects it to.
    window.addEventListener("popstate", () => this.dialog.close());
    this.dialog.addEventListener("close", () => {
      if (history.state?.viewer) history.back();
      this.image.removeAttribute("src");
      this.links[this.at].focus();
    });
    let start;
    stage.addEventListener("pointerdown", (event) => {
      start = event.isPrimary && event.pointerType !== "mouse" ? event : undefined;
    });
    stage.addEventListener("pointerup", (event) => {
      if (!start) return;
      const [x, y] = [event.clientX - start.clientX, event.clientY - start.clientY];
      start = undefined;
      if (Math.abs(x) > SWIPE && Math.abs(x) > Math.abs(y)) this.go(x < 0 ? 1 : -1);
    });
  }

  open(position) {
    this.at = position;
    history.pushState({ viewer: true }, "");
    this.show();
    this.dialog.showModal();
  }

  go(by) {
    const next = this.at + by;
    if (next < 0 || next >= this.links.length) return;
    this.at = next;
    this.show();
  }

  show() {
    const link = this.links[this.at];
    const { large, title } = link.dataset;
    this.image.src = large;
    this.image.alt = title;
    this.title.textContent = title;
    this.details.href = link.href;
    this.details.hidden = new URL(link.href).pathname.startsWith("/api/");
    this.before.disabled = this.at === 0;
    this.after.disabled = this.at === this.links.length - 1;
    if (document.activeElement?.disabled) this.close.focus();
    const neighbour = this.links[this.at + 1];
    if (neighbour) new Image().src = neighbour.dataset.large;
  }
}

const links = [...document.querySelectorAll("a[data-large]")];
if (links.length > 0 && typeof HTMLDialogElement === "function") new Viewer(links);
